# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Measures runs over many members, and prints them beside what they could take at least, as Markdown.

Run by scripts/lib/bench/sync, which builds everything that is started here.
"""

import argparse
import http.client
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

SECRET = "bench-signing-secret"
PORT = 4118
OFFICE = "127.0.0.1:4119"
DELAY = 0.005
CONCURRENCY = 8
# As many POSTs one after the other are enough to know what one takes.
SEQUENTIAL = 400

CONFIGURATION = f"""\
slack:
  signing_secret: {SECRET}
  bot_token: xoxb-bench
  api_url: http://{OFFICE}/api/
server: {{host: 127.0.0.1, port: {PORT}}}
database: sqlite:slack-im.sqlite
log: {{level: warning}}
targets:
  - name: dev
    url: http://{OFFICE}/members
    account:
      userId: "{{{{email_local}}}}"
      name: "{{{{real_name}}}}"
      password: "{{{{password}}}}"
      roleGroupId: ADMIN
      centerIds: [spectra]
    limits: {{concurrency: {CONCURRENCY}, per_second: 0}}
    guard: {{creates: 1000000}}
    schedule: never
"""


class Office:
    """The workspace and the target, from their start until they are stopped."""

    def __init__(self, load, people):
        command = [load, "office", "-address", OFFICE, "-people", str(people), "-delay", f"{DELAY * 1000:g}ms"]
        self.process = subprocess.Popen(command)
        begin = time.monotonic()
        while True:
            try:
                self.counts()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() - begin > 60:
                    raise SystemExit("error: the office did not start") from None
                time.sleep(0.02)

    @staticmethod
    def counts():
        with urllib.request.urlopen(f"http://{OFFICE}/bench/counts", timeout=10) as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Bench:
    def __init__(self, options):
        self.options = options
        self.out = pathlib.Path(options.out)
        self.load = str(self.out / "load")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="slack-im-bench-", dir=self.out))
        self.values = {}

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    def home(self):
        """A directory of its own with a configuration and no database."""
        directory = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        (directory / "slack-im.yaml").write_text(CONFIGURATION, encoding="utf-8")
        return directory

    def sync(self, home):
        """One run: seconds, and its largest resident size in mebibytes."""
        begin = time.monotonic()
        process = subprocess.Popen(
            [self.options.program, "sync", "--config", "slack-im.yaml"],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        trouble = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        if process.returncode != 0:
            raise SystemExit(f"error: sync ended with {process.returncode}: {trouble[-2000:]}")
        return {"seconds": seconds, "peak": usage.ru_maxrss / 1024, "cpu": usage.ru_utime + usage.ru_stime}

    def create(self, home, people):
        before = Office.counts().get("creates", 0)
        run = self.sync(home)
        made = Office.counts().get("creates", 0) - before
        if made != people:
            raise SystemExit(f"error: {made} accounts were made instead of {people}")
        run["least"] = people * DELAY / CONCURRENCY
        self.told("create", people, run)
        return run

    def unchanged(self, home, people):
        def writes():
            counts = Office.counts()
            return counts.get("creates", 0) + counts.get("updates", 0), counts.get("lists", 0)

        least = self.fetch_and_decode()
        before = writes()
        run = self.sync(home)
        after = writes()
        if after[0] != before[0] or after[1] == before[1]:
            raise SystemExit("error: a run that has nothing to do did something, or did not look")
        run["least"] = least
        self.told("no change", people, run)
        return run

    def told(self, what, people, run):
        self.say(
            f"{what:9} {people:6} members: {run['seconds']:6.2f} s, at least {run['least']:6.2f} s: "
            f"x {run['seconds'] / run['least']:.2f}   processor {run['cpu']:.2f} s   peak {run['peak']:.0f} MiB"
        )

    @staticmethod
    def fetch_and_decode():
        """The lower bound of a run that changes nothing: both lists read to their end, every page decoded."""
        begin = time.monotonic()
        line = http.client.HTTPConnection(OFFICE)

        def ask(method, path, body=None, headers=None):
            line.request(method, path, body, headers or {})
            return json.loads(line.getresponse().read())

        cursor, limit = "", 200
        while True:
            page = ask(
                "POST",
                "/api/users.list",
                f"limit={limit}&include_locale=true&cursor={cursor.replace('=', '%3D')}",
                {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer xoxb-bench"},
            )
            cursor, limit = page["response_metadata"]["next_cursor"], 999
            if not cursor:
                break
        number = 1
        while ask("GET", f"/members?page={number}&size=100"):
            number += 1
        line.close()
        return time.monotonic() - begin

    def one_after_the_other(self):
        """Seconds that one account takes in a loop that sends a POST and waits for its answer."""
        begin = time.monotonic()
        for number in range(SEQUENTIAL):
            body = json.dumps({"userId": f"loop.{number}", "name": f"Loop {number}", "roleGroupId": "ADMIN"}).encode()
            request = urllib.request.Request(
                f"http://{OFFICE}/members", body, {"Content-Type": "application/json"}, method="POST"
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
        return (time.monotonic() - begin) / SEQUENTIAL

    def join(self, home):
        process = subprocess.Popen(
            [self.options.program, "serve", "--config", "slack-im.yaml"], cwd=home, stdin=subprocess.DEVNULL
        )
        try:
            begin = time.monotonic()
            while True:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2):
                        break
                except OSError:
                    if process.poll() is not None or time.monotonic() - begin > 30:
                        raise SystemExit("error: slack-im did not start") from None
                    time.sleep(0.02)
            time.sleep(1)
            command = [self.load, "joins", "-address", f"127.0.0.1:{PORT}", "-office", OFFICE, "-secret", SECRET]
            result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.say(
            f"team_join to the first request: p50 {result['p50']:.1f}   p99 {result['p99']:.1f}   "
            f"most {result['max']:.1f} ms of {result['count']}"
        )
        return result

    def run(self):
        only, people = self.options.only, self.options.people
        try:
            if only in ("", "create", "unchanged", "join"):
                self.small(people, only)
            if only in ("", "large"):
                with Office(self.load, self.options.large):
                    home = self.home()
                    self.values["large create"] = [self.create(home, self.options.large)]
                    self.values["large unchanged"] = [self.unchanged(home, self.options.large)]
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
        if self.options.json:
            pathlib.Path(self.options.json).write_text(json.dumps(self.values, indent=2), encoding="utf-8")
        if not only:
            self.report()

    def small(self, people, only):
        rounds = self.options.rounds
        for number in range(rounds if only in ("", "create") else 1):
            with Office(self.load, people):
                home = self.home()
                self.values.setdefault("create", []).append(self.create(home, people))
                if number == 0 and only in ("", "unchanged"):
                    self.values["unchanged"] = [self.unchanged(home, people) for _ in range(rounds)]
                if number == 0 and only in ("", "join"):
                    self.values["join"] = self.join(home)
                if number == 0 and only in ("", "create"):
                    each = self.one_after_the_other()
                    self.values["loop"] = each
                    self.say(f"one POST after the other: {each * 1000:.2f} ms each")

    def median(self, name, value):
        return statistics.median(run[value] for run in self.values[name])

    def ratio(self, name):
        return statistics.median(run["seconds"] / run["least"] for run in self.values[name])

    def report(self):
        people, large = self.options.people, self.options.large
        loop = self.values["loop"] * people / self.median("create", "seconds")
        join = self.values["join"]
        peaks = [
            statistics.median(run["peak"] for run in self.values[f"{size}{name}"])
            for name in ("create", "unchanged")
            for size in ("", "large ")
        ]
        growth = [
            self.median(f"large {name}", "seconds") / self.median(name, "seconds") / (large / people)
            for name in ("create", "unchanged")
        ]
        print(f"| target at 5 ms an answer, 8 at a time | {people:,} members | {large:,} |")
        print("|---|---|---|")
        print(
            f"| creating everybody, to members x 5 ms / 8 | {self.ratio('create'):.2f} | {self.ratio('large create'):.2f} |"
        )
        print(f"| POSTs one after the other from Python's urllib, to slack-im creating | {loop:.1f} | |")
        print(
            f"| a run without changes, to fetching and decoding both lists in Python | {self.ratio('unchanged'):.2f} | "
            f"{self.ratio('large unchanged'):.2f} |"
        )
        print(f"| time a member, to that with {people:,}: creating · no change | 1 | {growth[0]:.2f} · {growth[1]:.2f} |")
        print(
            f"| peak resident, creating · no change, MiB | {peaks[0]:.0f} · {peaks[2]:.0f} | {peaks[1]:.0f} · "
            f"{peaks[3]:.0f} |"
        )
        print(
            f"| acknowledged `team_join` to the first request at the target, ms | p50 {join['p50']:.1f} · "
            f"p99 {join['p99']:.1f} | |"
        )
        print()
        print(
            f"Medians of {self.options.rounds} rounds, one of {large:,}; the loop was {SEQUENTIAL} POSTs, scaled; "
            f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores shared with the workspace and the target, "
            f"{platform.system()} {platform.release().split('-')[0]}."
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--people", type=int, default=10000)
    parser.add_argument("--large", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", choices=["", "create", "unchanged", "join", "large"])
    parser.add_argument("--json", default="")
    Bench(parser.parse_args()).run()


main()
