# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""What became of every report: with the process killed in the middle of bursts, with Slack down, and refusing with 429."""

import concurrent.futures
import contextlib
import http.server
import json
import threading
import time
import urllib.request

import urllib3

from alerting import Bot, KEY, LIMIT, PROJECT, configuration, eventually, start, stop
from conftest import free_port

COUNTERS = ("posted", "folded", "muted", "filtered", "refused")


def send(pool: urllib3.PoolManager, port: int, group: int, number: int) -> bool:
    """One error with an id of its own; whether it was acknowledged."""
    event = {
        "event_id": f"{group:08x}{number:024x}", "level": "error", "fingerprint": [f"group {group}"],
        "exception": {"values": [{"type": "E", "value": f"boom {group}"}]},
        "user": {"id": str(number % 7)}, "extra": {"padding": "x" * 2000}}
    try:
        answer = pool.request(
            "POST", f"http://127.0.0.1:{port}/api/{PROJECT}/store/?sentry_key={KEY}", body=json.dumps(event),
            retries=False, timeout=LIMIT)
        return answer.status == 200
    except urllib3.exceptions.HTTPError:
        return False


class Slack:
    """Takes messages for a channel as Slack does, or does not; notes when, and what it was given."""

    def __init__(self, simulator_url: str):
        self.mood, self.posts, self.invalid, self.refused = "down", [], [], 0
        slack = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, answer = slack.answer(self.path, body, self.headers, simulator_url)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/api/"

    def answer(self, path: str, body: bytes, headers, simulator_url: str) -> tuple:
        if path.startswith("/api/chat."):
            if self.mood == "down":
                return 503, {"Content-Type": "text/html"}, b"<html>down</html>"
            if self.mood == "limited":
                self.refused += 1
                return 429, {"Retry-After": "1", "Content-Type": "application/json"}, b'{"ok":false,"error":"ratelimited"}'
            if path == "/api/chat.postMessage":
                self.posts.append(time.monotonic())
        request = urllib.request.Request(simulator_url + path, data=body, method="POST", headers={
            name: headers[name] for name in ("Authorization", "Content-Type") if headers.get(name)})
        with contextlib.closing(urllib.request.urlopen(request, timeout=LIMIT)) as answer:
            content = answer.read()
        # The simulator looks at every block as Slack does.
        if path.startswith("/api/chat.") and not json.loads(content).get("ok"):
            self.invalid.append(content)
        return 200, {"Content-Type": "application/json"}, content


@contextlib.contextmanager
def scene(simulator_url: str, folder):
    """A Slack with moods, and what starts a slack-im that talks to it."""
    with urllib.request.urlopen(simulator_url + "/playground/state", timeout=LIMIT) as answer:
        channels = {c["name"]: c["id"] for c in json.load(answer)["channels"]}
    slack = Slack(simulator_url)
    port = free_port()
    config = configuration(slack.url, port, channels["alerts"], channels["general"])
    process = None

    def serve():
        nonlocal process
        process = start(folder, port, config)
        return Bot(f"http://127.0.0.1:{port}", port, folder / "slack-im.yaml", process, simulator_url,
                   channels["alerts"], channels["general"])
    try:
        yield slack, serve
    finally:
        if process and process.poll() is None:
            process.kill()
            process.wait()
        slack.server.shutdown()


def settled(bot: Bot, limit: float = 3 * LIMIT) -> dict:
    """The ledger once nothing waits any more."""
    ledger = eventually(lambda: (found := bot.ledger())["waiting"] == 0 and found, "something waits for ever", limit)
    assert ledger["received"] == sum(ledger[name] for name in COUNTERS)
    return ledger


def test_kill_9_in_the_middle_of_bursts(simulator_url, tmp_path):
    rounds, burst, acknowledged = 8, 60, set()
    with scene(simulator_url, tmp_path) as (slack, serve), urllib3.PoolManager(maxsize=16) as pool:
        slack.mood = "up"
        for group in range(1, rounds + 1):
            bot = serve()
            with concurrent.futures.ThreadPoolExecutor(8) as workers:
                sent = {workers.submit(send, pool, bot.port, group, number): number for number in range(burst)}
                for done, task in enumerate(concurrent.futures.as_completed(sent)):
                    if task.result():
                        acknowledged.add((group, sent[task]))
                    # At another point of the burst each time.
                    if done == group * burst // (rounds + 1):
                        bot.process.kill()
            bot.process.wait()
        bot = serve()
        before = bot.taken()
        assert len(acknowledged) <= before <= rounds * burst, "what was acknowledged is not there, or there twice"
        assert 0 < len(acknowledged) < rounds * burst, "no burst was cut"
        # As a client that heard nothing would, all of it again: each id counts once.
        for group in range(1, rounds + 1):
            for number in range(burst):
                assert send(pool, bot.port, group, number)
        ledger = settled(bot)
        assert ledger["received"] == rounds * burst
        assert ledger["posted"] == rounds
        stop(bot.process)


def test_10000_errors_with_slack_down_and_then_refusing(simulator_url, tmp_path):
    total, groups = 10_000, 5
    with scene(simulator_url, tmp_path) as (slack, serve), urllib3.PoolManager(maxsize=16) as pool:
        bot = serve()
        with concurrent.futures.ThreadPoolExecutor(16) as workers:
            taken = workers.map(lambda number: send(pool, bot.port, 0x100 + number % groups, number), range(total))
            assert sum(taken) == total
        assert bot.ledger()["posted"] == 0 and bot.taken() == total
        slack.mood = "limited"
        eventually(lambda: slack.refused >= 2, "Slack was not asked again", 3 * LIMIT)
        slack.mood = "up"
        ledger = settled(bot)
        assert (ledger["received"], ledger["posted"], ledger["folded"]) == (total, groups, total - groups)
        assert not slack.invalid
        pauses = [after - before for before, after in zip(slack.posts, slack.posts[1:])]
        assert len(slack.posts) == groups and min(pauses) > 0.9, pauses
        stop(bot.process)
