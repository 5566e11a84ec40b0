# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A small accounts service with numbered ids, as a company's own web application would have it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class RESTService:
    """`/members` with POST, a paged GET, and GET, PUT, PATCH and DELETE of `/members/{userId}`; in memory."""

    def __init__(self):
        self.lock = threading.RLock()
        self.accounts = []
        self.counter = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *arguments):
                pass

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                with service.lock:
                    status, content = service.respond(self.command, self.path, body)
                data = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(data)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

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

    def wipe(self):
        with self.lock:
            self.accounts, self.counter = [], 0

    def add(self, account):
        with self.lock:
            self.counter += 1
            self.accounts.append({"id": self.counter, "active": True, **account})
            return self.accounts[-1]

    def respond(self, method, path, body):
        parts = urlsplit(path)
        segments = [unquote(segment) for segment in parts.path.strip("/").split("/")]
        if segments[0] != "members" or len(segments) > 2:
            return 404, {"error": "no such page"}
        if len(segments) == 1:
            if method == "GET":
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                size, page = int(query.get("size", 100)), int(query.get("page", 1))
                shown = self.accounts[(page - 1) * size : page * size]
                return 200, {"total": len(self.accounts), "data": {"items": [self.shown(one) for one in shown]}}
            if method == "POST":
                if not isinstance(body, dict) or not body.get("userId"):
                    return 400, {"error": "userId is needed"}
                if self.find(body["userId"]):
                    return 409, {"error": "the member already exists"}
                return 201, self.shown(self.add(body))
            return 405, {"error": "no"}
        account = self.find(segments[1])
        if account is None:
            return 404, {"error": "no such member"}
        if method == "GET":
            return 200, self.shown(account)
        if method in ("PUT", "PATCH"):
            other = self.find(body.get("userId", segments[1]))
            if other is not None and other is not account:
                return 409, {"error": "the member already exists"}
            if method == "PUT":
                kept = {"id": account["id"], "password": account.get("password")}
                account.clear()
                account.update(kept)
                body = {name: value for name, value in body.items() if name not in ("id", "password")}
            account.update(body)
            return 200, self.shown(account)
        if method == "DELETE":
            self.accounts.remove(account)
            return 204, None
        return 405, {"error": "no"}

    def find(self, key):
        return next((account for account in self.accounts if account.get("userId") == key), None)

    @staticmethod
    def shown(account):
        return {name: value for name, value in account.items() if name != "password"}
