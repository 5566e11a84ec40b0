# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Debian's Alertmanager, set up as the README says, sends what fires and what is resolved."""

import datetime
import json
import shutil
import subprocess
import urllib.request

import pytest

from alerting import KEY, bot, eventually  # noqa: F401  (bot is a fixture)
from conftest import free_port
from readme import replaced, snippet

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")


@pytest.fixture(scope="module")
def alertmanager(bot, tmp_path_factory):
    """Its address."""
    assert PROGRAM, "prometheus-alertmanager is not installed; scripts/test installs it"
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "key").write_text(KEY, encoding="utf-8")
    receivers = replaced(snippet("**Alertmanager**", "yaml"), ("https://bot.example.com", bot.url),
                         ("/etc/alertmanager/slack-im.key", str(folder / "key")))
    (folder / "config.yml").write_text(
        "route: {receiver: slack-im, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s}\n"
        + receivers, encoding="utf-8")
    port = free_port()
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [PROGRAM, f"--config.file={folder}/config.yml", f"--storage.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"

    def ready():
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url + "/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False
    try:
        eventually(ready, "Alertmanager does not answer")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def tell(url: str, alert: dict) -> None:
    request = urllib.request.Request(
        url + "/api/v2/alerts", json.dumps([alert]).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_an_alert_is_told_once_and_resolves_itself(bot, alertmanager):
    before = bot.ledger()
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
    alert = {
        "labels": {"alertname": "HighLatency", "severity": "critical", "instance": "web-1", "job": "shop"},
        "annotations": {"summary": "the shop answers in 9 s"}, "startsAt": start.isoformat(),
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
    }
    tell(alertmanager, alert)
    card = bot.message("HighLatency", "the shop answers in 9 s")
    # Told again every two seconds, as repeat_interval has it: it counts once.
    tell(alertmanager, alert)
    tell(alertmanager, {**alert, "endsAt": datetime.datetime.now(datetime.timezone.utc).isoformat()})

    def resolved():
        return next(
            (m for m in bot.messages() if m["ts"] == card["ts"] and ":white_check_mark: resolved" in json.dumps(m)), None)
    eventually(resolved, "the card does not say that it is resolved")
    after = bot.ledger()
    assert after["posted"] - before["posted"] == 1
    assert after["folded"] - before["folded"] == 1
    assert after["received"] == sum(after[name] for name in ("posted", "folded", "muted", "filtered", "refused"))
