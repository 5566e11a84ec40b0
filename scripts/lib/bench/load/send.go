// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What one connection saw.
type seen struct {
	latencies []time.Duration
	statuses  map[int]int
	err       error
}

func send(arguments []string) {
	flags := flag.NewFlagSet("send", flag.ExitOnError)
	address := flags.String("address", "", "host:port of the program")
	kind := flags.String("kind", "command", "command | event")
	secret := flags.String("secret", "bench-signing-secret", "the signing secret")
	answers := flags.String("answers", "http://127.0.0.1:1", "base of the response URLs")
	connections := flags.Int("connections", 32, "keep-alive connections")
	seconds := flags.Float64("seconds", 3, "how long is measured")
	warmUp := flags.Float64("warm-up", 0.5, "how long is sent before, unmeasured")
	rate := flags.Int("rate", 0, "requests a second, evenly; 0: as fast as they are answered")
	most := flags.Int("most", 200000, "requests made beforehand; the run ends early when they are used up")
	prefix := flags.String("prefix", "A", "makes the ids of this run its own")
	_ = flags.Parse(arguments)

	requests := make([][]byte, *most)
	if *rate > 0 {
		requests = requests[:int(float64(*rate)*(*seconds+*warmUp))]
	}
	now := time.Now().Unix()
	for number := range requests {
		made := command(*prefix, number, *answers)
		if *kind == "event" {
			made = joined(*prefix, number)
		}
		requests[number] = made.signed([]byte(*secret), *address, now)
	}

	sockets := make([]net.Conn, *connections)
	for i := range sockets {
		socket, err := net.Dial("tcp", *address)
		if err != nil {
			fail("cannot connect: %v", err)
		}
		sockets[i] = socket
	}
	// No pause of ours may look like one of the program's.
	debug.SetGCPercent(-1)

	begin := time.Now()
	from := begin.Add(time.Duration(*warmUp * float64(time.Second)))
	until := from.Add(time.Duration(*seconds * float64(time.Second)))
	var next int64 = -1
	results := make([]seen, len(sockets))
	var before syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	var all sync.WaitGroup
	for i := range sockets {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			results[i] = run(sockets[i], requests, &next, *rate, begin, from, until)
		}(i)
	}
	all.Wait()
	end := time.Now()
	var after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)

	statuses := map[string]int{}
	var latencies []time.Duration
	for _, result := range results {
		if result.err != nil {
			fail("a connection failed: %v", result.err)
		}
		latencies = append(latencies, result.latencies...)
		for status, count := range result.statuses {
			statuses[strconv.Itoa(status)] += count
		}
	}
	if len(latencies) == 0 {
		fail("nothing was answered in time")
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	if end.After(until) {
		end = until
	}
	at := func(part float64) float64 {
		place := int(part * float64(len(latencies)))
		if place >= len(latencies) {
			place = len(latencies) - 1
		}
		return float64(latencies[place].Nanoseconds()) / 1e6
	}
	spent := float64(cpu(after)-cpu(before)) / 1e6 / time.Since(begin).Seconds()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"answered": len(latencies), "statuses": statuses,
		"per_second": float64(len(latencies)) / end.Sub(from).Seconds(),
		"p50":        at(0.5), "p99": at(0.99), "p999": at(0.999), "max": at(1),
		"sender_load": spent,
	})
}

func cpu(usage syscall.Rusage) int64 {
	return usage.Utime.Sec*1e6 + usage.Utime.Usec + usage.Stime.Sec*1e6 + usage.Stime.Usec
}

// Sends one request after the other. With a rate, latency counts from when a request was due, so that a slow answer
// cannot hide the wait of those behind it.
func run(socket net.Conn, requests [][]byte, next *int64, rate int, begin, from, until time.Time) seen {
	result := seen{latencies: make([]time.Duration, 0, 1<<16), statuses: map[int]int{}}
	buffer := make([]byte, 1<<16)
	for {
		number := int(atomic.AddInt64(next, 1))
		if number >= len(requests) {
			return result
		}
		start := time.Now()
		if rate > 0 {
			due := begin.Add(time.Duration(number) * time.Second / time.Duration(rate))
			time.Sleep(due.Sub(start))
			start = due
		}
		if start.After(until) {
			return result
		}
		if _, err := socket.Write(requests[number]); err != nil {
			result.err = err
			return result
		}
		status, err := answer(socket, buffer)
		if err != nil {
			result.err = err
			return result
		}
		now := time.Now()
		if start.Before(from) || now.After(until) {
			continue
		}
		result.latencies = append(result.latencies, now.Sub(start))
		result.statuses[status]++
	}
}

var endOfHead = []byte("\r\n\r\n")

// Reads one whole answer and returns its status.
func answer(socket net.Conn, buffer []byte) (int, error) {
	length := 0
	for {
		count, err := socket.Read(buffer[length:])
		if err != nil {
			return 0, err
		}
		length += count
		head := bytes.Index(buffer[:length], endOfHead)
		if head < 0 {
			continue
		}
		whole, err := wholeLength(buffer[:head], buffer[head+4:length])
		if err != nil {
			return 0, err
		}
		for whole > 0 && length < head+4+whole {
			count, err := socket.Read(buffer[length:])
			if err != nil {
				return 0, err
			}
			length += count
		}
		for whole < 0 && !bytes.HasSuffix(buffer[:length], []byte("0\r\n\r\n")) {
			count, err := socket.Read(buffer[length:])
			if err != nil {
				return 0, err
			}
			length += count
		}
		return strconv.Atoi(string(buffer[9:12]))
	}
}

// Bytes of the body; -1 when it comes in chunks.
func wholeLength(head, rest []byte) (int, error) {
	lower := bytes.ToLower(head)
	if place := bytes.Index(lower, []byte("\ncontent-length:")); place >= 0 {
		line := lower[place+len("\ncontent-length:"):]
		if stop := bytes.IndexByte(line, '\r'); stop >= 0 {
			line = line[:stop]
		}
		return strconv.Atoi(string(bytes.TrimSpace(line)))
	}
	if bytes.Contains(lower, []byte("transfer-encoding: chunked")) {
		return -1, nil
	}
	return 0, fmt.Errorf("an answer without a length: %q", head)
}
