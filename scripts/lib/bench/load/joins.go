// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"sort"
	"time"
)

// Sends newcomers' `team_join`, evenly, and tells how long after each acknowledgement the target was first asked about
// the newcomer. The office and this sender read the same clock.
func joins(arguments []string) {
	flags := flag.NewFlagSet("joins", flag.ExitOnError)
	address := flags.String("address", "", "host:port of the program")
	office := flags.String("office", "", "host:port of the office")
	secret := flags.String("secret", "bench-signing-secret", "the signing secret")
	count := flags.Int("count", 500, "newcomers")
	rate := flags.Int("rate", 20, "newcomers a second")
	warmUp := flags.Int("warm-up", 20, "newcomers before these, unmeasured")
	_ = flags.Parse(arguments)

	socket, err := net.Dial("tcp", *address)
	if err != nil {
		fail("cannot connect: %v", err)
	}
	buffer := make([]byte, 1<<16)
	acknowledged := make([]int64, *count+*warmUp)
	begin := time.Now()
	for number := range acknowledged {
		time.Sleep(time.Until(begin.Add(time.Duration(number) * time.Second / time.Duration(*rate))))
		request := joined("J", number).signed([]byte(*secret), *address, time.Now().Unix())
		if _, err := socket.Write(request); err != nil {
			fail("a connection failed: %v", err)
		}
		status, err := answer(socket, buffer)
		acknowledged[number] = time.Now().UnixNano()
		if err != nil || status != 200 {
			fail("a delivery was answered %d, %v", status, err)
		}
	}

	arrivals := map[string]int64{}
	for attempt := 0; attempt < 100 && missing(arrivals, len(acknowledged)) > 0; attempt++ {
		time.Sleep(100 * time.Millisecond)
		answer, err := http.Get("http://" + *office + "/bench/arrivals")
		if err != nil {
			fail("the office does not answer: %v", err)
		}
		_ = json.NewDecoder(answer.Body).Decode(&arrivals)
		_ = answer.Body.Close()
	}
	if count := missing(arrivals, len(acknowledged)); count > 0 {
		fail("the target was never asked about %d newcomers", count)
	}
	var waits []float64
	for number := *warmUp; number < len(acknowledged); number++ {
		// The target may well be asked before the acknowledgement has reached its sender.
		wait := float64(arrivals[newcomer(number)]-acknowledged[number]) / 1e6
		waits = append(waits, math.Max(wait, 0))
	}
	sort.Float64s(waits)
	at := func(part float64) float64 { return waits[int(part*float64(len(waits)-1))] }
	_ = json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"count": len(waits), "p50": at(0.5), "p99": at(0.99), "max": at(1),
	})
}

// The key that the nth newcomer's account has.
func newcomer(number int) string { return fmt.Sprintf("new.%d", number) }

func missing(arrivals map[string]int64, count int) int {
	missing := 0
	for number := 0; number < count; number++ {
		if _, isThere := arrivals[newcomer(number)]; !isThere {
			missing++
		}
	}
	return missing
}
