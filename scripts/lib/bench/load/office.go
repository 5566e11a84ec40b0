// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
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
	http.HandleFunc("/api/", office.slack)
	http.HandleFunc("/members", office.everybody)
	http.HandleFunc("/members/", office.one)
	http.HandleFunc("/bench/counts", func(answer http.ResponseWriter, _ *http.Request) {
		office.lock.Lock()
		defer office.lock.Unlock()
		_ = json.NewEncoder(answer).Encode(office.counts)
	})
	http.HandleFunc("/bench/arrivals", func(answer http.ResponseWriter, _ *http.Request) {
		office.lock.Lock()
		defer office.lock.Unlock()
		_ = json.NewEncoder(answer).Encode(office.arrivals)
	})
	fail("%v", http.ListenAndServe(*address, nil))
}

func (o *office) reply(answer http.ResponseWriter, status int, parts ...[]byte) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	answer.Header().Set("Content-Type", "application/json")
	answer.Header().Set("Content-Length", strconv.Itoa(length))
	answer.WriteHeader(status)
	for _, part := range parts {
		_, _ = answer.Write(part)
	}
}

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

func (o *office) slack(answer http.ResponseWriter, request *http.Request) {
	time.Sleep(o.delay)
	answer.Header().Set("X-OAuth-Scopes", "commands,chat:write,users:read,users:read.email,usergroups:read,"+
		"channels:read,groups:read,im:write")
	switch strings.TrimPrefix(request.URL.Path, "/api/") {
	case "auth.test":
		o.reply(answer, 200, []byte(`{"ok":true,"team_id":"T0BENCH01","user_id":"U0BOT","bot_id":"B0BOT",`+
			`"team":"Bench","user":"slack-im","url":"https://example.slack.com/"}`))
	case "bots.info":
		o.reply(answer, 200, []byte(`{"ok":true,"bot":{"id":"B0BOT","app_id":"A0BENCH01"}}`))
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
		o.reply(answer, 200, []byte(`{"ok":true,"members":[`), joinedUp(o.people[from:to]),
			[]byte(`],"cache_ts":1795305600,"response_metadata":{"next_cursor":"`+cursor+`"}}`))
	default:
		o.reply(answer, 200, []byte(`{"ok":true,"channel":"C0BENCH01","ts":"1795305600.000100"}`))
	}
}

// Lists a page, or takes an account.
func (o *office) everybody(answer http.ResponseWriter, request *http.Request) {
	now := time.Now().UnixNano()
	if request.Method == "GET" {
		page, _ := strconv.Atoi(request.FormValue("page"))
		size, _ := strconv.Atoi(request.FormValue("size"))
		if page < 1 || size < 1 {
			page, size = 1, len(o.people)
		}
		time.Sleep(o.delay)
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
		o.reply(answer, 200, []byte("["), list, []byte("]"))
		return
	}
	body, _ := io.ReadAll(request.Body)
	var account struct {
		UserID string `json:"userId"`
	}
	if request.Method != "POST" || json.Unmarshal(body, &account) != nil || account.UserID == "" {
		o.reply(answer, 400, []byte("{}"))
		return
	}
	time.Sleep(o.delay)
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
		o.reply(answer, 409, []byte(`{"error":"already exists"}`))
		return
	}
	o.reply(answer, 201, body)
}

func (o *office) one(answer http.ResponseWriter, request *http.Request) {
	now := time.Now().UnixNano()
	key := strings.TrimPrefix(request.URL.Path, "/members/")
	body, _ := io.ReadAll(request.Body)
	time.Sleep(o.delay)
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
		o.reply(answer, 404, []byte(`{"error":"no such member"}`))
		return
	}
	o.reply(answer, 200, account)
}

func (o *office) arrive(key string, now int64) {
	if earlier, isKnown := o.arrivals[key]; !isKnown || now < earlier {
		o.arrivals[key] = now
	}
}
