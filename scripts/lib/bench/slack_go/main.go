// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

// The peer in Go: slack-go on net/http. Verifies every request as slack-go's examples do, reads it, and answers;
// nothing is stored.
package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

func main() {
	secret := os.Getenv("SLACK_SIGNING_SECRET")

	// The body of a request that Slack has signed; answers others itself.
	verified := func(answer http.ResponseWriter, request *http.Request) ([]byte, bool) {
		body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, 1<<20))
		if err != nil {
			answer.WriteHeader(http.StatusRequestEntityTooLarge)
			return nil, false
		}
		verifier, err := slack.NewSecretsVerifier(request.Header, secret)
		if err != nil {
			answer.WriteHeader(http.StatusUnauthorized)
			return nil, false
		}
		if _, err := verifier.Write(body); err != nil || verifier.Ensure() != nil {
			answer.WriteHeader(http.StatusUnauthorized)
			return nil, false
		}
		return body, true
	}

	http.HandleFunc("/slack/commands", func(answer http.ResponseWriter, request *http.Request) {
		body, ok := verified(answer, request)
		if !ok {
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		command, err := slack.SlashCommandParse(request)
		if err != nil || command.Command != "/im" {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		answer.Header().Set("Content-Type", "application/json")
		_, _ = answer.Write([]byte(`{"response_type":"ephemeral","text":"Syncing every target."}`))
	})
	http.HandleFunc("/slack/events", func(answer http.ResponseWriter, request *http.Request) {
		body, ok := verified(answer, request)
		if !ok {
			return
		}
		event, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
		if err != nil || event.InnerEvent.Type != "team_join" {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		answer.WriteHeader(http.StatusOK)
	})
	http.HandleFunc("/readyz", func(answer http.ResponseWriter, _ *http.Request) {})
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
