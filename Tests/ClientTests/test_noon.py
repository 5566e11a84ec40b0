# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Noon at the dev server: it is installed anew every day, answers 502 meanwhile, and loses everybody twice over, while
the job that installed it waits for it, the bot runs, and somebody joins the company."""

import contextlib
import http.server
import json
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from alerting import start, stop
from conftest import SIGNING_SECRET, TOKEN, free_port, running
from fault_proxy import Fault, call
from office import BINARY
from target_desks import RESTDesk

PEOPLE = 2000
LIMIT = 300
PAGE = Fault("status", 502, {"Content-Type": "text/html"})


class Deaf(http.server.BaseHTTPRequestHandler):
    """Takes what Slack delivers while no bot is there."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Sink(http.server.ThreadingHTTPServer):
    """Its connections end with it: on one that is kept, it would go on taking what is meant for the bot."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Deaf)
        self.open = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, client_address):
        self.open.append(request)
        super().process_request(request, client_address)

    def close(self):
        self.shutdown()
        self.server_close()
        for one in self.open:
            # Those that are closed already say so.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Dev:
    """A workspace, the dev server, and what is configured between them."""

    def __init__(self, folder, url, port):
        self.folder, self.url, self.port, self.desk = folder, url, port, RESTDesk()
        self.channel = next(one["id"] for one in self.state()["channels"] if one["name"] == "general")

    def state(self):
        return call(self.url + "/playground/state")

    def hire(self, local):
        return call(
            self.url + "/playground/people", "POST", {"real_name": local.title(), "email": f"{local}@noon.test"},
            {"Content-Type": "application/json"})["id"]

    def configuration(self):
        return json.dumps({
            "slack": {
                "signing_secret": SIGNING_SECRET, "bot_token": TOKEN, "api_url": self.url + "/api/", "notify": self.channel},
            "server": {"host": "127.0.0.1", "port": self.port, "admin": f"127.0.0.1:{free_port()}"},
            "database": "sqlite:slack-im.sqlite",
            "members": {"email_domains": ["noon.test"]},
            "targets": [{
                "name": "dev", "key": "userId", "schedule": "never", "ephemeral": True, "leavers": "disable",
                "limits": {"per_second": 1000, "concurrency": 8, "timeout": "20s", "retries": 3},
                **self.desk.settings()}],
        })

    def missing(self, joiners):
        """Who has no account, and what Slack delivered about anybody of late."""
        names = {one: joiners[one] for one in set(joiners) - set(self.desk.accounts())}
        sent = [(one["title"], one["attempt"], one["outcome"]) for one in self.state()["deliveries"] if one["kind"] == "event"]
        return f"the accounts of {names}; delivered: {sent}"

    def sync(self, *arguments):
        return subprocess.Popen(
            [str(BINARY), "sync", "dev", "--config", str(self.folder / "slack-im.yaml"), "--format", "json", *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, f"exit {process.returncode}:\n{out[-1500:]}\n{err[-1500:]}"
    return json.loads(out)["runs"][0]


def until(condition, what):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain for " + (what() if callable(what) else what))


def test_noon_at_the_dev_server(tmp_path):
    port = free_port()
    sink = Sink(port)
    options = ["--app", f"http://127.0.0.1:{port}", "--signing-secret", SIGNING_SECRET]
    with running(tmp_path, *options) as (_, url, _, _):
        until(lambda: answers(url), "the workspace")
        dev = Dev(tmp_path, url, port)
        with ThreadPoolExecutor(8) as hands:
            list(hands.map(dev.hire, (f"person{number}" for number in range(PEOPLE))))
        sink.close()
        (tmp_path / "slack-im.yaml").write_text(dev.configuration(), encoding="utf-8")
        expected = {f"person{number}" for number in range(PEOPLE)}

        # The day before.
        assert ended(dev.sync())["counts"]["created"] == PEOPLE
        before = {key: one["password"] for key, one in dev.desk.accounts().items()}
        assert set(before) == expected

        # Noon: installed anew, and not there for a while.
        dev.desk.wipe()
        lock, strangers, joiners = threading.Lock(), {}, {}
        state = {"away": 12, "created": 0, "again": False}

        def noon(method, path, number):
            with lock:
                if state["away"]:
                    state["away"] -= 1
                    return PAGE
                if method == "POST":
                    state["created"] += 1
                if state["created"] == PEOPLE // 2 and not state["again"]:
                    # In the middle of the run: gone again, and the ids that the accounts had are strangers'.
                    state["again"] = True
                    joiners["at"] = dev.hire("at")
                    dev.desk.wipe()
                    joiners["after"] = dev.hire("after")
                    for stranger in range(100):
                        dev.desk.add(f"stranger{stranger}", f"Stranger {stranger}")
                    strangers.update({key: one for key, one in dev.desk.accounts().items() if key.startswith("stranger")})
            return None

        dev.desk.proxy.reset()
        dev.desk.proxy.rule = noon
        serving = start(tmp_path, port, dev.configuration())
        job = dev.sync("--wait-ready=5m")
        try:
            until(lambda: state["created"] > PEOPLE // 4, "the run")
            joiners["before"] = dev.hire("before")
            report = ended(job)
            joiners["late"] = dev.hire("late")
            assert report["error"] is None and report["hold"] is None
            until(lambda: set(joiners) <= set(dev.desk.accounts()), lambda: dev.missing(joiners))
            # Whoever was on their way when it was wiped the second time is there by now, or with the next run.
            ended(dev.sync())
        finally:
            stop(serving)

        accounts = dev.desk.accounts()
        assert state["again"] and len(strangers) == 100
        assert {key: accounts[key] for key in strangers} == strangers
        assert set(accounts) == expected | set(joiners) | set(strangers)
        assert dev.desk.count() == PEOPLE + len(joiners) + len(strangers)
        assert {key: one["password"] for key, one in accounts.items() if key in expected} == before
        # One account each, and nothing to be alarmed about.
        said = [one["text"] for one in dev.state()["messages"] if one["channel"] == dev.channel]
        alarms = [text for text in said if any(word in text.lower() for word in ("held", "fail", "reach", "stopped", "warning"))]
        assert not alarms, alarms
        dev.desk.proxy.reset()
        assert ended(dev.sync())["changes"] == []
        assert dev.desk.proxy.writes == []
        dev.desk.close()


def answers(url):
    try:
        return call(url + "/playground/state") is not None
    except OSError:
        return False
