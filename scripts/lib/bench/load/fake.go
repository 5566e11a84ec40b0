// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What slack-im calls while it is measured: Slack's Web API, response URLs and one target, each answering after a
// while, as over the internet.
func fake(arguments []string) {
	flags := flag.NewFlagSet("fake", flag.ExitOnError)
	address := flags.String("address", "127.0.0.1:4102", "host:port to listen on")
	delay := flags.Duration("delay", 100*time.Millisecond, "how long every answer takes")
	_ = flags.Parse(arguments)

	var lock sync.Mutex
	accounts := map[string]map[string]interface{}{}
	reply := func(answer http.ResponseWriter, status int, value interface{}) {
		time.Sleep(*delay)
		answer.Header().Set("Content-Type", "application/json")
		answer.WriteHeader(status)
		_ = json.NewEncoder(answer).Encode(value)
	}
	type object = map[string]interface{}
	ada := object{
		"id": "U0BENCH01", "team_id": "T0BENCH01", "name": "ada", "real_name": "Ada Moreau", "deleted": false,
		"is_admin": true, "is_bot": false, "is_restricted": false, "is_ultra_restricted": false, "updated": 1795305600,
		"is_email_confirmed": true, "locale": "en-US", "tz": "Europe/Paris",
		"profile": object{"email": "ada@example.com", "real_name": "Ada Moreau"},
	}
	http.HandleFunc("/api/", func(answer http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		answer.Header().Set("X-OAuth-Scopes", "commands,chat:write,users:read,users:read.email,usergroups:read,"+
			"channels:read,groups:read,im:write")
		switch strings.TrimPrefix(request.URL.Path, "/api/") {
		case "auth.test":
			reply(answer, 200, object{"ok": true, "team_id": "T0BENCH01", "user_id": "U0BOT", "bot_id": "B0BOT",
				"team": "Bench", "user": "slack-im", "url": "https://example.slack.com/"})
		case "bots.info":
			reply(answer, 200, object{"ok": true, "bot": object{"id": "B0BOT", "app_id": "A0BENCH01"}})
		case "users.info":
			reply(answer, 200, object{"ok": true, "user": ada})
		case "users.list":
			reply(answer, 200, object{"ok": true, "members": []object{ada},
				"response_metadata": object{"next_cursor": ""}})
		default:
			reply(answer, 200, object{"ok": true, "channel": "C0BENCH01", "ts": "1795305600.000100"})
		}
	})
	http.HandleFunc("/commands/", func(answer http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		reply(answer, 200, object{"ok": true})
	})
	http.HandleFunc("/members", func(answer http.ResponseWriter, request *http.Request) {
		if request.Method != "POST" {
			lock.Lock()
			list := make([]object, 0, len(accounts))
			for _, account := range accounts {
				list = append(list, account)
			}
			lock.Unlock()
			reply(answer, 200, list)
			return
		}
		account := object{}
		if json.NewDecoder(request.Body).Decode(&account) != nil {
			reply(answer, 400, object{})
			return
		}
		key, _ := account["userId"].(string)
		lock.Lock()
		_, taken := accounts[key]
		if !taken {
			accounts[key] = account
		}
		lock.Unlock()
		if taken {
			reply(answer, 409, object{"error": "already exists"})
			return
		}
		reply(answer, 201, account)
	})
	http.HandleFunc("/members/", func(answer http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		lock.Lock()
		account, found := accounts[strings.TrimPrefix(request.URL.Path, "/members/")]
		lock.Unlock()
		if !found {
			reply(answer, 404, object{"error": "no such member"})
			return
		}
		reply(answer, 200, account)
	})
	fail("%v", http.ListenAndServe(*address, nil))
}
