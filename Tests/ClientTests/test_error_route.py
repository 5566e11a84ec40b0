# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""`POST /errors` and its sisters as a stranger would try them: by the contract, and against it.

Whatever comes in, the ledger balances, nothing is answered with 500, and the program goes on.
"""

import contextlib
import gzip
import json
import socket
import uuid
import zlib

import pytest

from alerting import Bot, KEY, LIMIT, PROJECT, configuration, eventually, post, start, stop
from conftest import free_port

COUNTERS = ("posted", "folded", "muted", "filtered", "refused")
BEARER = {"Authorization": f"Bearer {KEY}"}


@contextlib.contextmanager
def source(simulator_url: str, folder):
    """A slack-im whose source filters by status and level, with another one beside it."""
    state = json.loads(post(simulator_url + "/playground/state", method="GET")[2])
    channels = {c["name"]: c["id"] for c in state["channels"]}
    port = free_port()
    config = json.loads(configuration(simulator_url + "/api/", port, channels["alerts"], channels["general"]))
    config["errors"]["sources"][0] |= {"statuses": [401, 403, "5xx"], "min_level": "error", "key": [KEY, "older-key"]}
    config["errors"]["sources"].append({"name": "other", "key": "other-key", "project": 8, "channel": channels["alerts"]})
    process = start(folder, port, json.dumps(config))
    bot = Bot(f"http://127.0.0.1:{port}", port, folder / "slack-im.yaml", process, simulator_url,
              channels["alerts"], channels["general"])
    yield bot
    assert process.poll() is None, "it did not survive"
    balanced(bot)
    stop(process)


@pytest.fixture(scope="module")
def picky(simulator_url, tmp_path_factory):
    """For reports of which only the number matters: soon one card speaks for all of them."""
    with source(simulator_url, tmp_path_factory.mktemp("picky")) as bot:
        yield bot


@pytest.fixture(scope="module")
def calm(simulator_url, tmp_path_factory):
    """For a few reports, each with its card."""
    with source(simulator_url, tmp_path_factory.mktemp("calm")) as bot:
        yield bot


def balanced(bot: Bot) -> dict:
    ledger = bot.ledger()
    assert ledger["received"] == sum(ledger[name] for name in COUNTERS)
    return ledger


def counts(bot: Bot) -> dict:
    """As the ledger has it, what waits for its message counted as posted."""
    ledger = balanced(bot)
    return {name: ledger[name] + (ledger["waiting"] if name == "posted" else 0) for name in COUNTERS}


def errors(bot: Bot, report, headers: dict = BEARER) -> tuple:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    status, answered, content = post(bot.url + "/errors", body, headers)
    assert status < 500, content
    try:
        return status, json.loads(content)
    except ValueError:
        return status, content


@contextlib.contextmanager
def counted(bot: Bot, **expected):
    """What the counters grow by meanwhile; `taken` is posted or folded, as whatever else comes in decides."""
    before = counts(bot)
    yield
    after = counts(bot)
    grown = {name: after[name] - before[name] for name in COUNTERS if after[name] != before[name]}
    if "taken" in expected:
        grown["taken"] = grown.pop("posted", 0) + grown.pop("folded", 0)
    assert grown == expected


def words() -> str:
    """A message that nothing else folds into."""
    return "unheard of: " + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex)


def test_the_whole_report_of_the_contract(calm):
    message = words()
    report = {
        "message": message, "level": "error", "service": "billing-api", "environment": "production",
        "release": "1.4.2", "code": 1001, "status": 500, "event_id": str(uuid.uuid4()),
        "exception": {"type": "IntegrityError", "value": message, "stacktrace": "orders.py:88 in create"},
        "request": {"method": "POST", "path": "/v1/orders", "query": "a=1&token=zzzsecretzzz", "id": "r-1"},
        "user": {"id": "42", "name": "Kim", "email": "kim@example.com", "ip": "203.0.113.9"},
        "fingerprint": [message], "tags": {"k": "v"}, "occurred_at": "2026-11-22T03:00:00Z",
        "unknown": {"kept": ["out", "of", "the", "way"]}}
    with counted(calm, posted=1):
        status, answer = errors(calm, report)
    assert status == 202 and answer["id"].replace("-", "") == report["event_id"].replace("-", "")
    card = calm.message(message)
    told = json.dumps(card, ensure_ascii=False)
    assert "Error! code : 1001" in told and "zzzsecretzzz" not in told
    # Who, where, what: first, and in this order.
    assert told.index("Kim") < told.index("POST /v1/orders") < told.index("IntegrityError")
    assert card["text"].startswith("Kim (42, kim@example.com) on POST /v1/orders: IntegrityError")


@pytest.mark.parametrize("report", [{"message": "x"}, {"exception": {"type": "E"}}, {"exception": {"value": "boom"}}],
                         ids=["message", "type", "value"])
def test_one_of_two_is_enough(picky, report):
    status, answer = errors(picky, report | {"fingerprint": [words()]})
    assert status == 202 and len(answer["id"]) == 32


@pytest.mark.parametrize("status, level, outcome", [
    (401, "error", "taken"), (403, "error", "taken"), (500, "error", "taken"), (599, "fatal", "taken"),
    (None, "error", "taken"), (404, "error", "filtered"), (400, "fatal", "filtered"), (200, "error", "filtered"),
    (500, "warning", "filtered"), (None, "info", "filtered"), (503, None, "taken")])
def test_filters(picky, status, level, outcome):
    with counted(picky, **{outcome: 1}):
        report = {"message": words(), "fingerprint": [words()], "status": status, "level": level}
        assert errors(picky, report)[0] == 202


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic " + KEY},
    {"Authorization": KEY}, {"Authorization": f"Bearer {KEY} {KEY}"}, {"Authorization": f"Bearer {KEY[:-1]}"},
    {"Authorization": f"Bearer {KEY}x"}, {"X-Sentry-Auth": f"Sentry sentry_key={KEY}"}],
    ids=["none", "empty", "wrong", "basic", "bare", "twice", "short", "long", "Sentry's"])
def test_401(picky, headers):
    with counted(picky):
        status, answer = errors(picky, {"message": "never seen"}, headers)
    assert status == 401 and answer["status"] == 401 and KEY not in json.dumps(answer)


def test_every_key_while_rotating(picky):
    for header in (BEARER, {"Authorization": "Bearer older-key"}, {"authorization": f"bearer {KEY}"}):
        with counted(picky, taken=1):
            assert errors(picky, {"message": "x", "fingerprint": [words()]}, header)[0] == 202


@pytest.mark.parametrize("report, pointers", [
    ({}, {""}), ({"message": ""}, None), ({"message": 7}, {"/message"}), ([], {""}), ("text", {""}), (None, {""}),
    ({"message": "x", "level": "loud"}, {"/level"}), ({"message": "x", "status": "many"}, {"/status"}),
    ({"message": "x", "status": 5}, {"/status"}), ({"message": "x", "event_id": "short"}, {"/event_id"}),
    ({"message": "x", "occurred_at": "yesterday"}, {"/occurred_at"}),
    ({"message": "x", "tags": [1]}, {"/tags"}), ({"message": "x", "fingerprint": {}}, {"/fingerprint"}),
    ({"message": "x", "exception": "E"}, {"/exception"}), ({"message": "x", "user": "Kim"}, {"/user"}),
    ({"message": "x", "request": 1, "level": 1, "user": []}, {"/request", "/level", "/user"})])
def test_400_names_every_problem(picky, report, pointers):
    with counted(picky, refused=1):
        status, answer = errors(picky, report)
    assert status == 400 and answer["errors"]
    if pointers:
        assert {e["pointer"] for e in answer["errors"]} >= pointers, answer


@pytest.mark.parametrize("body", [
    b"", b"{", b"\x00", b"\xff\xfe{}", b'{"message":"x"', b'{"message":"x"}{}', b"message=x", b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"message":"\xc3("}', b'{"message":"\\ud800"}',
    b'{"message":"x","level":NaN}', b'\xef\xbb\xbf{"message":"x","fingerprint":["bom"]}'],
    ids=["empty", "open", "nul", "utf-16 mark", "cut", "two", "form", "deep list", "deep object", "broken utf-8",
         "lone surrogate", "nan", "utf-8 mark"])
def test_bytes_that_are_no_report(picky, body):
    before = sum(counts(picky).values())
    status, _ = errors(picky, body)
    assert status in (202, 400)
    # Taken or refused, but counted.
    assert sum(counts(picky).values()) == before + 1


@pytest.mark.parametrize("more", [
    {"message": "nul \x00 in the middle"}, {"message": "x" * 900_000}, {"fingerprint": ["f" * 900_000]},
    {"fingerprint": ["f"] * 100_000}, {"tags": {f"k{n}": "v" * 50 for n in range(10_000)}},
    {"message": "\u202e\u200b<!channel> <@U1> *bold* `code` ```fence``` &amp; :tada:"}, {"message": "\n\n\n"},
    {"exception": {"type": "E" * 100_000, "value": "v" * 300_000, "stacktrace": ["frame"] * 50_000}},
    {"exception": {"type": "E", "stacktrace": [{"filename": "f" * 400, "line": 2 ** 63}] * 2000}},
    {"user": {"name": "<!here>", "email": "x" * 100_000}}, {"code": {"a": 1}}, {"code": "c" * 100_000},
    {"request": {"path": "/" + "p" * 500_000, "method": "M" * 9000}}, {"release": "r" * 100_000},
    {"occurred_at": 0}, {"occurred_at": 1e300}, {"occurred_at": -1}, {"occurred_at": "9999-12-31T23:59:59Z"},
    {"occurred_at": "0001-01-01T00:00:00Z"}, {"status": 1e300}, {"level": "FATAL"}, {"event_id": "0" * 32},
    {"x" * 100_000: None}, {"message": None, "exception": None}, {"fingerprint": []}, {"fingerprint": [""]},
    {"environment": "", "service": ""}, {"tags": {"": ""}}],
    ids=lambda more: next(iter(more))[:12])
def test_strange_but_json(picky, more):
    before = sum(counts(picky).values())
    status, answer = errors(picky, {"message": "strange"} | more)
    assert status in (202, 400), answer
    assert sum(counts(picky).values()) == before + 1


ODD = [
    b"", b"\x00" * 100, b"\xff" * 100, b"null", b"[]", b"7", b'"text"', b"{}", b"{}\n{}\n", b"{}\n{\"type\":\"event\"}\n",
    b'{}\n{"type":"event","length":-1}\n{}', b'{}\n{"type":"event","length":9223372036854775807}\n{}',
    b'{}\n{"type":"event","length":5}\n{"message":"x"}', b"[" * 200_000, b'{"a":' * 100_000, b"a=1&b=2", b"payload=%00%ff",
    b"payload={", b'{"message":"x\x00y"}', b'{"exception":{"values":[[[[[[]]]]]]}}', b'{"exception":{"values":[null,7,{}]}}',
    b'{"message":{"formatted":null,"message":7,"params":{}}}', b'{"request":{"headers":[[1,2,3],[],"x"],"query_string":[[]]}}',
    b'{"fingerprint":"{{ default }}","level":7,"tags":[[1],["a"],{"key":1}],"timestamp":"1e999","contexts":7}',
    b'{"message":"' + b"\\u0000" * 1000 + b'"}', b'{"message":"' + b"\\ud83d" * 1000 + b'"}', b'{"level":"error"}',
    b'{"text":"","attachments":[{}],"blocks":[{"type":"section"}]}', b'{"blocks":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"version":"4","alerts":[{"status":"firing","labels":{"a":[]},"startsAt":"9999-99-99"},{},{"labels":7}]}']


@pytest.mark.parametrize("path", [
    f"/api/{PROJECT}/envelope/?sentry_key={KEY}", f"/api/{PROJECT}/store/?sentry_key={KEY}", f"/hooks/{KEY}",
    "/webhooks/alertmanager"], ids=["envelope", "store", "hook", "alertmanager"])
def test_odd_bodies_on_every_route(picky, path):
    for body in ODD:
        status, _, content = post(picky.url + path, body, BEARER if "webhooks" in path else {})
        assert status in (200, 400), (body[:60], status, content[:300])
    balanced(picky)


def test_413(picky):
    with counted(picky, refused=2):
        bomb = gzip.compress(b'{"message":"' + b" " * (8 << 20) + b'"}')
        assert errors(picky, bomb, BEARER | {"Content-Encoding": "gzip"})[0] == 413
        assert errors(picky, bomb[:-20], BEARER | {"Content-Encoding": "gzip"})[0] in (400, 413)
    # A length that only says so is refused before it comes.
    with socket.create_connection(("127.0.0.1", picky.port), LIMIT) as client:
        client.sendall((f"POST /errors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                        "Content-Length: 99999999999\r\n\r\n").encode())
        assert b" 413 " in client.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate", "zstd"])
def test_encodings(picky, coding):
    body = json.dumps({"message": words(), "fingerprint": [words()]}).encode()
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": lambda body: body}.get(
        coding, lambda body: zlib.compress(body)[2:-4])(body)
    with counted(picky, **({"refused": 1} if coding == "zstd" else {"taken": 1})):
        status, _ = errors(picky, packed, BEARER | {"Content-Encoding": coding.split()[-1]})
    assert status == (415 if coding == "zstd" else 202)


def test_an_id_counts_once_per_source_in_every_format(picky):
    id = uuid.uuid4().hex
    report = {"message": words(), "event_id": id}
    with counted(picky, taken=1):
        for _ in range(3):
            assert errors(picky, report) == (202, {"id": id})
        assert errors(picky, report | {"event_id": str(uuid.UUID(id)).upper()})[0] == 202
        status, _, content = post(
            f"{picky.url}/api/{PROJECT}/store/?sentry_key={KEY}", json.dumps(report).encode())
        assert status == 200 and json.loads(content)["id"] == id
    # Another source's is another one.
    assert errors(picky, report, {"Authorization": "Bearer other-key"}) == (202, {"id": id})


def test_folded_and_filtered_ids_count_once_too(picky):
    first = {"message": words()}
    id = uuid.uuid4().hex
    with counted(picky, taken=2, filtered=1):
        errors(picky, first)
        for _ in range(3):
            errors(picky, first | {"event_id": id})
            errors(picky, {"message": "x", "level": "debug", "event_id": id[::-1]})


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/errors", 405), ("PUT", "/errors", 405), ("DELETE", "/errors", 405), ("GET", "/hooks/" + KEY, 405),
    ("GET", f"/api/{PROJECT}/store/", 405), ("POST", "/errors/", None), ("POST", "/error", 404),
    ("POST", "/hooks/wrong", 401), ("POST", "/webhooks/alertmanager", 401), ("POST", "/webhooks/github", 401),
    ("POST", f"/api/{PROJECT}/envelope/", 403), ("POST", f"/api/{PROJECT}/store/?sentry_key=wrong", 403),
    ("POST", f"/api/9/store/?sentry_key={KEY}", 403), ("POST", f"/api/8/store/?sentry_key={KEY}", 403),
    ("POST", "/targets/dev/sync", None), ("GET", "/livez", 200), ("GET", "/readyz", 200)])
def test_doors(picky, method, path, status):
    with counted(picky):
        answered, headers, content = post(picky.url + path, b"{}" if method != "GET" else None, method=method)
    assert answered < 500 and (status is None or answered == status), content
    if answered >= 400:
        assert headers["Content-Type"] == "application/problem+json"
        problem = json.loads(content)
        assert problem["status"] == answered and KEY not in content.decode()


def test_the_shape_of_an_incoming_webhook(calm):
    text = words()
    with counted(calm, posted=1, folded=2):
        for body in (json.dumps({"text": text, "channel": "#nowhere"}).encode(),
                     b"payload=" + json.dumps({"text": text}).encode(),
                     json.dumps({"attachments": [{"text": text, "fallback": text}]}).encode()):
            status, headers, content = post(f"{calm.url}/hooks/{KEY}", body)
            assert (status, content) == (200, b"ok") and headers["Content-Type"].startswith("text/plain")
    assert calm.message(text)["channel"] == calm.channel


def alert(name: str, status: str, instance: str = "a", **more) -> dict:
    labels = {"alertname": name, "instance": instance, "severity": "critical"}
    return {"status": status, "labels": labels, "annotations": {"summary": f"{name} on {instance}"},
            "startsAt": "2026-11-22T03:00:00Z", "generatorURL": "http://prometheus/graph",
            "endsAt": "2026-11-22T04:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"} | more


def notify(bot: Bot, *alerts: dict, method: str = "POST", **more) -> tuple:
    body = {"version": "4", "groupKey": "{}", "status": alerts[0]["status"] if alerts else "firing",
            "receiver": "slack-im", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
            "externalURL": "http://alertmanager", "truncatedAlerts": 0, "alerts": list(alerts)} | more
    return post(bot.url + "/webhooks/alertmanager", json.dumps(body).encode(), BEARER, method)


@pytest.mark.parametrize("grafana", [False, True], ids=["Alertmanager", "Grafana"])
def test_an_alert_fires_and_is_resolved(calm, grafana):
    name = "Alert" + uuid.uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    more = {"orgId": 1, "title": "[FIRING:1]", "state": "alerting", "message": "m"} if grafana else {}
    with counted(calm, posted=2):
        status, _, _ = notify(calm, alert(name, "firing"), alert(name, "firing", "b"),
                              method="PUT" if grafana else "POST", **more)
        assert status == 200
    one = calm.message(name, "on a")
    with counted(calm, folded=1):
        # While it lasts the same is sent again, which counts for nothing, and then that it is over.
        assert notify(calm, alert(name, "firing"), **more)[0] == 200
        assert notify(calm, alert(name, "resolved"), **more)[0] == 200
    resolved = calm.message(name, "on a", "resolved")
    assert resolved["ts"] == one["ts"]
    assert "resolved" not in json.dumps(calm.message(name, "on b")["blocks"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"alerts":{}}', b'{"alerts":[1,null,"x"]}'])
def test_notifications_that_are_none(picky, body):
    before = counts(picky)
    status, _, _ = post(picky.url + "/webhooks/alertmanager", body, BEARER)
    assert status in (200, 400)
    after = counts(picky)
    assert {name for name in COUNTERS if after[name] != before[name]} <= {"refused"}


def test_ids_are_remembered_by_the_next_process(simulator_url, tmp_path):
    state = json.loads(post(simulator_url + "/playground/state", method="GET")[2])
    channels = {c["name"]: c["id"] for c in state["channels"]}
    port = free_port()
    config = configuration(simulator_url + "/api/", port, channels["alerts"], channels["general"])
    reports = [{"message": "seen by two processes", "event_id": uuid.uuid4().hex} for _ in range(3)]
    for _ in range(2):
        process = start(tmp_path, port, config)
        bot = Bot(f"http://127.0.0.1:{port}", port, tmp_path / "slack-im.yaml", process, simulator_url,
                  channels["alerts"], channels["general"])
        for report in reports:
            assert errors(bot, report) == (202, {"id": report["event_id"]})
        ledger = eventually(lambda: (found := balanced(bot))["waiting"] == 0 and found, "it waits for ever")
        assert (ledger["received"], ledger["posted"], ledger["folded"]) == (3, 1, 2)
        stop(process)
