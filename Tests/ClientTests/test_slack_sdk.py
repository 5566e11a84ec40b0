# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Slack's own Python SDK against the playground: its Web API as client, its signatures as sender."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from conftest import SIGNING_SECRET, TOKEN


def post(url: str, body: bytes, headers: dict) -> tuple:
    """Status, content type and body of the answer, whatever the status is."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get_content_type(), answer.read()


def signed(body: bytes, secret: str = SIGNING_SECRET, at: int | None = None) -> dict:
    timestamp = str(int(time.time()) if at is None else at)
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def command(client: WebClient, text: str, answer_at: str) -> bytes:
    """The form of a slash command as Slack sends it."""
    team = client.auth_test()["team_id"]
    person = next(m for m in client.users_list()["members"] if not m.get("is_bot") and m["id"] != "USLACKBOT")
    fields = {
        "token": "unused", "team_id": team, "team_domain": "playground", "channel_id": "C0", "channel_name": "general",
        "user_id": person["id"], "user_name": person["name"], "command": "/im", "text": text,
        "response_url": answer_at + "/commands/T0/1/client-tests", "trigger_id": "1.2.client-tests",
    }
    return urllib.parse.urlencode(fields).encode()


@pytest.fixture
def client(simulator_url) -> WebClient:
    return WebClient(token=TOKEN, base_url=simulator_url + "/api/")


def test_the_program_prints_one_address_and_it_is_the_page(playground):
    printed = [urllib.parse.urlsplit(url) for url in playground.printed_urls()]
    assert [url.port for url in printed] == [urllib.parse.urlsplit(playground.simulator_url).port]


def test_the_sdk_knows_who_it_is(client):
    answer = client.auth_test()
    assert answer["ok"] and answer["team_id"].startswith("T") and answer["user_id"].startswith("U")


def test_a_wrong_token_is_refused_as_slack_refuses_it(simulator_url):
    with pytest.raises(SlackApiError) as refusal:
        WebClient(token="xoxb-wrong", base_url=simulator_url + "/api/").auth_test()
    assert refusal.value.response["error"] == "invalid_auth"


def test_the_workspace_has_people(client):
    people = [m for m in client.users_list()["members"] if not m.get("is_bot") and m["id"] != "USLACKBOT"]
    assert people and all(m["id"][0] in "UW" and m["profile"] for m in people)


@pytest.mark.parametrize("route", ["/slack/commands", "/slack/events", "/slack/interactions"])
def test_what_nobody_signed_is_refused(app_url, route):
    status, kind, body = post(app_url + route, b"command=%2Fim&text=help", {})
    assert (status, kind) == (401, "application/problem+json")
    assert b"/im" not in body


@pytest.mark.parametrize("secret, age", [("another-secret", 0), (SIGNING_SECRET, 310), (SIGNING_SECRET, -310)],
                         ids=["wrong secret", "too old", "from the future"])
def test_a_signature_that_does_not_hold_is_refused(app_url, secret, age):
    body = b"command=%2Fim&text=help"
    headers = signed(body, secret, at=int(time.time()) - age)
    status, kind, answer = post(app_url + "/slack/commands", body, headers)
    assert (status, kind) == (401, "application/problem+json")
    assert headers["X-Slack-Signature"].encode() not in answer


@pytest.mark.parametrize("route", ["/slack/commands", "/slack/events"])
def test_a_command_that_the_sdk_signed_is_answered_with_blocks(client, app_url, simulator_url, route):
    body = command(client, "help", simulator_url)
    started = time.monotonic()
    status, kind, answer = post(app_url + route, body, signed(body))
    assert (status, kind) == (200, "application/json")
    assert time.monotonic() - started < 1
    message = json.loads(answer)
    assert message["blocks"] and message["text"]


def test_a_changed_body_no_longer_has_its_signature(client, app_url, simulator_url):
    body = command(client, "help", simulator_url)
    assert post(app_url + "/slack/commands", body + b"&x=1", signed(body))[0] == 401
