# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A `slack-im serve` of its own, with sources of errors, in the session's workspace; and what tests ask of it."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk import WebClient

from conftest import TOKEN, free_port

KEY = "client-tests-key"
PROJECT = 7
GITHUB_SECRET = "It's a Secret to Everybody"

# Seconds; for a machine that is busy with something else.
LIMIT = 60


@dataclass
class Bot:
    """A running slack-im."""

    url: str
    port: int
    config: Path
    process: subprocess.Popen
    simulator_url: str
    channel: str
    github_channel: str

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.port}/{PROJECT}"

    def status(self) -> dict:
        answer = subprocess.run(
            [os.environ["SLACK_IM_BINARY"], "status", "--config", str(self.config), "--format", "json"],
            capture_output=True, timeout=LIMIT, check=True)
        return json.loads(answer.stdout)

    def ledger(self) -> dict:
        """What became of the reports of the source, with `waiting` and `lost_by_client` beside it."""
        return next(s for s in self.status()["errors"]["sources"] if s["name"] == "clients")

    def taken(self) -> int:
        ledger = self.ledger()
        counters = ("posted", "folded", "muted", "filtered", "refused", "waiting")
        return sum(ledger[name] for name in counters)

    def _said(self, channel: str) -> list:
        with urllib.request.urlopen(self.simulator_url + "/playground/state", timeout=LIMIT) as answer:
            messages = json.load(answer)["messages"]
        return [m for m in messages if m["by_app"] and m["channel"] == (channel or self.channel)]

    def messages(self, channel: str = "") -> list:
        """Messages of slack-im's own in a channel, oldest first; not those in threads."""
        return [m for m in self._said(channel) if m.get("thread_ts") in (None, m["ts"])]

    def replies(self, message: dict, channel: str = "") -> list:
        return [m for m in self._said(channel) if m.get("thread_ts") == message["ts"] and m["ts"] != message["ts"]]

    def message(self, *words: str, channel: str = "") -> dict:
        """The message that holds all these words, waited for."""
        def find():
            for message in self.messages(channel):
                if all(word in json.dumps(message, ensure_ascii=False) for word in words):
                    return message
            return None
        return eventually(find, f"no message holds {words}")


def eventually(probe, complaint: str, limit: float = LIMIT):
    """The first answer of the probe that is not empty."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.05)
    pytest.fail(complaint, pytrace=False)


def post(url: str, body: bytes = b"", headers: dict | None = None, method: str = "POST") -> tuple:
    """Status, headers and body of the answer, whatever the status is."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def configuration(api_url: str, port: int, channel: str, github_channel: str) -> str:
    return json.dumps({
        "slack": {"signing_secret": "client-tests", "bot_token": TOKEN, "api_url": api_url},
        "server": {"host": "127.0.0.1", "port": port, "admin": f"127.0.0.1:{free_port()}"},
        "database": "sqlite:slack-im.sqlite",
        "targets": [],
        "errors": {"sources": [{
            "name": "clients", "key": KEY, "project": PROJECT, "channel": channel, "min_level": "warning",
            "title": "Error! code : {{code}} :glitch_crab:"}]},
        "github": {"secret": GITHUB_SECRET, "channel": github_channel},
    })


def start(folder: Path, port: int, config: str) -> subprocess.Popen:
    (folder / "slack-im.yaml").write_text(config, encoding="utf-8")
    log = (folder / "serve.log").open("ab")
    process = subprocess.Popen(
        [os.environ["SLACK_IM_BINARY"], "serve", "--config", str(folder / "slack-im.yaml")],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ready():
        if process.poll() is not None:
            pytest.fail("serve ended:\n" + (folder / "serve.log").read_text(encoding="utf-8"), pytrace=False)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False
    eventually(ready, "serve does not answer")
    return process


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(timeout=LIMIT) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def bot(simulator_url, tmp_path_factory):
    """A slack-im with one source of errors and GitHub, in the session's workspace."""
    folder = tmp_path_factory.mktemp("alerting")
    client = WebClient(token=TOKEN, base_url=simulator_url + "/api/")
    channels = {c["name"]: c["id"] for c in client.conversations_list()["channels"]}
    port = free_port()
    process = start(
        folder, port, configuration(simulator_url + "/api/", port, channels["alerts"], channels["general"]))
    try:
        yield Bot(f"http://127.0.0.1:{port}", port, folder / "slack-im.yaml", process, simulator_url,
                  channels["alerts"], channels["general"])
    finally:
        stop(process)
