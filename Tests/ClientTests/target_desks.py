# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Targets as the scenarios see them: what slack-im is told about each, and the hands of somebody else on it."""

import json
import os
from pathlib import Path

from fault_proxy import FaultProxy, call
from rest_service import RESTService

# What the strict SCIM server asks for; nothing secret.
TOKEN = "strict-token"


class RESTDesk:
    """The REST service, behind the proxy."""

    kind, key, name = "rest", "userId", "name"
    has_requests = True

    def __init__(self):
        self.service = RESTService()
        self.proxy = FaultProxy(f"127.0.0.1:{self.service.port}")

    def settings(self):
        return {
            "kind": "rest", "url": f"http://127.0.0.1:{self.proxy.port}/members",
            "account": {"userId": "{{email_local}}", "name": "{{real_name}}", "password": "{{password}}"},
        }

    def accounts(self):
        """By key, passwords and all."""
        with self.service.lock:
            return {one["userId"]: json.loads(json.dumps(one)) for one in self.service.accounts}

    def count(self):
        return len(self.service.accounts)

    def add(self, key, name, **fields):
        return self.service.add({"userId": key, "name": name, **fields})

    def edit(self, key, **fields):
        with self.service.lock:
            self.service.find(key).update(fields)

    def wipe(self):
        self.service.wipe()

    def close(self):
        self.proxy.close()
        self.service.close()


class SCIMDesk:
    """A tenant of scim2-server, behind the proxy."""

    key, name = "userName", "displayName"
    has_requests = True

    def __init__(self, kind, port, tenant):
        self.kind = kind
        self.base = f"http://127.0.0.1:{port}/{tenant}"
        self.tenant = tenant
        self.headers = {"Content-Type": "application/scim+json"}
        if kind == "strict":
            self.headers["Authorization"] = "Bearer " + TOKEN
        self.proxy = FaultProxy(f"127.0.0.1:{port}")

    def settings(self):
        settings = {
            "kind": "scim", "url": f"http://127.0.0.1:{self.proxy.port}/{self.tenant}/v2",
            "account": {
                "userName": "{{email_local}}", "displayName": "{{real_name}}", "password": "{{password}}",
                "emails": [{"value": "{{email}}", "type": "work", "primary": True}],
            },
        }
        if self.kind == "strict":
            settings["auth"] = {"bearer": TOKEN}
        if self.kind == "poor":
            settings["capabilities"] = {"patch": False, "filter": False}
        return settings

    def accounts(self):
        return {one["userName"]: one for one in call(self.base + "/dump")}

    def count(self):
        return len(call(self.base + "/dump"))

    def add(self, key, name, **fields):
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": key, "displayName": name,
            "active": True, **fields,
        }
        return call(self.base + "/v2/Users", "POST", body, self.headers)

    def edit(self, key, **fields):
        user = dict(self.accounts()[key])
        user.pop("password", None)
        user.update(fields)
        call(f"{self.base}/v2/Users/{user['id']}", "PUT", user, self.headers)

    def wipe(self):
        call(self.base + "/wipe", "POST", {}, self.headers)

    def close(self):
        self.proxy.close()


class FileDesk:
    """A hand-kept file, with people and other things in it."""

    kind, key, name = "file", "userId", "name"
    has_requests = False

    def __init__(self, folder):
        self.path = Path(folder) / "init-data.json"
        self.write([])

    def settings(self):
        return {
            "kind": "file", "path": str(self.path), "items": "data.members",
            "account": {"userId": "{{email_local}}", "name": "{{real_name}}", "password": "{{password}}"},
        }

    def write(self, members):
        beside = self.path.with_suffix(".new")
        whole = {"version": 1, "data": {"members": members, "note": "kept by hand"}}
        beside.write_text(json.dumps(whole, indent=4) + "\n", encoding="utf-8")
        os.replace(beside, self.path)

    def members(self):
        return json.loads(self.path.read_text(encoding="utf-8"))["data"]["members"]

    def accounts(self):
        return {one["userId"]: {"active": True, **one} for one in self.members()}

    def count(self):
        return len(self.members())

    def add(self, key, name, **fields):
        self.write(self.members() + [{"userId": key, "name": name, **fields}])

    def edit(self, key, **fields):
        members = self.members()
        next(one for one in members if one["userId"] == key).update(fields)
        self.write(members)

    def wipe(self):
        self.write([])

    def close(self):
        pass
