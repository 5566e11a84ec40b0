// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

// Sends Sentry envelopes over keep-alive connections and tells how fast they were acknowledged.
//
//	envelopes -address 127.0.0.1:4121 -path /api/7/envelope/ -key KEY -events DIRECTORY -coding gzip -seconds 3
//
// Every event has an id, a time and a user of its own. What is the same in all events of a kind is packed before the
// clock starts: a DEFLATE stream may consist of parts, so only the few bytes in front are written for each event.
package main

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What follows an event's own members: plain, and packed.
type rest struct {
	plain  []byte
	packed []byte
}

// The names that make a group of its own of an event, see events.py.
const (
	markedType     = "FreshMarkerError"
	markedFunction = "fresh_marker"
)

var words = strings.Fields(`settle refund invoice monthly yearly order basket stock ship parcel label price tax
	coupon member account ledger report export import print quote renew cancel notify archive restore merge split
	verify close open audit assign`)

func main() {
	address := flag.String("address", "", "host:port of the program")
	path := flag.String("path", "/api/7/envelope/", "the project's address")
	key := flag.String("key", "", "the DSN's key")
	events := flag.String("events", "", "directory with the events' common parts")
	coding := flag.String("coding", "gzip", "gzip | plain")
	connections := flag.Int("connections", 32, "connections")
	seconds := flag.Float64("seconds", 3, "how long is sent; 0: until count is reached")
	count := flag.Int("count", 1<<30, "events at most")
	fresh := flag.Int("fresh", 100, "every so manieth event is an error that was never seen")
	first := flag.Int("first", 0, "number of the first event, so that a second run has new errors, too")
	flag.Parse()

	known, marked := load(*events)
	fresher := freshOnes(marked, *fresh, *first, *count, *seconds)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sentry.python/2\r\n"+
		"X-Sentry-Auth: Sentry sentry_key=%s, sentry_version=7, sentry_client=sentry.python/2\r\n"+
		"Content-Type: application/x-sentry-envelope\r\n", *path, *address, *key)
	if *coding == "gzip" {
		head += "Content-Encoding: gzip\r\n"
	}
	var seed [12]byte
	if _, err := rand.Read(seed[:]); err != nil {
		fail("no random bytes: %v", err)
	}
	// No pause of ours may look like one of the program's, but 100,000 events must not fill the memory either.
	debug.SetGCPercent(400)

	begin := time.Now()
	until := begin.Add(time.Duration(*seconds * float64(time.Second)))
	var next int64 = -1
	results := make([]seen, *connections)
	var before syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	var all sync.WaitGroup
	for place := range results {
		all.Add(1)
		go func(result *seen) {
			defer all.Done()
			line := connection{address: *address, head: head, packed: *coding == "gzip", seed: seed}
			for {
				number := int(atomic.AddInt64(&next, 1))
				if number >= *count || (*seconds > 0 && time.Now().After(until)) {
					return
				}
				which := &known[(number*7919)%len(known)]
				if *fresh > 0 && number%*fresh == *fresh-1 && number / *fresh < len(fresher) {
					which = &fresher[number / *fresh]
				}
				started := time.Now()
				status, err := line.send(which, *first+number)
				if err != nil {
					result.err = err
					return
				}
				result.latencies = append(result.latencies, time.Since(started))
				result.statuses[status]++
			}
		}(&results[place])
		results[place].statuses = map[int]int{}
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	var after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	report(results, begin, took, float64(cpu(after)-cpu(before))/1e6/took)
}

// What one connection saw.
type seen struct {
	latencies []time.Duration
	statuses  map[int]int
	err       error
}

func report(results []seen, begin time.Time, took, load float64) {
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
		fail("nothing was answered")
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	at := func(part float64) float64 {
		place := min(int(part*float64(len(latencies))), len(latencies)-1)
		return float64(latencies[place].Nanoseconds()) / 1e6
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"answered": len(latencies), "statuses": statuses, "begin": float64(begin.UnixNano()) / 1e9,
		"per_second": float64(len(latencies)) / took, "p50": at(0.5), "p99": at(0.99), "max": at(1),
		"sender_load": load,
	})
}

func cpu(usage syscall.Rusage) int64 {
	return usage.Utime.Sec*1e6 + usage.Utime.Usec + usage.Stime.Sec*1e6 + usage.Stime.Usec
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

// Events

// Reads what events.py has made: the common parts of known errors, and those that stand for new ones.
func load(directory string) (known []rest, marked [][]byte) {
	names, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil || len(names) == 0 {
		fail("no events in %s", directory)
	}
	sort.Strings(names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			fail("%v", err)
		}
		// Its own members come first, in place of the opening brace.
		text = append([]byte(","), bytes.TrimPrefix(bytes.TrimSpace(text), []byte("{"))...)
		if strings.HasPrefix(filepath.Base(name), "fresh") {
			marked = append(marked, text)
		} else {
			known = append(known, rest{text, packed(text)})
		}
	}
	return known, marked
}

// Errors that were never seen: the same shape with other names of functions and types.
func freshOnes(marked [][]byte, every, first, count int, seconds float64) []rest {
	if every <= 0 || len(marked) == 0 {
		return nil
	}
	most := min(count, 1000000) / every
	if seconds > 0 {
		most = min(most, int(seconds*6000)/every)
	}
	fresh := make([]rest, most)
	for place := range fresh {
		number := first/every + place
		name := ""
		kind := ""
		for rank := 0; rank < 4; rank++ {
			word := words[number%len(words)]
			number /= len(words)
			name += "_" + word
			kind += strings.ToUpper(word[:1]) + word[1:]
		}
		text := bytes.ReplaceAll(marked[place%len(marked)], []byte(markedType), []byte(kind+"Error"))
		text = bytes.ReplaceAll(text, []byte(markedFunction), []byte(name[1:]))
		fresh[place] = rest{text, packed(text)}
	}
	return fresh
}

func packed(text []byte) []byte {
	var output bytes.Buffer
	writer, err := flate.NewWriter(&output, flate.BestCompression)
	if err != nil {
		fail("%v", err)
	}
	_, _ = writer.Write(text)
	_ = writer.Close()
	return output.Bytes()
}

// Connections

type connection struct {
	address string
	head    string
	packed  bool
	seed    [12]byte
	socket  net.Conn
	buffer  [1 << 16]byte
}

// Sends one event and returns the answer's status.
func (line *connection) send(which *rest, number int) (int, error) {
	if line.socket == nil {
		socket, err := net.Dial("tcp", line.address)
		if err != nil {
			return 0, err
		}
		line.socket = socket
	}
	var id [16]byte
	copy(id[:], line.seed[:])
	binary.BigEndian.PutUint32(id[12:], uint32(number))
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	own := fmt.Sprintf(`{"event_id":"%s","timestamp":"%s","user":{"id":"%d","username":"member%d","ip_address":"10.0.0.%d"}`,
		hex.EncodeToString(id[:]), now, number%700, number%700, number%200)
	front := fmt.Sprintf("{\"event_id\":\"%s\",\"sent_at\":\"%s\"}\n"+
		"{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":%d}\n%s",
		hex.EncodeToString(id[:]), now, len(own)+len(which.plain), own)

	parts := net.Buffers{nil, []byte(front), which.plain}
	if line.packed {
		// A gzip header, the front as a stored block, the packed rest, and the checksum of both.
		start := []byte{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 0xFF, 0, 0, 0, 0, 0}
		binary.LittleEndian.PutUint16(start[11:], uint16(len(front)))
		binary.LittleEndian.PutUint16(start[13:], ^uint16(len(front)))
		sum := crc32.Update(crc32.ChecksumIEEE([]byte(front)), crc32.IEEETable, which.plain)
		end := make([]byte, 8)
		binary.LittleEndian.PutUint32(end, sum)
		binary.LittleEndian.PutUint32(end[4:], uint32(len(front)+len(which.plain)))
		parts = net.Buffers{nil, start, []byte(front), which.packed, end}
	}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	parts[0] = []byte(line.head + "Content-Length: " + strconv.Itoa(length) + "\r\n\r\n")
	if _, err := parts.WriteTo(line.socket); err != nil {
		return 0, err
	}
	status, isLast, err := line.answer()
	if isLast || err != nil {
		_ = line.socket.Close()
		line.socket = nil
	}
	return status, err
}

var endOfHead = []byte("\r\n\r\n")

// Reads one whole answer: its status, and whether the connection ends with it.
func (line *connection) answer() (status int, isLast bool, err error) {
	length := 0
	for {
		count, err := line.socket.Read(line.buffer[length:])
		if err != nil {
			return 0, true, err
		}
		length += count
		head := bytes.Index(line.buffer[:length], endOfHead)
		if head < 0 {
			continue
		}
		lower := bytes.ToLower(line.buffer[:head])
		isLast = bytes.Contains(lower, []byte("connection: close"))
		place := bytes.Index(lower, []byte("\ncontent-length:"))
		if place < 0 {
			return 0, true, fmt.Errorf("an answer without a length: %q", lower)
		}
		text := string(lower[place+len("\ncontent-length:"):])
		body, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(text, "\r", 2)[0]))
		if err != nil {
			return 0, true, err
		}
		for length < head+4+body {
			count, err := line.socket.Read(line.buffer[length:])
			if err != nil {
				return 0, true, err
			}
			length += count
		}
		status, err = strconv.Atoi(string(line.buffer[9:12]))
		return status, isLast, err
	}
}

func fail(text string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, text+"\n", values...)
	os.Exit(2)
}
