# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Applications as the README sets them up: what they report, and that reporting neither slows nor breaks them."""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from alerting import KEY, LIMIT, bot, eventually  # noqa: F401  (bot is a fixture)
from conftest import free_port
from readme import replaced, snippet

HERE = Path(__file__).parent


def run(*arguments: str, program: str | None = None, env: dict | None = None) -> str:
    """Runs a Python program to its end and returns what it printed."""
    command = [sys.executable, *(["-c", program] if program else []), *arguments]
    answer = subprocess.run(command, cwd=HERE, capture_output=True, timeout=2 * LIMIT, text=True,
                            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})})
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def shop(dsn: str, rounds: int) -> dict:
    return json.loads(run("django_app.py", dsn, str(rounds)))


STATUSES = {"/orders/": [500], "/mine/": [401], "/forbidden/": [403], "/fine/": [200]}


def test_django_rest_framework_tells_who_where_and_what(bot):
    before = bot.taken()
    assert shop(bot.dsn, 1)["statuses"] == STATUSES
    eventually(lambda: bot.taken() == before + 3, f"{bot.taken() - before} of 3 came")
    unhandled = bot.message("ZeroDivisionError", "the till is empty", "/orders/")
    assert "kim" in str(unhandled) and "POST" in str(unhandled)
    forbidden = bot.message("PermissionDenied", "/forbidden/", "403")
    assert "kim" in str(forbidden)
    bot.message("NotAuthenticated", "/mine/", "401")


def test_flask(bot):
    run(program=replaced(snippet("Any Sentry SDK"), ("https://KEY@bot.example.com/7", bot.dsn)) + """
import flask
app = flask.Flask("shop")

@app.get("/cart/<number>")
def cart(number):
    raise LookupError("no such cart")

assert app.test_client().get("/cart/5?token=abcdef123456").status_code == 500
sentry_sdk.flush(10)
""")
    message = bot.message("LookupError", "no such cart", "/cart/5")
    assert "abcdef123456" not in json.dumps(message)


LOGGING = (("https://bot.example.com", "URL"), ('os.environ["BILLING_ERRORS_KEY"]', repr(KEY)))


def logging_program(url: str, rest: str) -> str:
    return replaced(snippet("Python's `logging`"), *LOGGING).replace("URL", url) + rest


def test_logging_without_an_sdk(bot):
    run(program=logging_program(bot.url, """
log = logging.getLogger("shop.stock")
log.info("nobody needs to know")
log.error("only %s left of %s", 3, "pears")
try:
    {}["pear"]
except KeyError:
    log.exception("pears are out")
deadline = time.monotonic() + 30
while not logging.getLogger().handlers[-1].waiting.empty() and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(1)
"""))
    bot.message("only 3 left of pears")
    bot.message("pears are out", "KeyError")


def test_the_http_handler_of_the_standard_library(bot):
    run(program=f"""
import logging, logging.handlers
log = logging.getLogger("shop.plain")
log.addHandler(logging.handlers.HTTPHandler("127.0.0.1:{bot.port}", "/hooks/{KEY}", method="POST"))
log.error("plums are %s", "rotten")
""")
    bot.message("plums are %s", "rotten")


@pytest.mark.parametrize("line", [0, 1])
def test_the_lines_for_curl(bot, line):
    before = bot.taken()
    command = replaced(snippet("**curl**", "sh").splitlines()[line], ("https://bot.example.com", bot.url))
    subprocess.run(["bash", "-ec", command], env={**os.environ, "KEY": KEY}, check=True, timeout=LIMIT)
    assert bot.taken() == before + 1


# --- slack-im in trouble -----------------------------------------------------------------------------------------

@contextlib.contextmanager
def trouble(kind: str):
    """A port behind which slack-im is down, hangs, or takes a second for each answer."""
    if kind == "down":
        yield free_port()
        return
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    held = []

    def answer(connection):
        with contextlib.suppress(OSError), connection:
            while connection.recv(1 << 20):
                time.sleep(1)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                if kind == "hangs":
                    held.append(connection)
                else:
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        for connection in held:
            connection.close()


@pytest.fixture(scope="module")
def without_us() -> float:
    """The median of a request's milliseconds in the shop that reports nothing."""
    return statistics.median(shop("", 60)["times"])


@pytest.mark.parametrize("kind", ["down", "hangs", "slow"])
def test_a_shop_does_not_notice_our_troubles(without_us, kind):
    with trouble(kind) as port:
        begun = time.monotonic()
        seen = shop(f"http://{KEY}@127.0.0.1:{port}/7", 60)
        whole = time.monotonic() - begun
    assert seen["statuses"] == STATUSES
    median = statistics.median(seen["times"])
    worst = max(seen["times"])
    # Taking an exception apart costs the SDK about a millisecond; a wait for us would cost a second at the least.
    assert median < without_us + 25, f"a request takes {median:.1f} ms, without us {without_us:.1f} ms"
    assert worst < 900, f"one request took {worst:.0f} ms"
    # At its end a process waits at most two seconds for what is not yet sent.
    assert whole < 30


@pytest.mark.parametrize("kind", ["down", "hangs", "slow"])
def test_logging_does_not_notice_our_troubles(kind):
    with trouble(kind) as port:
        worst = float(run(program=logging_program(f"http://127.0.0.1:{port}", """
worst = 0
for number in range(12000):
    begun = time.perf_counter()
    logging.error("flood %s", number)
    worst = max(worst, time.perf_counter() - begun)
print(worst)
""")))
    assert worst < 0.9
