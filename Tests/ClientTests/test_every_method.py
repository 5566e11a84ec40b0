# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Every Web API method that the simulator covers, called by Slack's own Python SDK."""

import json
import time
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient

from conftest import Workspace, running

TOKEN = "xoxb-playground"
TEXT = {"type": "plain_text", "text": "Hello"}
MODAL = {"type": "modal", "title": TEXT, "blocks": [{"type": "section", "text": TEXT}]}
HOME = {"type": "home", "blocks": [{"type": "section", "text": TEXT}]}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A playground whose app never answers, which leaves every method's whole rate to the test."""
    with running(tmp_path_factory.mktemp("methods"), "--app", "http://127.0.0.1:9/") as (process, url, _, talk):
        workspace = Workspace(url, process, talk, wait=True)
        client = WebClient(token=TOKEN, base_url=url + "/api/", timeout=30)
        posted = client.chat_postMessage(channel=workspace.channel("general"), text="first")
        yield SimpleNamespace(
            client=client, workspace=workspace, general=posted["channel"], ts=posted["ts"], me=workspace.person,
        )


def trigger(stage, command):
    """A trigger_id as the app would have got it, had it listened."""
    stage.workspace.type(command)
    number = stage.workspace.deliveries(command)[-1]["number"]
    body = dict(part.split("=", 1) for part in stage.workspace.get(f"deliveries/{number}")["body"].split("&"))
    return body["trigger_id"]


def everything(stage):
    """Method by method, with what must be in its answer."""
    client, general, ts, me = stage.client, stage.general, stage.ts, stage.me
    other = next(one["id"] for one in stage.workspace.state()["people"] if one["name"] == "grace")
    yield client.api_test(foo="bar"), "args"
    yield client.auth_test(), "bot_id"
    yield client.api_call("blocks.validate", json={"blocks": HOME["blocks"]}), "ok"
    yield client.bots_info(bot=client.auth_test()["bot_id"]), "bot"
    yield client.chat_postEphemeral(channel=general, user=me, text="psst"), "message_ts"
    yield client.chat_getPermalink(channel=general, message_ts=ts), "permalink"
    yield client.chat_update(channel=general, ts=ts, text="second"), "ts"
    later = client.chat_scheduleMessage(channel=general, text="later", post_at=int(time.time()) + 600)
    yield later, "scheduled_message_id"
    assert client.chat_scheduledMessages_list()["scheduled_messages"][0]["id"] == later["scheduled_message_id"]
    yield client.chat_deleteScheduledMessage(channel=general, scheduled_message_id=later["scheduled_message_id"]), "ok"
    made = client.conversations_create(name="project-x")
    room = made["channel"]["id"]
    yield made, "channel"
    yield client.conversations_invite(channel=room, users=[me, other]), "channel"
    yield client.conversations_kick(channel=room, user=other), "ok"
    yield client.conversations_rename(channel=room, name="project-y"), "channel"
    yield client.conversations_setTopic(channel=room, topic="what"), "channel"
    yield client.conversations_setPurpose(channel=room, purpose="why"), "channel"
    yield client.conversations_info(channel=room), "channel"
    yield client.conversations_leave(channel=room), "ok"
    yield client.conversations_join(channel=room), "channel"
    yield client.conversations_archive(channel=room), "ok"
    yield client.conversations_unarchive(channel=room), "ok"
    yield client.conversations_open(users=[me]), "channel"
    yield client.conversations_list(limit=2), "channels"
    yield client.conversations_members(channel=general), "members"
    reply = client.chat_postMessage(channel=general, thread_ts=ts, text="a reply")
    replies = client.conversations_replies(channel=general, ts=ts)
    assert [one["ts"] for one in replies["messages"]] == [ts, reply["ts"]]
    assert replies["messages"][0]["reply_count"] == 1
    history = client.conversations_history(channel=general, limit=1)
    assert history["has_more"] and reply["ts"] not in [one["ts"] for one in history["messages"]]
    yield history, "messages"
    yield client.reactions_add(channel=general, timestamp=ts, name="eyes"), "ok"
    assert client.reactions_get(channel=general, timestamp=ts)["message"]["reactions"][0]["count"] == 1
    yield client.reactions_remove(channel=general, timestamp=ts, name="eyes"), "ok"
    yield client.emoji_list(), "emoji"
    yield client.team_info(), "team"
    group = client.usergroups_create(name="Night shift", handle="night")
    yield group, "usergroup"
    night = group["usergroup"]["id"]
    yield client.usergroups_users_update(usergroup=night, users=[me]), "usergroup"
    assert client.usergroups_users_list(usergroup=night)["users"] == [me]
    yield client.usergroups_update(usergroup=night, name="Late shift"), "usergroup"
    yield client.usergroups_disable(usergroup=night), "usergroup"
    yield client.usergroups_enable(usergroup=night), "usergroup"
    yield client.usergroups_list(include_users=True), "usergroups"
    yield client.users_list(limit=5), "members"
    yield client.users_info(user=me), "user"
    yield client.users_lookupByEmail(email="grace@example.com"), "user"
    yield client.users_conversations(user=me), "channels"
    yield client.users_getPresence(user=me), "presence"
    yield client.users_profile_get(user=me), "profile"
    yield client.views_publish(user_id=me, view=HOME), "view"
    opened = client.views_open(trigger_id=trigger(stage, "/open"), view=MODAL)
    yield opened, "view"
    yield client.views_update(view_id=opened["view"]["id"], view=MODAL), "view"
    button = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": TEXT}]}
    client.views_update(view_id=opened["view"]["id"], view={**MODAL, "blocks": [button]})
    stage.workspace.post("actions", view=opened["view"]["id"], action_id="go")
    number = stage.workspace.deliveries("block_actions go")[-1]["number"]
    payload = json.loads(parse_qs(stage.workspace.get(f"deliveries/{number}")["body"])["payload"][0])
    yield client.views_push(trigger_id=payload["trigger_id"], view=MODAL), "view"
    yield client.chat_delete(channel=general, ts=reply["ts"]), "ts"


def test_every_covered_method(stage):
    for answer, key in everything(stage):
        assert answer["ok"] and key in answer.data, answer
    called = {one["method"] for one in stage.workspace.state()["calls"]}
    assert called == set(stage.workspace.state()["app"]["methods"])
