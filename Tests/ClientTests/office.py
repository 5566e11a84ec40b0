# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A company for one scenario: people in the simulated workspace, one target, and the real `slack-im sync`."""

import itertools
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from conftest import SIGNING_SECRET, TOKEN, _answers, _until_ready, free_port
from fault_proxy import call

BINARY = Path(os.environ.get("SLACK_IM_BINARY") or "").resolve()
# The simulator keeps Slack's pace: twenty member lists a minute. A fresh workspace has a fresh minute.
LISTS = 15


class Workspaces:
    """Hands out playgrounds whose minute is not used up."""

    def __init__(self, folder):
        self.folder, self.numbers = folder, itertools.count()
        self.process, self.url, self.used = None, None, 0

    def url_for(self, lists):
        if self.process is None or self.used + lists > LISTS:
            self.close()
            port, log = free_port(), self.folder / f"playground-{next(self.numbers)}.txt"
            with log.open("wb") as talk:
                self.process = subprocess.Popen(
                    [str(BINARY), "playground", "--port", str(port)], cwd=self.folder, stdin=subprocess.DEVNULL,
                    stdout=talk, stderr=talk)
            self.url, self.used = f"http://127.0.0.1:{port}", 0
            _until_ready(self.process, time.monotonic() + 60, log, lambda: _answers(self.url + "/playground/state"))
        self.used += lists
        return self.url

    def close(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
            self.process = None


class Office:
    """People of one mail domain, so that scenarios that share a workspace do not see each other."""

    numbers = itertools.count(1)

    def __init__(self, workspaces, folder, desk):
        self.workspaces, self.folder, self.desk = workspaces, folder, desk
        self.domain = f"office{next(self.numbers)}.test"
        self.domains = [self.domain]
        self.home = workspaces.url_for(0)
        self.people = {}
        self.options = {"schedule": "never", "limits": {"per_second": 1000, "concurrency": 4, "timeout": "2s", "retries": 2}}

    # Slack

    def hire(self, local, name=None, domain=None):
        """Somebody joins; the member id."""
        answer = call(
            self.home + "/playground/people", "POST",
            {"real_name": name or local.title(), "email": f"{local}@{domain or self.domain}"},
            {"Content-Type": "application/json"})
        self.people[local] = answer["id"]
        return answer["id"]

    def change(self, member, **changes):
        call(f"{self.home}/playground/people/{member}", "POST", changes, {"Content-Type": "application/json"})

    # slack-im

    def configuration(self):
        target = {"name": "desk", "key": self.desk.key, **self.desk.settings(), **self.options}
        file = self.folder / "slack-im.json"
        file.write_text(json.dumps({
            "slack": {"signing_secret": SIGNING_SECRET, "bot_token": TOKEN, "api_url": self.home + "/api/"},
            "database": "sqlite:slack-im.sqlite",
            "members": {"email_domains": self.domains},
            "targets": [target],
        }), encoding="utf-8")
        return file

    def start(self, *arguments):
        """`slack-im sync` in its own process."""
        self.workspaces.used += 1
        return subprocess.Popen(
            [str(BINARY), "sync", "--config", str(self.configuration()), "--format", "json", *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def sync(self, *arguments, exit=0):
        """One run to its end, which must be `exit`; its report."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == exit, f"exit {process.returncode}, not {exit}:\n{told(out)}\n{err[-2000:]}"
        return Report(json.loads(out)["runs"][0])

    def check(self):
        """The lines of `slack-im check` about the target."""
        process = subprocess.run(
            [str(BINARY), "check", "--config", str(self.configuration()), "--format", "json"], cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return next(one for one in json.loads(process.stdout)["checks"] if one["name"] == "target desk")

    def settled(self):
        """A run that finds nothing to do, and asks for nothing to be done."""
        if self.desk.has_requests:
            self.desk.proxy.reset()
        before = self.desk.path.stat() if not self.desk.has_requests else None
        report = self.sync()
        assert report.changes == [], report.changes
        if self.desk.has_requests:
            assert self.desk.proxy.writes == []
        else:
            after = self.desk.path.stat()
            assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns), "the file was written"
        return report


def told(out):
    """What a report says about changes that failed, for a test that did."""
    try:
        runs = json.loads(out)["runs"]
    except ValueError:
        return out[-3000:]
    return "\n".join(
        json.dumps({"error": run.get("error"), "failed": [one for one in run["changes"] if one.get("error")][:5],
                    "findings": [one for one in run["findings"] if one["kind"] != "skipped"][:5], "hold": run.get("hold")})
        for run in runs)


class Report:
    """What a run says."""

    def __init__(self, run):
        self.run = run
        self.changes = [(change["kind"], change["key"]) for change in run["changes"]]
        self.findings = [(one["kind"], one.get("key")) for one in run["findings"] if one["kind"] != "skipped"]
        self.counts = run["counts"]
        self.error = run.get("error")
