# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Measures how slack-im and Bugsink take in Sentry events in turns, and prints the ratios as Markdown.

Run by scripts/lib/bench/errors, which builds and installs everything that is started here.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

KEY = "0123456789abcdef0123456789abcdef"
PROJECT = 7
# Nobody listens there: Slack is down.
SLACK_PORT = 4122
CODINGS = ("gzip", "plain")
# Of every hundredth event the error was never seen.
FRESH = 100
LIMIT = 600

CONFIGURATION = """\
slack:
  signing_secret: bench-signing-secret
  bot_token: xoxb-bench
  api_url: http://127.0.0.1:{slack}/api/
server: {{host: 127.0.0.1, port: {port}}}
database: sqlite:slack-im.sqlite
log: {{level: error}}
targets: []
errors:
  sources:
    - {{name: shop, key: {key}, project: {project}, channel: C0BENCH}}
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Running:
    """Processes on the measured core, from their start until they answer, and until they are stopped."""

    def __init__(self, commands, core, directory, environment, ready):
        self.log = tempfile.TemporaryFile()
        self.processes = [
            subprocess.Popen(
                ["taskset", "-c", str(core), *command], cwd=directory, env=dict(os.environ, **environment),
                stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
            for command in commands
        ]
        begin = time.monotonic()
        while not self._answers(ready):
            if any(process.poll() is not None for process in self.processes) or time.monotonic() - begin > 60:
                self.log.seek(0)
                say(self.log.read().decode("utf-8", "replace")[-4000:])
                self.stop()
                raise SystemExit(f"error: {commands[0][0]} did not start")
            time.sleep(0.02)

    @staticmethod
    def _answers(url):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def all(self):
        return [each for process in self.processes for each in [process.pid, *children(process.pid)]]

    def memory(self, field="Pss"):
        """Mebibytes of all of them together, what they share counted once."""
        total = 0
        for each in self.all():
            text = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(field + ":"))
        return total / 1024

    def processor_time(self):
        """Milliseconds that all of them have computed so far; says the same on a machine that is busy otherwise."""
        total = 0
        for each in self.all():
            figures = pathlib.Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += int(figures[11]) + int(figures[12])
        return total * 1000 / os.sysconf("SC_CLK_TCK")

    def stop(self, kindly=False):
        for process in self.processes:
            if kindly:
                process.terminate()
                process.wait(60)
            elif process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.log.close()


def children(pid):
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found] + [other for child in found for other in children(int(child))]


@dataclasses.dataclass
class Peer:
    """A program that takes in events."""

    name: str
    port: int
    directory: pathlib.Path = None
    # Measured values of its rounds, by name.
    values: dict = dataclasses.field(default_factory=dict)

    def note(self, name, value):
        self.values.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self.values[name])

    def query(self, sql):
        """One number from its database, which it goes on writing to."""
        connection = sqlite3.connect(f"file:{self.directory / self.database}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchone()[0] or 0
        finally:
            connection.close()


class SlackIM(Peer):
    database = "slack-im.sqlite"
    # Every outcome of the ledger, and those whose message waits.
    taken = "SELECT sum(count) FROM ledger"
    groups = "SELECT count(*) FROM alert_groups"

    def prepare(self, bench, directory):
        self.directory, self.program = directory, bench.options.program
        (directory / "slack-im.yaml").write_text(
            CONFIGURATION.format(slack=SLACK_PORT, port=self.port, key=KEY, project=PROJECT), encoding="utf-8")

    def start(self, core):
        return Running(
            [[self.program, "serve", "--config", "slack-im.yaml"]], core, self.directory, {},
            f"http://127.0.0.1:{self.port}/readyz")

    def ledger(self):
        answer = subprocess.run(
            [self.program, "status", "--config", "slack-im.yaml", "--format", "json"], cwd=self.directory,
            stdout=subprocess.PIPE, check=True)
        return next(s for s in json.loads(answer.stdout)["errors"]["sources"] if s["name"] == "shop")

    def age(self, milliseconds):
        """Makes what it has stored of errors so much older, while it does not run."""
        connection = sqlite3.connect(self.directory / self.database)
        with connection:
            for table, column in (
                ("error_events", "received_at"), ("alert_samples", "at"), ("alert_groups", "last_seen"),
                ("outbox", "created_at"),
            ):
                connection.execute(f"UPDATE {table} SET {column} = {column} - {milliseconds}")
        connection.close()

    def size(self):
        """Mebibytes on the disk."""
        return sum(file.stat().st_size for file in self.directory.glob("slack-im.sqlite*")) / 2**20


class Bugsink(Peer):
    database = "db.sqlite3"
    taken = "SELECT count(*) FROM events_event"
    groups = "SELECT count(*) FROM issues_issue"

    def prepare(self, bench, directory):
        self.directory = directory
        self.bin, self.settings = bench.python.parent, bench.here / "bugsink"
        fresh = bench.out / "bugsink-fresh"
        if not (fresh / "made").exists():
            say("Setting up Bugsink's database")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            for arguments, text in (
                (["migrate"], ""),
                (["migrate", "snappea", "--database=snappea"], ""),
                (["shell"], (self.settings / "make_project.py").read_text(encoding="utf-8")),
            ):
                subprocess.run(
                    [self.bin / "bugsink-manage", *arguments], cwd=self.settings, input=text, text=True, check=True,
                    stdout=subprocess.DEVNULL, env=dict(os.environ, **self.environment(fresh)))
            (fresh / "made").touch()
        shutil.rmtree(directory)
        shutil.copytree(fresh, directory)

    @staticmethod
    def environment(base):
        return {
            "BUGSINK_BASE": str(base), "BUGSINK_PROJECT": str(PROJECT), "BUGSINK_KEY": KEY,
            "DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self, core):
        serve = [str(self.bin / "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--log-level", "error"]
        return Running(
            [serve + ["bugsink.wsgi"], [str(self.bin / "bugsink-runsnappea")]], core, self.settings,
            dict(self.environment(self.directory), PYTHONPATH=str(self.settings)),
            f"http://127.0.0.1:{self.port}/health/ready")


class Bench:
    def __init__(self, options):
        self.options = options
        self.cores = sorted(os.sched_getaffinity(0))
        if len(self.cores) < 2:
            raise SystemExit("error: two cores are needed: one for the program measured, one for the sender")
        # Everything of ours beside what is measured runs on the sender's core.
        os.sched_setaffinity(0, {self.cores[1]})
        self.out, self.here = pathlib.Path(options.out), pathlib.Path(__file__).resolve().parent
        self.python = pathlib.Path(sys.executable)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="slack-im-bench-", dir=self.out))
        self.events = self.work / "events"
        subprocess.run([sys.executable, "-B", self.here / "envelopes/events.py", self.events], check=True)
        self.runs = 0
        self.highest_sender_load = 0.0

    def place(self):
        self.runs += 1
        directory = self.work / f"run-{self.runs}"
        directory.mkdir()
        return directory

    def send(self, peer, **arguments):
        command = [str(self.out / "envelopes")]
        for name, value in {
            "address": f"127.0.0.1:{peer.port}", "path": f"/api/{PROJECT}/envelope/", "key": KEY, "events": self.events,
            "fresh": FRESH, **arguments,
        }.items():
            command += [f"-{name}", str(value)]
        result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        if set(result["statuses"]) != {"200"}:
            raise SystemExit(f"error: {peer.name} answered {result['statuses']}")
        self.highest_sender_load = max(self.highest_sender_load, result["sender_load"])
        return result

    @staticmethod
    def until_taken(peer, number):
        """Waits until so many events are grouped and returns the time."""
        deadline = time.time() + LIMIT
        while (taken := peer.query(peer.taken)) < number:
            if time.time() > deadline:
                raise SystemExit(f"error: {peer.name} has grouped {taken} of {number} events")
            time.sleep(0.05)
        if taken != number:
            raise SystemExit(f"error: {peer.name} has {taken} events, sent were {number}")
        return time.time()

    def round(self, peer, coding):
        peer.prepare(self, self.place())
        running = peer.start(self.cores[0])
        try:
            # The first events have everything read from the disk.
            warm = self.send(peer, coding=coding, count=64, seconds=0)["answered"]
            self.until_taken(peer, warm)
            computed = running.processor_time()
            result = self.send(peer, coding=coding, seconds=self.options.seconds, first=warm)
            done = self.until_taken(peer, warm + result["answered"])
            result["whole"] = result["answered"] / (done - result["begin"])
            result["memory"] = running.memory()
            result["cost"] = (running.processor_time() - computed) / result["answered"]
            for name in ("per_second", "p50", "p99", "whole", "cost", "memory"):
                peer.note(f"{coding} {name}", result[name])
            say(
                f"{peer.name:8} {coding:5} {result['per_second']:7.0f}/s   p50 {result['p50']:6.2f}   p99 {result['p99']:7.2f} ms"
                f"   grouped {result['whole']:7.0f}/s   {result['cost']:.2f} ms each   {peer.query(peer.groups)} groups"
                f"   {result['memory']:.0f} MiB   sender {result['sender_load']:.0%}")
        finally:
            running.stop()
            shutil.rmtree(peer.directory)

    def memory(self, peer):
        """Memory and database over many events, and what retention leaves of it."""
        most = self.options.events
        peer.prepare(self, self.place())
        running = peer.start(self.cores[0])
        sent = 0
        try:
            for part in (most // 10, most - most // 10):
                result = self.send(peer, coding="gzip", count=part, seconds=0, first=sent)
                sent += result["answered"]
                self.until_taken(peer, sent)
                peer.note("resident", running.memory("Rss"))
                peer.note("size", peer.size())
                say(f"{sent:7} events: {running.memory('Rss'):.0f} MiB resident, database {peer.size():.0f} MiB")
            ledger = peer.ledger()
            counters = ("posted", "folded", "muted", "filtered", "refused", "waiting")
            if sum(ledger[counter] for counter in counters) != sent:
                raise SystemExit(f"error: the ledger is not equal to {sent}: {ledger}")
            peer.note("waiting", ledger["waiting"])
            running.stop(kindly=True)
            # Now everything is older than retention asks for: the sweep at the start may have it, but for what is
            # still to be posted.
            peer.age(100 * 86_400_000)
            pending = "SELECT count(*) FROM outbox WHERE state = 'pending'"
            waiting = peer.query(pending)
            running = peer.start(self.cores[0])
            self.until_swept(peer)
            peer.note("waiting messages", waiting)
            peer.note("waiting messages", peer.query(pending))
            if peer.values["waiting messages"][1] < waiting:
                raise SystemExit("error: retention has dropped messages that were never posted")
            free = peer.query("SELECT freelist_count FROM pragma_freelist_count")
            page = peer.query("SELECT page_size FROM pragma_page_size")
            peer.note("used", peer.query("SELECT page_count FROM pragma_page_count") * page / 2**20 - free * page / 2**20)
            say(f"after retention: {peer.values['used'][-1]:.1f} MiB in use, {waiting} messages still wait")
        finally:
            running.stop()
            shutil.rmtree(peer.directory)

    @staticmethod
    def until_swept(peer):
        """Waits until the samples and groups that may go are gone: nothing goes any more."""
        deadline = time.time() + LIMIT
        counts = (f"(SELECT count(*) FROM {table})" for table in ("error_events", "alert_samples", "alert_groups"))
        sql = "SELECT " + " || ' ' || ".join(counts)
        last, since = None, time.time()
        while time.time() - since < 3:
            if time.time() > deadline:
                raise SystemExit("error: retention does not come to an end")
            if (now := peer.query(sql)) != last:
                last, since = now, time.time()
            time.sleep(0.1)

    def loop(self, peer):
        """An application that fails 400 times in a row."""
        peer.prepare(self, self.place())
        running = peer.start(self.cores[0])
        try:
            begin = time.monotonic()
            dsn = f"http://{KEY}@127.0.0.1:{peer.port}/{PROJECT}"
            subprocess.run(
                [sys.executable, "-B", self.here / "bugsink/loop.py", self.options.root, dsn], check=True, timeout=LIMIT)
            peer.note("loop", peer.query(peer.taken))
            say(f"a loop of 400 errors: {peer.values['loop'][-1]} delivered in {time.monotonic() - begin:.1f} s")
        finally:
            running.stop()
            shutil.rmtree(peer.directory)

    def run(self):
        ours, bugsink = SlackIM("slack-im", 4120), Bugsink("Bugsink", 4121)
        peers = [peer for peer in (ours, bugsink) if self.options.only in ("", peer.name)]
        parts = [self.options.part] if self.options.part else ["rates", "memory", "loop"]
        try:
            if "rates" in parts:
                for _ in range(self.options.rounds):
                    for coding in CODINGS:
                        for peer in peers:
                            self.round(peer, coding)
            if "memory" in parts:
                self.memory(ours)
            if "loop" in parts:
                self.loop(ours)
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
        if self.options.json:
            record = {peer.name: peer.values for peer in peers}
            pathlib.Path(self.options.json).write_text(json.dumps(record, indent=2), encoding="utf-8")
        if len(peers) == 2 and "rates" in parts:
            self.report_rates(ours, bugsink)
        if "memory" in parts or "loop" in parts:
            self.report_alone(ours)

    def report_rates(self, ours, bugsink):
        print("| relative to Bugsink | gzip | plain |")
        print("|---|---|---|")
        for name, words in (
            ("per_second", "acknowledged a second"),
            ("p50", "p50"),
            ("p99", "p99"),
            ("whole", "grouped a second, end to end"),
            ("cost", "processor time an event"),
            ("memory", "memory"),
        ):
            ratios = (ours.median(f"{coding} {name}") / bugsink.median(f"{coding} {name}") for coding in CODINGS)
            print(f"| {words} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
        print()
        print(
            f"Medians of {self.options.rounds} rounds of {self.options.seconds:g} s; {platform.machine()}, "
            f"{len(self.cores)} cores, {platform.system()} {platform.release().split('-')[0]}; "
            f"the sender used {self.highest_sender_load:.0%} of its core at most.\n")

    def report_alone(self, ours):
        print("| slack-im alone | |")
        print("|---|---|")
        if "resident" in ours.values:
            most = self.options.events
            print(
                f"| resident at {most // 10:,} and at {most:,} events, MiB | "
                + " · ".join(f"{value:.0f}" for value in ours.values["resident"]) + " |")
            print(
                "| database then, and what of it is in use after retention, MiB | "
                + " · ".join(f"{value:.0f}" for value in ours.values["size"] + ours.values["used"]) + " |")
            print(
                "| messages that wait for Slack, before and after retention | "
                + " · ".join(str(value) for value in ours.values["waiting messages"]) + " |")
        if "loop" in ours.values:
            print(f"| errors delivered of a loop of 400 | {ours.values['loop'][0]} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--only", default="", choices=["", "slack-im", "Bugsink"])
    parser.add_argument("--part", default="", choices=["", "rates", "memory", "loop"])
    parser.add_argument("--json", default="")
    Bench(parser.parse_args()).run()


main()
