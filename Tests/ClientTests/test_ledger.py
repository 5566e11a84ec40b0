# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""What became of every report: with the process killed in the middle of bursts, with Slack down, and refusing.

Refusing with 429, refusing one channel, refusing the token; and with the card of an error deleted by somebody.
"""

import concurrent.futures
import contextlib
import http.server
import json
import sqlite3
import threading
import time
import urllib.request

import pytest
import urllib3
from slack_sdk import WebClient

from alerting import Bot, KEY, LIMIT, PROJECT, configuration, eventually, post, start, stop
from conftest import TOKEN, free_port

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
        # A word, or what gives Slack's word for its refusal of a call, by path, arguments and token.
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
        if callable(self.mood):
            arguments = json.loads(body) if body.startswith(b"{") else {}
            if word := self.mood(path, arguments, headers.get("Authorization", "")):
                self.refused += 1
                return 200, {"Content-Type": "application/json"}, json.dumps({"ok": False, "error": word}).encode()
        elif path.startswith("/api/chat."):
            if self.mood == "down":
                self.refused += 1
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
def scene(simulator_url: str, folder, **settings):
    """A Slack with moods, and what starts a slack-im that talks to it, by these settings of its `slack`.

    Settings of a start win; `notify` is the name of a channel.
    """
    with urllib.request.urlopen(simulator_url + "/playground/state", timeout=LIMIT) as answer:
        channels = {c["name"]: c["id"] for c in json.load(answer)["channels"]}
    slack = Slack(simulator_url)
    port = free_port()
    config = json.loads(configuration(slack.url, port, channels["alerts"], channels["general"]))
    process = None

    def serve(**more):
        nonlocal process
        config["slack"] |= settings | more
        if notify := config["slack"].get("notify"):
            config["slack"]["notify"] = channels.get(notify, notify)
        process = start(folder, port, json.dumps(config))
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
        slack.mood, slack.refused = "limited", 0
        eventually(lambda: slack.refused >= 2, "Slack was not asked again", 3 * LIMIT)
        slack.mood = "up"
        ledger = settled(bot)
        assert (ledger["received"], ledger["posted"], ledger["folded"]) == (total, groups, total - groups)
        assert not slack.invalid
        pauses = [after - before for before, after in zip(slack.posts, slack.posts[1:])]
        assert len(slack.posts) == groups and min(pauses) > 0.9, pauses
        stop(bot.process)


def report(bot: Bot, words: str, number: int = 1) -> None:
    """Reports of one error, each on its own."""
    for _ in range(number):
        body = json.dumps({"message": words, "level": "error", "fingerprint": [words]}).encode()
        status, _, _ = post(f"{bot.url}/errors", body, {"Authorization": f"Bearer {KEY}"})
        assert status == 202


def ops(bot: Bot) -> str:
    return json.loads(bot.config.read_text(encoding="utf-8"))["slack"]["notify"]


def told(bot: Bot, channel: str, *words: str) -> list:
    return [m for m in bot.messages(channel) if all(word in json.dumps(m, ensure_ascii=False) for word in words)]


def test_a_card_that_somebody_deleted_is_replaced(simulator_url, tmp_path):
    words = "the card of this error is deleted"
    with scene(simulator_url, tmp_path) as (slack, serve):
        slack.mood = "up"
        bot = serve()
        report(bot, words)
        card = bot.message(words)
        client = WebClient(token=TOKEN, base_url=simulator_url + "/api/")
        client.chat_delete(channel=bot.channel, ts=card["ts"])
        assert not told(bot, bot.channel, words)
        # The tenth is worth an edit at once.
        report(bot, words, 9)
        replaced = bot.message(words, "×10")
        assert replaced["ts"] != card["ts"]
        report(bot, words, 90)
        eventually(lambda: told(bot, bot.channel, words, "×100"), "the new card is not kept up to date")
        assert [m["ts"] for m in told(bot, bot.channel, words)] == [replaced["ts"]]
        ledger = settled(bot)
        assert (ledger["received"], ledger["posted"], ledger["folded"]) == (100, 1, 99)
        assert not [m for m in slack.invalid if b"message_not_found" not in m]
        stop(bot.process)


@pytest.mark.parametrize("word", ["channel_not_found", "is_archived", "not_in_channel"])
def test_without_its_channel_an_error_goes_to_the_operators_who_are_told_once(simulator_url, tmp_path, word):
    with scene(simulator_url, tmp_path, notify="ops") as (slack, serve):
        slack.mood = "up"
        bot = serve()
        before = len(told(bot, ops(bot), "Slack refuses something", bot.channel, word))
        slack.mood = lambda path, arguments, token: (
            word if path.startswith("/api/chat.") and arguments.get("channel") == bot.channel else None)
        errors = [f"{number}. error of a channel that is gone: {word}" for number in range(3)]
        for words in errors:
            report(bot, words)
        for words in errors:
            bot.message(words, "meant for", bot.channel, channel=ops(bot))
        eventually(lambda: told(bot, ops(bot), "Slack refuses something", bot.channel, word), "nobody is told")
        assert bot.status()["slack"]["troubles"][0]["code"] == word
        assert settled(bot)["posted"] == 3
        # A card goes on where it stands.
        report(bot, errors[0], 9)
        bot.message(errors[0], "×10", channel=ops(bot))
        slack.mood = "up"
        report(bot, f"the channel is back after {word}")
        bot.message(f"the channel is back after {word}")
        eventually(lambda: not bot.status()["slack"]["troubles"], "the trouble is over and still stands there")
        assert len(told(bot, ops(bot), "Slack refuses something", bot.channel, word)) == before + 1
        ledger = settled(bot)
        assert (ledger["received"], ledger["posted"], ledger["folded"]) == (13, 4, 9)
        stop(bot.process)


def test_what_a_revoked_token_could_not_say_is_said_with_a_new_one(simulator_url, tmp_path):
    errors = [f"{number}. error while the token is revoked" for number in range(5)]
    with scene(simulator_url, tmp_path, notify="ops") as (slack, serve):
        slack.mood = lambda path, arguments, token: "token_revoked" if "xoxb-revoked" in token else None
        bot = serve(bot_token="xoxb-revoked")
        for words in errors:
            report(bot, words)
        troubles = eventually(lambda: bot.status()["slack"]["troubles"], "the status does not know")
        assert [(t["name"], t["code"]) for t in troubles] == [("token", "token_revoked")]
        ledger = bot.ledger()
        assert (ledger["waiting"], ledger["received"]) == (5, 0)
        # Told once, where it can be told; nor is it an error of slack-im's own, which could be told only in Slack.
        log = (tmp_path / "serve.log").read_text(encoding="utf-8")
        assert log.count("Slack refuses what a person must repair") == 1
        own = bot.status()["errors"]["own"]
        assert own["received"] == own["waiting"] == 0
        back = len(told(bot, ops(bot), "Slack had refused my token"))
        stop(bot.process)
        bot = serve(bot_token=TOKEN)
        for words in errors:
            bot.message(words)
        ledger = settled(bot)
        assert (ledger["received"], ledger["posted"]) == (5, 5)
        eventually(lambda: len(told(bot, ops(bot), "Slack had refused my token")) == back + 1, "nobody is told")
        assert not slack.invalid and not bot.status()["slack"]["troubles"]
        stop(bot.process)


def give(folder, kind: str) -> None:
    """A job that a later version has left behind, while none runs."""
    with contextlib.closing(sqlite3.connect(folder / "slack-im.sqlite")) as database, database:
        database.execute(
            "INSERT INTO jobs (kind, arguments, queue, state, run_at, attempt, max_attempts, created_at, failures) "
            "SELECT ?, '{}', 'prompt', 'available', 0, 0, 5, 0, '[]'", (kind,))


def test_an_error_of_slack_ims_own_is_one_card_and_slack_failing_is_none(simulator_url, tmp_path):
    with scene(simulator_url, tmp_path, notify="ops") as (slack, serve):
        slack.mood = "up"
        bot = serve()
        stop(bot.process)
        give(tmp_path, "from_the_future")
        bot = serve()
        card = bot.message("job from_the_future: job given up (job.unknown_kind)", channel=ops(bot))
        assert "an error of its own" in json.dumps(card)
        own = eventually(lambda: (o := bot.status()["errors"]["own"])["posted"] == 1 and o, "it is not counted")
        assert (own["name"], own["received"], own["waiting"]) == ("slack-im", 1, 0)
        assert [s["name"] for s in bot.status()["errors"]["sources"]] == ["clients"]
        stop(bot.process)

        # Slack takes nothing: the card waits, and that it cannot be said is not one more.
        slack.mood, slack.refused = "down", 0
        give(tmp_path, "from_far_away")
        bot = serve()
        eventually(lambda: slack.refused >= 3, "Slack was not asked again", 3 * LIMIT)
        own = bot.status()["errors"]["own"]
        assert (own["received"], own["waiting"], own["open_groups"]) == (1, 1, 2)
        assert bot.status()["outbox"]["pending"] == 1
        bot.process.kill()
        bot.process.wait()

        slack.mood = "up"
        bot = serve()
        bot.message("job from_far_away: job given up (job.unknown_kind)", channel=ops(bot))
        own = eventually(lambda: (o := bot.status()["errors"]["own"])["posted"] == 2 and o, "it is not counted")
        assert (own["received"], own["waiting"]) == (2, 0)
        assert len(told(bot, ops(bot), "from_far_away")) == len(told(bot, ops(bot), "from_the_future")) == 1
        assert not slack.invalid
        stop(bot.process)
