# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Measures acknowledgements of slack-im and of its peers in turns, and prints the ratios as Markdown.

Run by scripts/lib/bench/acks, which builds everything that is started here.
"""

import argparse
import dataclasses
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
import urllib.error
import urllib.request

SECRET = "bench-signing-secret"
FAKE_PORT = 4109
KINDS = ("command", "event")

CONFIGURATION = """\
slack:
  signing_secret: {secret}
  bot_token: xoxb-bench
  api_url: http://127.0.0.1:{fake}/api/
server: {{host: 127.0.0.1, port: {port}}}
database: sqlite:slack-im.sqlite
log: {{level: warning}}
targets:
  - name: dev
    url: http://127.0.0.1:{fake}/members
    account:
      userId: "{{{{email_local}}}}"
      name: "{{{{real_name}}}}"
    schedule: never
"""


@dataclasses.dataclass
class Peer:
    """A program that acknowledges."""

    name: str
    port: int
    command: list
    directory: str = "."
    # Measured values of its rounds, by name.
    values: dict = dataclasses.field(default_factory=dict)

    def note(self, name, value):
        self.values.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self.values[name])


class Running:
    """A program on the measured core, from its start until it answers /readyz, and until it is stopped."""

    def __init__(self, peer, cores):
        self.peer = peer
        environment = dict(os.environ, SLACK_SIGNING_SECRET=SECRET)
        begin = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", str(cores[0]), *peer.command],
            cwd=peer.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None,
        )
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() - begin > 30:
                raise SystemExit(f"error: {peer.name} did not start")
            time.sleep(0.002)
        self.start_to_ready = (time.monotonic() - begin) * 1000

    def _is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.peer.port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def memory(self, field):
        """Resident mebibytes: VmRSS is now, RssAnon of it what no file holds, VmHWM the most there ever was."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith(field + ":"))
        return int(line.split()[1]) / 1024

    def stop(self):
        # Its ports must be free for the next round; what it would still finish is of no interest here.
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Bench:
    def __init__(self, options):
        self.options = options
        self.cores = sorted(os.sched_getaffinity(0))
        if len(self.cores) < 2:
            raise SystemExit("error: two cores are needed: one for the program measured, one for the sender")
        self.out = pathlib.Path(options.out)
        self.load = str(self.out / "load")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="slack-im-bench-", dir=self.out))
        self.runs = 0
        self.highest_sender_load = 0.0

    def slack_im(self, port=4100):
        directory = self.work / f"run-{self.runs}"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        (directory / "slack-im.yaml").write_text(
            CONFIGURATION.format(secret=SECRET, fake=FAKE_PORT, port=port), encoding="utf-8"
        )
        return [self.options.program, "serve", "--config", "slack-im.yaml"], str(directory)

    def send(self, peer, kind, **more):
        self.runs += 1
        arguments = {
            "address": f"127.0.0.1:{peer.port}",
            "kind": kind,
            "secret": SECRET,
            "answers": f"http://127.0.0.1:{FAKE_PORT}",
            "seconds": self.options.seconds,
            "prefix": f"{int(time.time()) % 100000}X{self.runs}",
            **more,
        }
        command = ["taskset", "-c", str(self.cores[1]), self.load, "send"]
        for name, value in arguments.items():
            command += [f"-{name}", str(value)]
        result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        if set(result["statuses"]) != {"200"}:
            raise SystemExit(f"error: {peer.name} answered {result['statuses']}")
        self.highest_sender_load = max(self.highest_sender_load, result["sender_load"])
        return result

    def round(self, peer, kind):
        if peer.name == "slack-im":
            peer.command, peer.directory = self.slack_im(peer.port)
        running = Running(peer, self.cores)
        try:
            time.sleep(1)
            peer.note("start", running.start_to_ready)
            peer.note("idle", running.memory("VmRSS"))
            peer.note("idle private", running.memory("RssAnon"))
            result = self.send(peer, kind)
            for name in ("per_second", "p50", "p99", "p999"):
                peer.note(f"{kind} {name}", result[name])
            peer.note(f"{kind} peak", running.memory("VmHWM"))
            self.say(
                f"{peer.name:9} {kind:8} {result['per_second']:8.0f}/s   p50 {result['p50']:6.2f}   p99 {result['p99']:6.2f}"
                f"   p99.9 {result['p999']:6.2f} ms   peak {running.memory('VmHWM'):4.0f} MiB"
            )
        finally:
            running.stop()

    def steady(self, peer, rate, seconds):
        """Latencies at a fixed rate, commands and then events."""
        peer.command, peer.directory = self.slack_im(peer.port)
        running = Running(peer, self.cores)
        try:
            time.sleep(1)
            for kind in KINDS:
                result = self.send(peer, kind, rate=rate, seconds=seconds)
                for name in ("p50", "p99", "p999"):
                    peer.note(f"steady {kind} {name}", result[name])
                self.say(
                    f"{peer.name:9} {kind:8} at {rate}/s: p50 {result['p50']:.2f}   p99 {result['p99']:.2f}"
                    f"   p99.9 {result['p999']:.2f} ms"
                )
            peer.note("steady peak", running.memory("VmHWM"))
        finally:
            running.stop()

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    def run(self):
        out, bolt = self.out, self.options.bolt
        peers = [
            Peer("slack-im", 4100, []),
            Peer("slack-go", 4101, [str(out / "slack_go"), "127.0.0.1:4101"]),
            Peer(
                "Bolt",
                4102,
                [str(out / "venv/bin/python"), "-m", "uvicorn", "app:edge", "--host", "127.0.0.1", "--port", "4102"]
                + ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"],
                bolt,
            ),
        ]
        peers = [peer for peer in peers if self.options.only in ("", peer.name)]
        fake = subprocess.Popen(
            ["taskset", "-c", str(self.cores[1]), self.load, "fake", "-address", f"127.0.0.1:{FAKE_PORT}"]
        )
        try:
            for _ in range(self.options.rounds):
                for kind in KINDS:
                    for peer in peers:
                        self.round(peer, kind)
            ours = next((peer for peer in peers if peer.name == "slack-im"), None)
            if ours:
                self.steady(ours, 1000, 5)
        finally:
            fake.kill()
            fake.wait()
            shutil.rmtree(self.work, ignore_errors=True)
        if self.options.json:
            record = {peer.name: peer.values for peer in peers}
            pathlib.Path(self.options.json).write_text(json.dumps(record, indent=2), encoding="utf-8")
        if len(peers) == 3:
            self.report(*peers)

    def binary_sizes(self):
        stripped = self.work.parent / "stripped"
        subprocess.run(["strip", "-o", str(stripped), self.options.program], check=True)
        sizes = stripped.stat().st_size / 2**20, (self.out / "slack_go").stat().st_size / 2**20
        stripped.unlink()
        return sizes

    def report(self, ours, go, bolt):
        def ratio(peer, name):
            return peer.median(name) / go.median(name)

        print("| relative to slack-go | slack-im, durable | slack-go | Bolt for Python |")
        print("|---|---|---|---|")
        titles = {"command": "`/im sync`", "event": "`team_join`"}
        for kind, title in titles.items():
            for name, words in (
                ("per_second", "acknowledged a second"),
                ("p50", "p50"),
                ("p99", "p99"),
                ("p999", "p99.9"),
                ("peak", "peak memory"),
            ):
                key = f"{kind} {name}"
                print(f"| {title}: {words} | {ratio(ours, key):.2f} | 1 | {ratio(bolt, key):.2f} |")
        print()
        print("| slack-im alone | |")
        print("|---|---|")
        for kind, title in titles.items():
            values = " · ".join(
                f"{words} {ours.median(f'steady {kind} {name}'):.1f}"
                for name, words in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"))
            )
            print(f"| {title} at 1,000 a second, ms | {values} |")
        print(f"| start to ready, ms | {ours.median('start'):.0f} |")
        peak = max(ours.values["command peak"] + ours.values["event peak"])
        idle, private = ours.median("idle"), ours.median("idle private")
        print(f"| resident when idle · of it private, MiB | {idle:.0f} · {private:.0f} |")
        print(f"| peak: at 1,000 a second · at full load, MiB | {max(ours.values['steady peak']):.0f} · {peak:.0f} |")
        print(f"| stripped binary, MiB | {self.binary_sizes()[0]:.1f} |")
        print()
        print(
            f"Medians of {self.options.rounds} rounds of {self.options.seconds:g} s; {platform.machine()}, "
            f"{len(self.cores)} cores, {platform.system()} {platform.release().split('-')[0]}; "
            f"the sender used {self.highest_sender_load:.0%} of its core at most."
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--bolt", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", default="")
    Bench(parser.parse_args()).run()


main()
