# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""A shop with Django REST Framework, set up as the README says, behind a real server; a process of its own.

    python django_app.py DSN REQUESTS      prints JSON: the statuses of each path, and the milliseconds of each request

Without a DSN the README's lines are left out: the same shop without us.
"""

import base64
import http.client
import json
import sys
import threading
import time
import types
import wsgiref.simple_server

from readme import replaced, snippet

dsn, rounds = sys.argv[1], int(sys.argv[2])

if dsn:
    exec(replaced(snippet("Any Sentry SDK"), ("https://KEY@bot.example.com/7", dsn)))

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="of a test", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], DEBUG=False, USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    MIDDLEWARE=[], PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:shop?mode=memory&cache=shared"}},
    LOGGING={"version": 1, "disable_existing_loggers": False},
    REST_FRAMEWORK={
        "EXCEPTION_HANDLER": "shop.errors.exception_handler",
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
    } if dsn else {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]},
)
django.setup()

if dsn:
    errors = types.ModuleType("shop.errors")
    exec(snippet("Django REST Framework"), errors.__dict__)
    sys.modules["shop"], sys.modules["shop.errors"] = types.ModuleType("shop"), errors
    sys.modules["shop"].errors = errors

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response


@api_view(["POST"])
def orders(request):
    raise ZeroDivisionError("the till is empty")


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def mine(request):
    return Response({})


@api_view(["GET"])
def forbidden(request):
    raise PermissionDenied("not your order")


@api_view(["GET"])
def fine(request):
    return Response({"ok": True})


urlpatterns = [path("orders/", orders), path("mine/", mine), path("forbidden/", forbidden), path("fine/", fine)]

call_command("migrate", verbosity=0)
User.objects.create_user("kim", "kim@example.com", "a password")


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


server = wsgiref.simple_server.make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
kim = {"Authorization": "Basic " + base64.b64encode(b"kim:a password").decode()}


def call(method: str, where: str, headers: dict) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request(method, where, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


call("GET", "/fine/", kim)
statuses, times = {}, []
for _ in range(rounds):
    for method, where, headers in (("POST", "/orders/", kim), ("GET", "/mine/", {}), ("GET", "/forbidden/", kim),
                                   ("GET", "/fine/", kim)):
        begun = time.perf_counter()
        status = call(method, where, headers)
        times.append((time.perf_counter() - begun) * 1000)
        statuses.setdefault(where, []).append(status)
print(json.dumps({"statuses": {where: sorted(set(seen)) for where, seen in statuses.items()}, "times": times}),
      flush=True)
