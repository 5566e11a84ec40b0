# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A proxy between slack-im and a target that misbehaves as it is told, and remembers every request."""

import http.client
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass
class Fault:
    """What happens instead of a plain answer.

    `kind`: status, page (a web page with 200), truncate (half of the answer), hang, reset (after the target has acted),
    refuse (before it has), slow (byte by byte), duplicate (the answer to the first listing again), garbage.
    """

    kind: str
    status: int = 500
    headers: dict = field(default_factory=dict)
    seconds: float = 3


class FaultProxy:
    """Forwards to `upstream` (host:port); `rule(method, path, number)` gives a `Fault` or `None` for each request.

    `before(method, path)` is called with every request, while it is held.
    """

    def __init__(self, upstream):
        self.upstream = upstream
        self.rule = lambda method, path, number: None
        self.before = lambda method, path: None
        self.journal = []
        self._first_list = None
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Neither Nagle nor a delayed acknowledgement: only the faults are slow here.
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *arguments):
                pass

            def handle_one(self):
                proxy._handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def reset(self):
        """No faults, and an empty journal."""
        self.rule = lambda method, path, number: None
        self.before = lambda method, path: None
        self.journal = []
        self._first_list = None

    @property
    def writes(self):
        """Method and path of every request that could have changed something."""
        return [(method, path) for method, path, _ in self.journal if method in WRITES]

    def _handle(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        with self._lock:
            number = sum(1 for method, _, _ in self.journal if method == handler.command)
            self.journal.append((handler.command, handler.path, body))
        self.before(handler.command, handler.path)
        fault = self.rule(handler.command, handler.path, number)
        if fault is None:
            return self._send(handler, *self._forward(handler, body))
        if fault.kind == "status":
            return self._send(handler, fault.status, fault.headers, b'{"error":"fault"}')
        if fault.kind == "page":
            return self._send(handler, 200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><h1>Sign in</h1>")
        if fault.kind == "garbage":
            return self._send(handler, 200, {"Content-Type": "application/json"}, b"{}")
        if fault.kind == "hang":
            time.sleep(fault.seconds)
            return self._reset(handler)
        if fault.kind == "refuse":
            return self._reset(handler)
        status, headers, answer = self._forward(handler, body)
        if fault.kind == "reset":
            return self._reset(handler)
        if fault.kind == "truncate":
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(max(len(answer), 2)))
            handler.end_headers()
            handler.wfile.write(answer[: len(answer) // 2])
            handler.close_connection = True
            return None
        if fault.kind == "slow":
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(answer)))
            handler.end_headers()
            for place in range(len(answer)):
                handler.wfile.write(answer[place : place + 1])
                handler.wfile.flush()
                time.sleep(fault.seconds / max(len(answer), 1))
            return None
        if fault.kind == "duplicate":
            self._first_list = self._first_list or (status, headers, answer)
            return self._send(handler, *self._first_list)
        raise ValueError(fault.kind)

    def _forward(self, handler, body):
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(handler.command, handler.path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            kept = {name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "etag", "location")}
            return answer.status, kept, content
        finally:
            connection.close()

    @staticmethod
    def _send(handler, status, headers, body):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status not in (204, 304):
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if status not in (204, 304):
            handler.wfile.write(body)
        handler.wfile.flush()

    @staticmethod
    def _reset(handler):
        # Linger 0 makes the close a reset.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        handler.connection.close()


def call(url, method="GET", body=None, headers=None):
    """One request of the test's own hand; the decoded answer."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, "/" + path, body=data, headers=headers or {})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status < 400, f"{method} {url}: {answer.status} {content[:300]!r}"
        return json.loads(content) if content else None
    finally:
        connection.close()
