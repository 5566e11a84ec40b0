# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A process of scim2-server, with ids that count from 1 as a fresh database's do, and a wipe.

    python scim_server.py PORT normal|strict|poor [TOKEN]

A tenant is made by the first request below /TENANT/v2; POST /TENANT/wipe empties it and begins to count anew, GET
/TENANT/dump shows what is stored, passwords included. `strict` takes the bearer token and gives five users a page;
`poor` neither patches nor filters nor keeps versions, and says so.
"""

import json
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from scim2_models import ScimProvider, ServiceProviderConfig
from scim2_server.applications.wsgi import TenantDispatcher
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import load_default_resource_types, load_default_schemas


class CountingStorage(InMemoryStorage):
    """Users by numbers."""

    def __init__(self):
        super().__init__()
        self.counter = 0

    def generate_id(self, resource_type, resource):
        self.counter += 1
        return str(self.counter)


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True
    request_queue_size = 128


class Quiet(WSGIRequestHandler):
    """Says nothing about its requests."""

    def log_message(self, *arguments):
        pass


def capabilities(kind):
    """What the server says that it can do."""
    able = kind != "poor"
    return ServiceProviderConfig.model_validate({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": able},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": able, "maxResults": 1000 if kind == "normal" else 5},
        "changePassword": {"supported": able}, "sort": {"supported": able}, "etag": {"supported": able},
    })


def main():
    port, kind = int(sys.argv[1]), sys.argv[2]
    config = capabilities(kind)
    tokens = sys.argv[3:]
    if tokens:
        config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config)
    service = ScimService(provider)
    storages = {}

    def tenant(name):
        storages[name] = CountingStorage()
        return BearerTokenApplication(storages[name], provider, service=service, bearer_tokens=tokens)

    scim = TenantDispatcher(tenant)

    def application(environ, start_response):
        name, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        if rest == "wipe":
            # The very application goes: the next request finds a fresh one.
            with scim.lock:
                scim.applications.pop(name, None)
            storages.pop(name, None)
        if rest in ("wipe", "dump"):
            stored = storages[name].resources if name in storages else []
            body = json.dumps([resource.model_dump() for resource in stored]).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        return scim(environ, start_response)

    with make_server("127.0.0.1", port, application, server_class=Server, handler_class=Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
