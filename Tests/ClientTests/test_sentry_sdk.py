# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Sentry's own Python SDK: bare, with logging, in a loop. Each application is a process of its own, as it is in life."""

import subprocess
import sys
import textwrap

import pytest

from alerting import LIMIT, bot, eventually, post, KEY  # noqa: F401  (bot is a fixture)
from readme import replaced, snippet


def run(program: str, *arguments: str) -> str:
    """Runs a Python program to its end and returns what it printed."""
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments], capture_output=True, timeout=LIMIT, text=True)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


BARE = """
    import sys, sentry_sdk
    sentry_sdk.init(dsn=sys.argv[1], send_default_pii=True, transport_queue_size=10000, release="shop@1.4.2",
                    traces_sample_rate=1.0)
    sentry_sdk.set_user({"id": "42", "username": "Kim", "email": "kim@example.com"})
    with sentry_sdk.start_transaction(name="a transaction that nobody wants"):
        pass
    sentry_sdk.flush(5)
    def charge(order, token="s3cr3t-in-a-frame"):
        raise ValueError(f"card 4111 1111 1111 1111 was declined, token=abcdef123456 ({order})")
    try:
        charge(17)
    except ValueError as error:
        print(sentry_sdk.capture_exception(error))
    sentry_sdk.flush(5)
"""


def test_an_exception_is_told_with_who_and_what(bot):
    before = bot.taken()
    event_id = run(BARE, bot.dsn).strip()
    assert len(event_id) == 32
    message = bot.message("ValueError", "was declined", "Kim", "shop@1.4.2", "charge")
    assert "4111" not in str(message) and "abcdef123456" not in str(message) and "s3cr3t" not in str(message)
    assert bot.taken() == before + 1, "a transaction was counted, or the error was not"


def test_logging_is_told(bot):
    run("""
        import logging, sys, sentry_sdk
        sentry_sdk.init(dsn=sys.argv[1], transport_queue_size=10000)
        logging.getLogger("shop.stock").error("only %s left of %s", 3, "apples")
        sentry_sdk.flush(5)
    """, bot.dsn)
    assert bot.message("only 3 left of apples")


def test_a_loop_of_400_errors_delivers_400(bot):
    """With the settings of the README and nothing else."""
    settings = replaced(snippet("Any Sentry SDK"), ('"https://KEY@bot.example.com/7"', "sys.argv[1]"))
    before = bot.taken()
    run("import sys\n" + settings + textwrap.dedent("""
        for number in range(400):
            try:
                raise KeyError(f"order {number}")
            except KeyError as error:
                sentry_sdk.capture_exception(error)
        sentry_sdk.flush(50)
    """), bot.dsn)
    assert bot.taken() - before == 400
    assert bot.message("KeyError", "×400")


def test_what_the_sdk_says_it_lost_is_kept(bot):
    """A queue of two and a loop: the SDK drops most, and confesses."""
    run("""
        import sys, time, sentry_sdk
        sentry_sdk.init(dsn=sys.argv[1], transport_queue_size=2)
        for number in range(200):
            sentry_sdk.capture_message(f"a flood", level="error")
        sentry_sdk.flush(10)
        time.sleep(0.1)
        sentry_sdk.capture_message("the report goes with this one", level="error")
        sentry_sdk.flush(10)
    """, bot.dsn)
    assert eventually(lambda: bot.ledger().get("lost_by_client"), "no loss was noted") > 50


CRON = """
    import sys, sentry_sdk
    from sentry_sdk.crons import monitor
    sentry_sdk.init(dsn=sys.argv[1], default_integrations=False)
    @monitor(monitor_slug="backup-nightly")
    def backup(path):
        open(path).close()
    for path in sys.argv[2:]:
        try:
            backup(path)
        except OSError:
            pass
    sentry_sdk.flush(5)
"""


def test_a_cron_job_that_fails_is_told_and_one_that_runs_again_resolves_it(bot):
    before = bot.taken()
    run(CRON, bot.dsn, "/dev/null")
    assert bot.taken() == before, "a good run is no report"
    run(CRON, bot.dsn, "/nowhere/at/all")
    card = bot.message("backup-nightly failed after")
    assert bot.taken() == before + 1
    run(CRON, bot.dsn, "/dev/null")
    assert bot.message("backup-nightly failed after", "resolved")["ts"] == card["ts"]
    assert bot.taken() == before + 1


def test_what_a_user_says_stands_in_the_thread_of_the_error(bot):
    event_id = run("""
        import sys, sentry_sdk
        from sentry_sdk.envelope import Envelope, Item, PayloadRef
        sentry_sdk.init(dsn=sys.argv[1])
        event_id = sentry_sdk.capture_message("the cart is empty", level="error")
        sentry_sdk.flush(5)
        envelope = Envelope()
        envelope.add_item(Item(type="user_report", payload=PayloadRef(json={
            "event_id": event_id, "name": "Lee", "email": "lee@example.com", "comments": "I pressed *pay* <!channel>"})))
        sentry_sdk.get_client().transport.capture_envelope(envelope)
        sentry_sdk.flush(5)
        print(event_id)
    """, bot.dsn).strip()
    card = bot.message("the cart is empty", event_id[:8])
    reply = eventually(lambda: bot.replies(card), "nothing is said in the thread")[0]
    assert "Lee (lee@example.com)" in str(reply) and "I pressed *pay*" in str(reply) and "<!channel>" not in str(reply)


def test_a_wrong_key_or_project_is_403(bot):
    for dsn in (bot.dsn.replace(KEY, "wrong"), bot.dsn.replace("/7", "/8")):
        before = bot.taken()
        run("""
            import sys, sentry_sdk
            sentry_sdk.init(dsn=sys.argv[1])
            sentry_sdk.capture_message("nobody hears this", level="error")
            sentry_sdk.flush(5)
        """, dsn)
        assert bot.taken() == before


@pytest.mark.parametrize("arguments", [
    ["-d", '{"message":"boom from curl","level":"error"}', "/api/7/store/?sentry_key=" + KEY],
    ["-d", '{"message":"boom from curl","level":"error"}', "-H", f"X-Sentry-Auth: Sentry sentry_key={KEY}",
     "/api/7/store"],
    ["-d", '{"text":"boom from curl"}', "/hooks/" + KEY],
    ["--data-urlencode", 'payload={"text":"boom from curl"}', "/hooks/" + KEY],
    ["-d", '{"message":"boom from curl"}', "-H", f"Authorization: Bearer {KEY}", "/errors"],
], ids=["store", "store, header, no slash", "hook", "hook, form", "errors"])
def test_curl(bot, arguments):
    before = bot.taken()
    *options, path = arguments
    answer = subprocess.run(
        ["curl", "-sS", "--fail", *options, bot.url + path], capture_output=True, timeout=LIMIT, text=True, check=True)
    assert answer.stdout == "ok" if "hooks" in path else '"id"' in answer.stdout
    assert bot.taken() == before + 1
    bot.message("boom from curl")


def test_browsers_may_send(bot):
    status, headers, _ = post(bot.url + "/api/7/envelope/?sentry_key=" + KEY, method="OPTIONS", headers={
        "Origin": "https://shop.example.com", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-sentry-auth"})
    assert status == 204 and headers["Access-Control-Allow-Origin"] == "*"
    status, headers, body = post(bot.url + "/api/7/envelope/?sentry_key=" + KEY, b'{}\n{"type":"session"}\n{}\n')
    assert status == 200 and "x-sentry-rate-limits" in headers["Access-Control-Expose-Headers"]
    assert headers["X-Sentry-Rate-Limits"].startswith("3600:transaction;")
