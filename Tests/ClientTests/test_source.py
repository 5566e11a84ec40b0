# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A member list that is not whole is no member list: the real program, before a Slack that answers badly."""

import http.server
import json
import subprocess
import threading
import time
from urllib.parse import parse_qs

import pytest

from office import BINARY
from target_desks import RESTDesk

PEOPLE = 10


def user(number, **profile):
    return {
        "id": f"U{number}", "team_id": "T1", "name": f"kim{number}", "deleted": False, "is_bot": False,
        "is_email_confirmed": True, "updated": 1, "real_name": f"Kim {number}",
        "profile": {"real_name": f"Kim {number}", "email": f"kim{number}@example.com", **profile},
    }


class Slack:
    """Answers each method by a table; what is not in it is an unknown method."""

    def __init__(self):
        self.methods = {
            "auth.test": lambda _: {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "url": "https://x.slack.com/"},
            "users.list": lambda _: {"ok": True, "members": [user(number) for number in range(PEOPLE)]},
            "conversations.members": lambda _: {"ok": True, "members": [f"U{number}" for number in range(PEOPLE)]},
            "usergroups.users.list": lambda _: {"ok": True, "users": [f"U{number}" for number in range(PEOPLE)]},
        }
        self.ahead = 0
        slack = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp=None):
                return super().date_time_string((timestamp or time.time()) + slack.ahead)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                try:
                    arguments = json.loads(body)
                except ValueError:
                    arguments = {name: values[0] for name, values in parse_qs(body).items()}
                method = self.path.partition("?")[0].rsplit("/", 1)[-1]
                answer = slack.methods.get(method, lambda _: {"ok": False, "error": "unknown_method"})(arguments)
                kind, data = ("application/json", json.dumps(answer)) if isinstance(answer, dict) else ("text/html", answer)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data.encode())))
                self.end_headers()
                self.wfile.write(data.encode())

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/"


def refusal(error):
    return lambda _: {"ok": False, "error": error}


# What Slack answers, and what is said about it.
BROKEN = {
    "a cursor that comes twice": (
        {"users.list": lambda _: {"ok": True, "members": [user(1)], "response_metadata": {"next_cursor": "again"}}},
        ["users.list", "circle"]),
    "a page without members": ({"users.list": lambda _: {"ok": True}}, ["users.list", "no members"]),
    "an empty list": ({"users.list": lambda _: {"ok": True, "members": []}}, ["users.list", "empty"]),
    "no e-mail for anybody": (
        {"users.list": lambda _: {"ok": True, "members": [user(n, email=None) for n in range(PEOPLE)]}},
        ["users:read.email"]),
    "a scope that was lost": (
        {"users.list": lambda _: {"ok": False, "error": "missing_scope", "needed": "users:read"}}, ["users:read"]),
    "a channel that cannot be read": ({"conversations.members": refusal("not_in_channel")}, ["C1", "not_in_channel"]),
    "a channel that is gone": ({"conversations.members": refusal("channel_not_found")}, ["C1", "channel_not_found"]),
    "a group that is gone": ({"usergroups.users.list": refusal("no_such_subteam")}, ["S1", "no_such_subteam"]),
    "a list of a third": (
        {"users.list": lambda _: {"ok": True, "members": [user(n) for n in range(PEOPLE // 3)]}},
        ["the member list holds 3 people", "50 %", "10"]),
    "a channel that lists nobody": (
        {"conversations.members": lambda _: {"ok": True, "members": []}}, ["the channel C1 holds 0 people"]),
    "a group that lists nobody": (
        {"usergroups.users.list": lambda _: {"ok": True, "users": []}}, ["the user group S1 holds 0 people"]),
}


@pytest.fixture
def day(tmp_path):
    """A first run that was whole, over a target that knows everybody."""
    slack, desk = Slack(), RESTDesk()
    (tmp_path / "slack-im.yaml").write_text(json.dumps({
        "slack": {"signing_secret": "x" * 32, "bot_token": "xoxb-1", "api_url": slack.url},
        "database": "sqlite:slack-im.sqlite",
        "targets": [{
            "name": "desk", "key": "userId", "schedule": "never", "leavers": "delete", "grace": "0s",
            "members": {"channel": "C1", "user_groups": ["S1"]}, **desk.settings()}],
    }), encoding="utf-8")

    def sync(*arguments):
        return subprocess.run(
            [str(BINARY), "sync", "--config", "slack-im.yaml", *arguments], cwd=tmp_path, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120)

    first = sync()
    assert first.returncode == 0, first.stdout + first.stderr
    assert desk.count() == PEOPLE
    desk.proxy.reset()
    yield slack, desk, sync
    slack.server.shutdown()
    slack.server.server_close()
    desk.close()


def test_what_is_not_whole_is_refused_and_says_why(day):
    slack, desk, sync = day
    whole = dict(slack.methods)
    for what, (answers, words) in BROKEN.items():
        slack.methods = {**whole, **answers}
        for arguments in ([], ["--plan"]):
            done = sync(*arguments)
            assert done.returncode == 4, (what, done.stdout, done.stderr)
            assert all(word in done.stdout for word in words), (what, done.stdout)
        told = json.loads(sync("--format", "json").stdout)
        assert told["exit"] == 4 and told["runs"][0]["error"]["code"].startswith("source."), (what, told)
        assert desk.proxy.writes == [] and desk.count() == PEOPLE, what
    slack.methods = whole
    assert sync().returncode == 0
    assert desk.proxy.writes == []


def test_check_says_that_the_clock_is_wrong(day, tmp_path):
    slack, _, _ = day

    def clock():
        done = subprocess.run(
            [str(BINARY), "check", "--config", "slack-im.yaml", "--format", "json"], cwd=tmp_path,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return next(one for one in json.loads(done.stdout)["checks"] if one["name"] == "clock")

    assert clock()["ok"]
    for ahead, words in ((600, "s behind Slack's"), (-600, "s ahead of Slack's")):
        slack.ahead = ahead
        line = clock()
        assert not line["ok"] and words in line["detail"] and "NTP" in line["advice"], line
