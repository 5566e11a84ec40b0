// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A delivery as Slack words it: the same headers, the same fields, ids of its own.
type delivery struct {
	path, contentType, body string
}

// One `/im sync` of a person, typed for the nth time.
func command(prefix string, number int, answers string) delivery {
	fields := url.Values{
		"token":                 {"gIkuvaNzQIHg97ATvDxqgjtO"},
		"team_id":               {"T0BENCH01"},
		"team_domain":           {"example"},
		"channel_id":            {"C0BENCH01"},
		"channel_name":          {"general"},
		"user_id":               {"U0BENCH01"},
		"user_name":             {"ada"},
		"command":               {"/im"},
		"text":                  {"sync"},
		"api_app_id":            {"A0BENCH01"},
		"is_enterprise_install": {"false"},
		"response_url":          {fmt.Sprintf("%s/commands/T0BENCH01/%s%d/Bz2Fb5wO7zUw3fVx", answers, prefix, number)},
		"trigger_id":            {fmt.Sprintf("%s.%d.798b5ca32de3466e3cf1c1bde2fb4a0a", prefix, number)},
	}
	return delivery{"/slack/commands", "application/x-www-form-urlencoded", fields.Encode()}
}

// One `team_join` of the nth newcomer.
func joined(prefix string, number int) delivery {
	body := fmt.Sprintf(`{"token":"XXYYZZ","team_id":"T0BENCH01","context_team_id":"T0BENCH01",`+
		`"context_enterprise_id":null,"api_app_id":"A0BENCH01","event":{"type":"team_join","user":%[1]s,`+
		`"cache_ts":1795305600,"event_ts":"1795305600.000100"},"type":"event_callback","event_id":"Ev%[3]s%[2]d",`+
		`"event_time":1795305600,"authorizations":[{"enterprise_id":null,"team_id":"T0BENCH01",`+
		`"user_id":"U0BOT","is_bot":true,"is_enterprise_install":false}],"is_ext_shared_channel":false}`,
		user(fmt.Sprintf("U%s%07d", prefix, number), "new", number), number, prefix)
	return delivery{"/slack/events", "application/json", body}
}

// The nth of some people as Slack shows them; their addresses begin with the name.
func user(id, name string, number int) string {
	title := strings.ToUpper(name[:1]) + name[1:]
	return fmt.Sprintf(`{"id":"%[1]s",`+
		`"team_id":"T0BENCH01","name":"%[3]s.%[2]d","deleted":false,"color":"9f69e7","real_name":"%[4]s %[2]d",`+
		`"tz":"Asia\/Seoul","tz_label":"Korea Standard Time","tz_offset":32400,"profile":{"title":"","phone":"",`+
		`"skype":"","real_name":"%[4]s %[2]d","real_name_normalized":"%[4]s %[2]d","display_name":"",`+
		`"display_name_normalized":"","fields":null,"status_text":"","status_emoji":"","status_emoji_display_info":[],`+
		`"status_expiration":0,"avatar_hash":"g0123456789a","email":"%[3]s.%[2]d@example.com","first_name":"%[4]s",`+
		`"last_name":"%[2]d","image_24":"https:\/\/secure.gravatar.com\/avatar\/0123456789abcdef.jpg?s=24",`+
		`"image_48":"https:\/\/secure.gravatar.com\/avatar\/0123456789abcdef.jpg?s=48",`+
		`"image_192":"https:\/\/secure.gravatar.com\/avatar\/0123456789abcdef.jpg?s=192","status_text_canonical":"",`+
		`"team":"T0BENCH01"},"is_admin":false,"is_owner":false,"is_primary_owner":false,"is_restricted":false,`+
		`"is_ultra_restricted":false,"is_bot":false,"is_app_user":false,"updated":1795305600,`+
		`"is_email_confirmed":true,"who_can_share_contact_card":"EVERYONE","presence":"away"}`,
		id, number, name, title)
}

// The bytes that go over the wire.
func (d delivery) signed(secret []byte, host string, timestamp int64) []byte {
	stamp := strconv.FormatInt(timestamp, 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("v0:" + stamp + ":" + d.body))
	return []byte("POST " + d.path + " HTTP/1.1\r\n" +
		"Host: " + host + "\r\n" +
		"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n" +
		"Accept-Encoding: gzip,deflate\r\n" +
		"Accept: application/json,*/*\r\n" +
		"X-Slack-Signature: v0=" + hex.EncodeToString(mac.Sum(nil)) + "\r\n" +
		"X-Slack-Request-Timestamp: " + stamp + "\r\n" +
		"Content-Length: " + strconv.Itoa(len(d.body)) + "\r\n" +
		"Content-Type: " + d.contentType + "\r\n\r\n" + d.body)
}
