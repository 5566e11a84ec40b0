# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Starts the built program once for the whole session, as a user would, and hands out its addresses.

`scripts/test` runs this; it names the program in SLACK_IM_BINARY. By hand:

    SLACK_IM_BINARY=.build/debug/slack-im .build/venv/bin/python -m pytest Tests/ClientTests
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

# Seconds. A start takes far less than one; the limits are for a machine that is busy with something else.
START_LIMIT = 60
STOP_LIMIT = 30

# What the playground documents; nothing secret.
TOKEN = "xoxb-playground"
SIGNING_SECRET = "playground-signing-secret"

# Everything here is on loopback, whatever proxy the machine is set up with; slack_sdk reads these names, too.
for _name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(_name, None)


# What speaks to an event loop that has ended crashes the program at once, instead of one day.
os.environ["SWIFTNIO_STRICT"] = "1"


@dataclass(frozen=True)
class Playground:
    """A running playground."""

    simulator_url: str
    app_url: str
    process: subprocess.Popen
    output: Path

    def state(self) -> dict:
        """What the page shows, as JSON."""
        with urllib.request.urlopen(self.simulator_url + "/playground/state", timeout=10) as answer:
            return json.load(answer)

    def printed_urls(self) -> list:
        """Every address that the program printed for its user."""
        return re.findall(r"https?://[^\s\"'<>]+", self.output.read_text(encoding="utf-8"))


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def binary() -> Path:
    """The built program."""
    file = Path(os.environ.get("SLACK_IM_BINARY") or "").resolve()
    if not file.is_file():
        pytest.fail("SLACK_IM_BINARY must name the built program; scripts/test sets it", pytrace=False)
    return file


@contextlib.contextmanager
def running(folder: Path, *options: str):
    """`slack-im playground` with these options; yields its process, address and output, ends it like a service."""
    port = free_port()
    output, talk = folder / "stdout.txt", folder / "stderr.txt"
    with output.open("wb") as out, talk.open("wb") as err:
        process = subprocess.Popen(
            [str(binary()), "playground", "--port", str(port), *options],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        )
    try:
        yield process, f"http://127.0.0.1:{port}", output, talk
        assert process.poll() is None, f"the playground ended by itself:\n{_end_of(talk)}"
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=STOP_LIMIT)
        except subprocess.TimeoutExpired:
            pytest.fail(f"SIGTERM did not end the playground within {STOP_LIMIT} s:\n{_end_of(talk)}", pytrace=False)
        assert status == 0, f"SIGTERM ended the playground with status {status}:\n{_end_of(talk)}"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def playground(tmp_path_factory):
    """`slack-im playground`, ready to answer; ended like a service when the session is over."""
    with running(tmp_path_factory.mktemp("playground")) as (process, simulator_url, output, talk):
        deadline = time.monotonic() + START_LIMIT
        app_url = _until_ready(process, deadline, talk, lambda: _app_url(simulator_url))
        _until_ready(process, deadline, talk, lambda: _answers(app_url + "/livez"))
        yield Playground(simulator_url, app_url, process, output)


@contextlib.contextmanager
def guest(folder: Path, manifest: Path, *command: str):
    """A playground with another app in it: `command` starts the app, its port is added at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--app", url, "--manifest", str(manifest), "--signing-secret", "a secret of the guest"]
    with running(folder, *options) as (process, simulator_url, _, talk):
        _until_ready(process, time.monotonic() + START_LIMIT, talk, lambda: _answers(simulator_url + "/playground/state"))
        environment = {
            **os.environ, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": "a secret of the guest",
            "SLACK_API_URL": simulator_url + "/api/",
        }
        log = folder / "app.txt"
        with log.open("wb") as out:
            app = subprocess.Popen(
                [*command, str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment
            )
        try:
            workspace = Workspace(simulator_url, app, log)
            workspace.until(lambda _: _listens(port), "the app to listen")
            yield workspace
        finally:
            app.terminate()
            app.wait(timeout=STOP_LIMIT)


class Workspace:
    """A playground from the outside: what people do in it, and what they see."""

    def __init__(self, url: str, app: subprocess.Popen, log: Path, wait: bool = False):
        self.url, self.app, self.log = url, app, log
        if wait:
            _until_ready(app, time.monotonic() + START_LIMIT, log, self.state)
        self.person = self.state()["people"][0]["id"]

    def state(self) -> dict:
        with urllib.request.urlopen(self.url + "/playground/state", timeout=10) as answer:
            return json.load(answer)

    def get(self, path: str):
        with urllib.request.urlopen(self.url + "/playground/" + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, **body) -> dict:
        """What the page would ask for; `person` is the first one unless told otherwise."""
        body.setdefault("person", self.person)
        request = urllib.request.Request(
            self.url + "/playground/" + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def channel(self, name: str) -> str:
        return next(one["id"] for one in self.state()["channels"] if one["name"] == name)

    def type(self, text: str, channel: str = "general", **more) -> dict:
        return self.post("lines", text=text, channel=self.channel(channel), **more)

    def until(self, condition, what: str):
        """The first true answer of the condition, asked about every new state."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if found := condition(self.state()):
                return found
            assert self.app.poll() is None, f"the app ended:\n{_end_of(self.log)}"
            time.sleep(0.05)
        pytest.fail(f"waited in vain for {what}; the app said:\n{_end_of(self.log)}", pytrace=False)

    def message(self, text: str, **fields):
        """The newest message that holds the text."""
        def found(state):
            return next((
                one for one in reversed(state["messages"])
                if text in one["text"] and all(one.get(name) == value for name, value in fields.items())
            ), None)
        return self.until(found, f"a message with {text!r}")

    def deliveries(self, title: str) -> list:
        return [one for one in self.state()["deliveries"] if one["title"].startswith(title)]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def simulator_url(playground) -> str:
    """Base of the playground's page and, below /api/, of its Web API; no slash at the end."""
    return playground.simulator_url


@pytest.fixture(scope="session")
def app_url(playground) -> str:
    """Base of the bot's own routes; no slash at the end."""
    return playground.app_url


def _app_url(simulator_url: str):
    with urllib.request.urlopen(simulator_url + "/playground/state", timeout=5) as answer:
        url = json.load(answer).get("app", {}).get("url")
    return url.rstrip("/") if url else None


def _answers(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status == 200


def _until_ready(process, deadline, talk, probe):
    """The first answer of the probe that is not empty; fails at once when the process ends, and at the deadline."""
    last = "no answer"
    while time.monotonic() < deadline:
        try:
            if answer := probe():
                return answer
        except (OSError, urllib.error.URLError, ValueError) as error:
            last = repr(error)
        try:
            status = process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the playground ended with status {status} before it was ready:\n{_end_of(talk)}", pytrace=False)
    pytest.fail(f"the playground was not ready within {START_LIMIT} s ({last}):\n{_end_of(talk)}", pytrace=False)


def _end_of(file: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-40:])
