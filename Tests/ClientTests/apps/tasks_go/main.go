// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

// A small app of somebody else, written with slack-go: a command, a button, a modal and an event.
// Nothing here knows of the playground but the API's base URL, which comes from the environment.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

var api = slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))

// verified reads a request's body after checking Slack's signature over it.
func verified(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	verifier, err := slack.NewSecretsVerifier(r.Header, os.Getenv("SLACK_SIGNING_SECRET"))
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return nil, false
	}
	body, err := io.ReadAll(io.TeeReader(r.Body, &verifier))
	if err != nil || verifier.Ensure() != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, true
}

func text(words string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, words, false, false)
}

func commands(w http.ResponseWriter, r *http.Request) {
	if _, ok := verified(w, r); !ok {
		return
	}
	command, err := slack.SlashCommandParse(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if command.Text == "form" {
		view := slack.ModalViewRequest{
			Type: slack.VTModal, CallbackID: "go_form", Title: text("Go form"), Submit: text("Send"), PrivateMetadata: command.ChannelID,
			Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock(
				"name", text("Name"), nil, slack.NewPlainTextInputBlockElement(nil, "value"))}},
		}
		if _, err := api.OpenView(command.TriggerID, view); err != nil {
			log.Print("views.open: ", err)
		}
		return
	}
	button := slack.NewButtonBlockElement("press", "7", text("Press"))
	message := slack.NewBlockMessage(slack.NewActionBlock("go", button))
	message.Text = "from Go: " + command.Text
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(message)
}

func interactions(w http.ResponseWriter, r *http.Request) {
	if _, ok := verified(w, r); !ok {
		return
	}
	var callback slack.InteractionCallback
	if json.Unmarshal([]byte(r.FormValue("payload")), &callback) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch callback.Type {
	case slack.InteractionTypeBlockActions:
		action := callback.ActionCallback.BlockActions[0]
		err := slack.PostWebhook(callback.ResponseURL, &slack.WebhookMessage{
			Text: "pressed " + action.Value, ReplaceOriginal: true})
		if err != nil {
			log.Print("response_url: ", err)
		}
	case slack.InteractionTypeViewSubmission:
		name := callback.View.State.Values["name"]["value"].Value
		if name == "bad" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(slack.NewErrorsViewSubmissionResponse(map[string]string{"name": "not this one"}))
			return
		}
		if _, _, err := api.PostMessage(callback.View.PrivateMetadata, slack.MsgOptionText("hello "+name, false)); err != nil {
			log.Print("chat.postMessage: ", err)
		}
	}
}

func events(w http.ResponseWriter, r *http.Request) {
	body, ok := verified(w, r)
	if !ok {
		return
	}
	event, err := slackevents.ParseEvent(json.RawMessage(body), slackevents.OptionNoVerifyToken())
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if event.Type == slackevents.URLVerification {
		var challenge slackevents.ChallengeResponse
		_ = json.Unmarshal(body, &challenge)
		_, _ = w.Write([]byte(challenge.Challenge))
		return
	}
	if mention, isMention := event.InnerEvent.Data.(*slackevents.AppMentionEvent); isMention {
		_, _, err := api.PostMessage(mention.Channel, slack.MsgOptionText("Go heard <@"+mention.User+">", false),
			slack.MsgOptionTS(mention.TimeStamp))
		if err != nil {
			log.Print("chat.postMessage: ", err)
		}
	}
}

func main() {
	http.HandleFunc("/commands", commands)
	http.HandleFunc("/interactions", interactions)
	http.HandleFunc("/events", events)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
