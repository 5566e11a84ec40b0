# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Has sentry-sdk report errors of a made-up shop and keeps what it would send: events of about 10 and 50 KB.

    events.py DIRECTORY

One file for each kind of error, without what every event has of its own (id, time, user); `fresh-*.json` hold names that
the sender replaces, so that each becomes an error that was never seen.
"""

import importlib
import itertools
import json
import pathlib
import sys
import tempfile

import sentry_sdk
from sentry_sdk.transport import Transport

# Bytes of an event; some hundred more or less do not matter.
SIZES = {"10": 10_000, "50": 50_000}
KINDS = 20
WORDS = "order basket invoice parcel refund coupon member ledger stock price voucher report quote tax".split()

# A view that calls down through its own code and a library's, each call with locals as applications have them.
CALL = '''
def {name}(request, {word}, depth):
    {word}_id = {word}["id"]
    rows = [{{"sku": f"A-{{number}}", "quantity": number, "price": "19.90"}} for number in range(6)]
    options = {{"currency": "EUR", "notify": True, "region": "eu-central-1", "retries": 3}}
    label = f"{word} {{{word}_id}} of {{request['path']}}"
    {statement}
    return rows, options, label
'''
LIBRARY = '''
def dispatch(handler, request, payload, depth):
    attempt = 1
    context = {"request_id": request["id"], "timeout": 30, "attempt": attempt, "path": request["path"]}
    return handler(request, payload, depth)
'''


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self, options):
        super().__init__(options)
        self.events = []

    def capture_envelope(self, envelope):
        if event := envelope.get_event():
            self.events.append(event)


def module(folder: pathlib.Path, kind: int, depth: int, error: str, last: str) -> str:
    """Writes the code of one kind of error and returns its module's name."""
    word, other = WORDS[kind % len(WORDS)], WORDS[(kind * 5 + 3) % len(WORDS)]
    calls = [f"check_{word}_{other}"] + [f"{verb}_{word}" for verb in itertools.islice(names(), depth - 1)]
    if last:
        calls.append(last)
    text = f"from framework import dispatch\n\n\nclass {error}(Exception):\n    pass\n"
    for place, name in enumerate(calls):
        if place + 1 == len(calls):
            statement = f'raise {error}(f"{{label}}: {other} is not available")'
        elif place % 4 == 3:
            statement = f"dispatch({calls[place + 1]}, request, {word}, depth + 1)"
        else:
            statement = f"{calls[place + 1]}(request, {word}, depth + 1)"
        text += "\n" + CALL.format(name=name, word=word, statement=statement)
    name = f"shop_{word}_{kind}" + ("_fresh" if last else "")
    (folder / f"{name}.py").write_text(text + f"\n\nenter = {calls[0]}\n", encoding="utf-8")
    return name


def names():
    for number in itertools.count():
        yield "abcdefghijklmnopqrstuvwxyz"[number % 26] * (1 + number // 26) + "_step"


def report(transport: Kept, name: str, kind: int, crumbs: int) -> dict:
    """The event that sentry-sdk makes of this error."""
    code = importlib.import_module(name)
    request = {"id": f"req-{kind:04}", "path": f"/v1/{name}/{{id}}"}
    with sentry_sdk.isolation_scope() as scope:
        scope.set_tag("http.status_code", 500)
        scope.set_transaction_name(f"/v1/{name}/{{id}}")
        scope.set_context("response", {"status_code": 500})
        for number in range(crumbs):
            scope.add_breadcrumb(
                category="query", level="info",
                message=f"SELECT id, sku, quantity, price FROM shop_line WHERE basket_id = {number} ORDER BY id LIMIT 50",
                data={"db.system": "postgresql", "server.address": "db-1.internal", "duration_ms": 2.5 + number})
        scope.add_event_processor(lambda event, hint: event | {"request": {
            "method": "POST", "url": f"https://shop.example.com/v1/{name}/17", "query_string": "page=2&sort=price",
            "headers": {"Host": "shop.example.com", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
                        "Accept": "application/json", "Content-Type": "application/json", "X-Request-Id": request["id"]},
            "data": {"basket": 17, "items": [1, 2, 3]}, "env": {"SERVER_NAME": "shop-1", "SERVER_PORT": "8000"}}})
        try:
            code.enter(request, {"id": 4711, "state": "open", "owner": "kim"}, 0)
        except Exception as error:
            sentry_sdk.capture_exception(error)
    event = transport.events.pop()
    for own in ("event_id", "timestamp", "user"):
        event.pop(own, None)
    return event


def sized(transport: Kept, folder: pathlib.Path, kind: int, size: int, error: str, last: str = "") -> dict:
    """The event of this kind that comes closest to a size: its stack is most of it, breadcrumbs fill it up."""
    depth = 4 if size < 20_000 else 30
    name = module(folder, kind, depth, error, last)
    bare = len(json.dumps(report(transport, name, kind, 0), separators=(",", ":")))
    one = (len(json.dumps(report(transport, name, kind, 10), separators=(",", ":"))) - bare) / 10
    return report(transport, name, kind, max(0, min(100, round((size - bare) / one))))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root, library = pathlib.Path(folder), pathlib.Path(folder, "site-packages")
        library.mkdir()
        (library / "framework.py").write_text(LIBRARY, encoding="utf-8")
        sys.path[:0] = [str(root), str(library)]
        transport = Kept({})
        sentry_sdk.init(
            dsn="https://key@example.com/7", transport=transport, send_default_pii=True, release="shop@1.4.2",
            environment="production", project_root=str(root), in_app_exclude=["framework"])
        sizes = []
        for label, size in SIZES.items():
            for kind in range(KINDS):
                number = kind + (100 if label == "50" else 0)
                events = {f"known-{label}-{kind:02}": sized(
                    transport, root, number, size, f"{WORDS[kind % len(WORDS)].title()}Kind{chr(65 + kind)}Error")}
                if kind == 0:
                    events[f"fresh-{label}"] = sized(
                        transport, root, number, size, "FreshMarkerError", last="fresh_marker")
                for name, event in events.items():
                    text = json.dumps(event, separators=(",", ":"), default=str)
                    (out / f"{name}.json").write_text(text, encoding="utf-8")
                    sizes.append(len(text))
        print(f"{len(sizes)} kinds of events, {min(sizes):,} to {max(sizes):,} bytes", file=sys.stderr)


main()
