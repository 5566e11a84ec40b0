// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A workspace of many people and one target: everything is rendered beforehand, so that answering costs next to
// nothing beside the delay.
type office struct {
	delay  time.Duration
	people [][]byte

	lock     sync.Mutex
	accounts [][]byte
	places   map[string]int
	// When a key was first asked for or sent, in nanoseconds.
	arrivals map[string]int64
	counts   map[string]int
}

func serveOffice(arguments []string) {
	flags := flag.NewFlagSet("office", flag.ExitOnError)
	address := flags.String("address", "127.0.0.1:4119", "host:port to listen on")
	people := flags.Int("people", 10000, "members of the workspace")
	delay := flags.Duration("delay", 5*time.Millisecond, "how long every answer takes")
	_ = flags.Parse(arguments)

	office := &office{
		delay: *delay, people: make([][]byte, *people),
		places: map[string]int{}, arrivals: map[string]int64{}, counts: map[string]int{},
	}
	for number := range office.people {
		office.people[number] = []byte(user(fmt.Sprintf("U0BENCH%07d", number), "member", number))
	}
	// A second thread would be woken for most answers, and take longer to wake than to answer.
	runtime.GOMAXPROCS(1)
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		fail("%v", err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail("%v", err)
		}
		go office.serve(connection)
	}
}

// Answers one request after the other, each when its time has come: counted from when all of it was there to when its
// answer is sent, and true on average, for an alarm that rings late is set earlier the next time. Go's own server
// took much of the cores that are shared with whoever is measured, and its timers were up to a millisecond late.
func (o *office) serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	alarm := newAlarm()
	defer alarm.close()
	early := time.Duration(0)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		now := time.Now()
		request.Body = io.NopCloser(bytes.NewReader(body))
		if !strings.HasPrefix(request.URL.Path, "/bench/") {
			alarm.sleep(o.delay - early)
		}
		status, parts := o.answer(request, body, now.UnixNano())
		length := 0
		for _, part := range parts {
			length += len(part)
		}
		answer := make([]byte, 0, length+512)
		answer = append(answer, fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n",
			status, http.StatusText(status), length)...)
		if strings.HasPrefix(request.URL.Path, "/api/") {
			answer = append(answer, "X-OAuth-Scopes: commands,chat:write,users:read,users:read.email,usergroups:read,"+
				"channels:read,groups:read,im:write\r\n"...)
		}
		answer = append(answer, "\r\n"...)
		for _, part := range parts {
			answer = append(answer, part...)
		}
		early += (time.Since(now) - o.delay) / 16
		if early < 0 {
			early = 0
		} else if early > o.delay/10 {
			early = o.delay / 10
		}
		if _, err := connection.Write(answer); err != nil || request.Close {
			return
		}
	}
}

func (o *office) answer(request *http.Request, body []byte, now int64) (int, [][]byte) {
	path := request.URL.Path
	switch {
	case strings.HasPrefix(path, "/api/"):
		return o.slack(strings.TrimPrefix(path, "/api/"), request)
	case path == "/members":
		return o.everybody(request, body, now)
	case strings.HasPrefix(path, "/members/"):
		return o.one(strings.TrimPrefix(path, "/members/"), request, body, now)
	}
	o.lock.Lock()
	defer o.lock.Unlock()
	var text []byte
	switch path {
	case "/bench/counts":
		text, _ = json.Marshal(o.counts)
	case "/bench/arrivals":
		text, _ = json.Marshal(o.arrivals)
	default:
		return reply(404, []byte("{}"))
	}
	return reply(200, text)
}

func reply(status int, parts ...[]byte) (int, [][]byte) { return status, parts }

// Values between commas, as the inside of an array.
func joinedUp(values [][]byte) []byte {
	length := 0
	for _, value := range values {
		length += len(value) + 1
	}
	text := make([]byte, 0, length)
	for place, value := range values {
		if place > 0 {
			text = append(text, ',')
		}
		text = append(text, value...)
	}
	return text
}

func (o *office) slack(method string, request *http.Request) (int, [][]byte) {
	switch method {
	case "auth.test":
		return reply(200, []byte(`{"ok":true,"team_id":"T0BENCH01","user_id":"U0BOT","bot_id":"B0BOT",`+
			`"team":"Bench","user":"slack-im","url":"https://example.slack.com/"}`))
	case "bots.info":
		return reply(200, []byte(`{"ok":true,"bot":{"id":"B0BOT","app_id":"A0BENCH01"}}`))
	case "users.list":
		limit, _ := strconv.Atoi(request.FormValue("limit"))
		if limit < 1 || limit > 999 {
			limit = 200
		}
		from, _ := strconv.Atoi(strings.TrimSuffix(request.FormValue("cursor"), "="))
		to := from + limit
		cursor := strconv.Itoa(to) + "="
		if to >= len(o.people) {
			to, cursor = len(o.people), ""
		}
		return reply(200, []byte(`{"ok":true,"members":[`), joinedUp(o.people[from:to]),
			[]byte(`],"cache_ts":1795305600,"response_metadata":{"next_cursor":"`+cursor+`"}}`))
	default:
		return reply(200, []byte(`{"ok":true,"channel":"C0BENCH01","ts":"1795305600.000100"}`))
	}
}

// Lists a page, or takes an account.
func (o *office) everybody(request *http.Request, body []byte, now int64) (int, [][]byte) {
	if request.Method == "GET" {
		page, _ := strconv.Atoi(request.FormValue("page"))
		size, _ := strconv.Atoi(request.FormValue("size"))
		if page < 1 || size < 1 {
			page, size = 1, len(o.people)
		}
		o.lock.Lock()
		from, to := (page-1)*size, page*size
		if from < 0 || from > len(o.accounts) {
			from = len(o.accounts)
		}
		if to > len(o.accounts) {
			to = len(o.accounts)
		}
		list := joinedUp(o.accounts[from:to])
		o.counts["lists"]++
		o.lock.Unlock()
		return reply(200, []byte("["), list, []byte("]"))
	}
	var account struct {
		UserID string `json:"userId"`
	}
	if request.Method != "POST" || json.Unmarshal(body, &account) != nil || account.UserID == "" {
		return reply(400, []byte("{}"))
	}
	o.lock.Lock()
	o.arrive(account.UserID, now)
	_, isTaken := o.places[account.UserID]
	if !isTaken {
		o.places[account.UserID] = len(o.accounts)
		o.accounts = append(o.accounts, body)
		o.counts["creates"]++
	}
	o.lock.Unlock()
	if isTaken {
		return reply(409, []byte(`{"error":"already exists"}`))
	}
	return reply(201, body)
}

func (o *office) one(key string, request *http.Request, body []byte, now int64) (int, [][]byte) {
	o.lock.Lock()
	o.arrive(key, now)
	var account []byte
	place, isThere := o.places[key]
	switch {
	case !isThere:
	case request.Method == "GET":
		o.counts["finds"]++
		account = o.accounts[place]
	case request.Method == "PUT":
		o.counts["updates"]++
		o.accounts[place] = body
		account = body
	default:
		// Nobody leaves here: a removal or a switch would be a fault, and counts as a write.
		o.counts["updates"]++
		account = o.accounts[place]
	}
	o.lock.Unlock()
	if !isThere {
		return reply(404, []byte(`{"error":"no such member"}`))
	}
	return reply(200, account)
}

func (o *office) arrive(key string, now int64) {
	if earlier, isKnown := o.arrivals[key]; !isKnown || now < earlier {
		o.arrivals[key] = now
	}
}
