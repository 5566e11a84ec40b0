# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A small app of somebody else, as Bolt for Python has it written: tasks by command, button, modal and App Home.

Nothing here knows of the playground but the API's base URL, which comes from the environment.
"""

import os
import sys

from slack_bolt import App
from slack_sdk import WebClient

client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = App(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
tasks = []


def plain(text):
    return {"type": "plain_text", "text": text}


def task_blocks(title, done=False):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": f"{'✅ ~' + title + '~' if done else '*' + title + '*'}"}}]
    if not done:
        blocks.append({"type": "actions", "block_id": "task", "elements": [
            {"type": "button", "action_id": "finish", "text": plain("Finish"), "style": "primary", "value": title},
            {"type": "button", "action_id": "drop", "text": plain("Drop"), "style": "danger", "value": title,
             "confirm": {"title": plain("Drop it?"), "text": plain("It will be gone."), "confirm": plain("Drop"),
                         "deny": plain("Keep")}},
            {"type": "users_select", "action_id": "assign", "placeholder": plain("Assign to")},
            {"type": "overflow", "action_id": "more", "options": [
                {"text": plain("Later"), "value": "later"}, {"text": plain("Never"), "value": "never"}]},
        ]})
    return blocks


def form(metadata=""):
    return {
        "type": "modal", "callback_id": "new_task", "title": plain("New task"), "submit": plain("Add"),
        "close": plain("Cancel"), "notify_on_close": True, "private_metadata": metadata,
        "blocks": [
            {"type": "input", "block_id": "title", "label": plain("Title"),
             "element": {"type": "plain_text_input", "action_id": "value", "max_length": 80}},
            {"type": "input", "block_id": "due", "label": plain("Due"), "optional": True,
             "element": {"type": "datepicker", "action_id": "value"}},
            {"type": "input", "block_id": "kind", "label": plain("Kind"), "optional": True,
             "element": {"type": "radio_buttons", "action_id": "value", "options": [
                 {"text": plain("Chore"), "value": "chore"}, {"text": plain("Idea"), "value": "idea"}]}},
            {"type": "input", "block_id": "tags", "label": plain("Tags"), "optional": True,
             "element": {"type": "checkboxes", "action_id": "value", "options": [
                 {"text": plain("Urgent"), "value": "urgent"}, {"text": plain("Fun"), "value": "fun"}]}},
            {"type": "input", "block_id": "project", "label": plain("Project"), "optional": True,
             "element": {"type": "external_select", "action_id": "project", "min_query_length": 1,
                         "placeholder": plain("Search projects")}},
        ],
    }


@app.command("/task")
def command(ack, respond, say, command, client):
    ack()
    text = command["text"].strip()
    if text == "new":
        client.views_open(trigger_id=command["trigger_id"], view=form(command["channel_id"]))
    elif text:
        tasks.append(text)
        say(text=f"New task: {text}", blocks=task_blocks(text))
    else:
        respond(f"{len(tasks)} tasks. Try `/task new`.")


@app.action("finish")
def finish(ack, body, respond, action, client):
    ack()
    respond(text=f"Done: {action['value']}", blocks=task_blocks(action["value"], done=True), replace_original=True)
    client.chat_postMessage(
        channel=body["channel"]["id"], thread_ts=body["message"]["ts"], text=f"<@{body['user']['id']}> finished it"
    )


@app.action("drop")
def drop(ack, respond):
    ack()
    respond(delete_original=True)


@app.action("assign")
def assign(ack, action, respond):
    ack()
    respond(text=f"Assigned to <@{action['selected_user']}>", response_type="ephemeral", replace_original=False)


@app.action("more")
def more(ack, action, respond):
    ack()
    respond(text=f"More: {action['selected_option']['value']}", replace_original=False)


@app.options("project")
def projects(ack, payload):
    names = ["Apollo", "Apache", "Borealis"]
    found = [name for name in names if payload["value"].lower() in name.lower()]
    ack(options=[{"text": plain(name), "value": name.lower()} for name in found])


@app.view("new_task")
def submitted(ack, view, client):
    values = view["state"]["values"]
    title = values["title"]["value"]["value"]
    if title == "forbidden":
        ack(response_action="errors", errors={"title": "Choose another title."})
        return
    if title == "sure?":
        ack(response_action="push", view={
            "type": "modal", "callback_id": "sure", "title": plain("Are you sure?"), "submit": plain("Yes"),
            "private_metadata": title, "blocks": [{"type": "section", "text": plain("A task with a question mark?")}]})
        return
    ack()
    tasks.append(title)
    due = values["due"]["value"]["selected_date"]
    client.chat_postMessage(
        channel=view["private_metadata"], text=f"New task: {title}" + (f", due {due}" if due else ""),
        blocks=task_blocks(title),
    )


@app.view("sure")
def sure(ack):
    ack(response_action="clear")


@app.view_closed("new_task")
def closed(ack, body, client):
    ack()
    client.chat_postMessage(channel=body["user"]["id"], text="No task then.")


@app.shortcut("add_task")
def shortcut(ack, shortcut, client):
    ack()
    client.views_open(trigger_id=shortcut["trigger_id"], view=form(shortcut["user"]["id"]))


@app.shortcut("task_from_message")
def from_message(ack, shortcut, client):
    ack()
    client.chat_postEphemeral(
        channel=shortcut["channel"]["id"], user=shortcut["user"]["id"], text=f"Noted: {shortcut['message']['text']}"
    )


@app.event("app_mention")
def mentioned(event, say):
    say(text=f"You called, <@{event['user']}>?", thread_ts=event["ts"])


@app.event("team_join")
def joined(event, client):
    client.chat_postMessage(channel=event["user"]["id"], text="Welcome!")


@app.event("app_home_opened")
def home(event, client):
    if event["tab"] != "home":
        return
    client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [
        {"type": "header", "text": plain("Your tasks")},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"There are *{len(tasks)}*."},
         "accessory": {"type": "button", "action_id": "refresh", "text": plain("Refresh")}},
    ]})


@app.action("refresh")
def refresh(ack, body, client):
    ack()
    client.views_publish(user_id=body["user"]["id"], hash=body["view"]["hash"], view={"type": "home", "blocks": [
        {"type": "header", "text": plain("Your tasks, fresh")}]})


if __name__ == "__main__":
    app.start(port=int(sys.argv[1]))
