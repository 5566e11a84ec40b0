# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""What an operator and a build server touch: `serve` with its admin port, `sync` from elsewhere, proxies, private CAs.

Everything runs as it would be run: the built program, real sockets, Prometheus' own checker, a real Chromium.
"""

import base64
import concurrent.futures
import contextlib
import http.server
import json
import os
import platform
import resource
import shutil
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import SIGNING_SECRET, TOKEN, free_port

API_KEY = "jenkins-key-0123456789"
ERRORS_KEY = "billing-errors-key-0123456789"
LIMIT = 60


def binary() -> str:
    return str(Path(os.environ["SLACK_IM_BINARY"]).resolve())


class Serve:
    """`slack-im serve` against the playground's workspace, in a folder of its own."""

    def __init__(self, folder: Path, simulator_url: str, targets: list, environment: dict | None = None):
        self.folder = folder
        self.port, self.admin = free_port(), free_port()
        self.url, self.admin_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.admin}"
        self.environment = {**os.environ, **(environment or {})}
        self.configuration = folder / "slack-im.yaml"
        self.configuration.write_text(json.dumps({
            "slack": {"signing_secret": SIGNING_SECRET, "bot_token": TOKEN, "api_url": simulator_url + "/api/"},
            "server": {
                "port": self.port, "admin": f"127.0.0.1:{self.admin}", "api_keys": [API_KEY],
                "public_url": "https://bot.example.com",
            },
            "targets": targets,
            "errors": {"sources": [{"name": "billing", "key": ERRORS_KEY, "project": 7, "channel": "C0BILLING"}]},
        }), encoding="utf-8")
        self.process = None
        self.limit = resource.getrlimit(resource.RLIMIT_NOFILE)

    def __enter__(self):
        self.talk = self.folder / "serve.txt"
        with self.talk.open("wb") as talk:
            self.process = subprocess.Popen(
                [binary(), "serve", "--config", str(self.configuration)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=talk, stderr=talk, env=self.environment,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.limit),
            )
        until(lambda: get(self.url + "/readyz")[0] == 200 and get(self.admin_url + "/metrics")[0] == 200)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.talk.read_text()

    def run(self, *arguments: str, config: bool = True, environment: dict | None = None):
        more = ["--config", str(self.configuration)] if config else []
        return subprocess.run(
            [binary(), *arguments, *more], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT, env={**self.environment, **(environment or {})},
        )


def target(name: str, url: str, **more) -> dict:
    return {
        "name": name, "url": url, "schedule": "never", "on_join": False, "adopt": "always",
        "headers": {"X-Attic-User": "admin", "X-Attic-Role": "manageMember"},
        "account": {"userId": "{{email_local}}", "name": "{{real_name}}"}, **more,
    }


def get(url: str, method: str = "GET", headers: dict | None = None, body: bytes | None = None):
    """Status, headers and body, whatever the status."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def until(condition) -> None:
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


BEARER = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture(scope="module")
def serve(simulator_url, tmp_path_factory):
    targets = [
        target("demo", simulator_url + "/accounts/demo/members"),
        target("office", simulator_url + "/accounts/office/members", schedule="0 6 1,15 * *", timezone="Asia/Seoul"),
    ]
    with Serve(tmp_path_factory.mktemp("serve"), simulator_url, targets) as running:
        yield running


# --- The admin port --------------------------------------------------------------------------------------------------


def report_an_error(serve, message: str) -> None:
    body = json.dumps({"message": message, "user": {"name": "Kim"}, "request": {"path": "/v1/orders"}}).encode()
    headers = {"Authorization": f"Bearer {ERRORS_KEY}", "Content-Type": "application/json"}
    assert get(serve.url + "/errors", "POST", headers, body)[0] == 202


def test_metrics_pass_prometheus_own_checks(serve):
    assert get(serve.url + "/targets/demo/sync?wait=1m", "POST", BEARER)[0] == 200
    report_an_error(serve, "card was declined")
    get(serve.url + "/slack/commands", "POST", body=b"unsigned")
    status, headers, text = get(serve.admin_url + "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=LIMIT)
    assert (check.returncode, check.stdout + check.stderr) == (0, "")
    for sample in (
        'slack_im_ready 1',
        'slack_im_acknowledgement_duration_seconds_count{route="/errors",outcome="recorded"} 1',
        'slack_im_acknowledgement_duration_seconds_count{route="/slack/commands",outcome="unauthorized"} 1',
        'slack_im_runs_total{target="demo",outcome="done"} 1',
        'slack_im_web_api_calls_total{method="users.list",outcome="ok"}',
        'slack_im_error_reports_total{source="billing",outcome="folded"} 0',
        'slack_im_error_groups_open{source="billing"} 1',
        'slack_im_target_accounts{target="demo",state="active"}',
        'slack_im_store_commit_duration_seconds_count{outcome="committed"}',
        'slack_im_store_commit_transactions_count',
        'slack_im_outbox_lag_seconds',
        # Also of what there is none.
        *(f'slack_im_queue_jobs{{queue="{queue}",state="{state}"}} '
          for queue in ("prompt", "runs") for state in ("available", "scheduled", "running", "discarded")),
        'slack_im_queue_jobs{queue="runs",state="discarded"} 0',
        'slack_im_queue_oldest_job_age_seconds{queue="runs",state="discarded"} 0',
        'process_resident_memory_bytes',
    ):
        assert sample in text, sample


def test_the_admin_port_answers_only_to_this_machine_and_changes_nothing(serve):
    assert get(serve.admin_url + "/metrics", headers={"Host": "rebound.example.com"})[0] == 421
    assert get(serve.admin_url + "/status.json", headers={"Host": f"localhost:{serve.admin}"})[0] == 200
    assert get(serve.admin_url + "/", "POST", body=b"")[0] == 405
    for path in ("/metrics", "/status.json", "/status.js"):
        assert get(serve.url + path)[0] == 404, "never on the public port"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_status_page_in_a_browser(serve, browser, width, scheme):
    report_an_error(serve, "<script>document.title = 'broken out'</script>")
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(serve.admin_url)
    page.get_by_role("row", name="office").wait_for()
    assert page.title() == "slack-im"
    assert "ready" in page.get_by_role("status").inner_text()
    assert page.get_by_text("<script>document.title").first.is_visible()
    assert page.get_by_role("img", name="a minute").is_visible()
    assert page.get_by_role("heading", name="Targets").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window"
    assert page.evaluate(CONTRAST) == [], "texts that are hard to read"
    # It goes on by itself.
    serve.run("pause", "office")
    page.get_by_text("slack-im resume office").wait_for()
    serve.run("resume", "office")
    assert problems == []
    page.close()


# Texts whose contrast with what is behind them is below WCAG's 4.5.
CONTRAST = """() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    if (!node.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(node.textContent.trim().slice(0, 40));
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox)
        yield chromium
        chromium.close()


# --- sync from elsewhere ---------------------------------------------------------------------------------------------


def test_sync_over_http(serve):
    url = serve.url + "/targets/demo/sync"
    status, headers, text = get(url, "POST")
    assert (status, headers["Content-Type"]) == (401, "application/problem+json")
    assert headers["WWW-Authenticate"] == "Bearer"
    assert get(url, "POST", {"Authorization": "Bearer " + API_KEY[:-1]})[0] == 401
    assert get(url, "GET", BEARER)[0] == 405
    status, _, text = get(serve.url + "/targets/prod/sync", "POST", BEARER)
    assert (status, json.loads(text)["code"]) == (404, "target.unknown")
    assert get(url + "?wait=1000h", "POST", BEARER)[0] == 400
    status, _, text = get(url + "?wait=1m&plan=1", "POST", BEARER)
    answer = json.loads(text)
    assert (status, answer["version"], answer["exit"], answer["runs"][0]["plan_only"]) == (200, 1, 0, True)
    local = json.loads(serve.run("sync", "demo", "--plan", "--format", "json").stdout)
    assert set(answer) == set(local) and set(answer["runs"][0]) == set(local["runs"][0])
    status, headers, text = get(url, "POST", BEARER)
    assert status == 202
    place = json.loads(text)["place"]
    assert headers["Location"] == place
    status, _, text = get(serve.url + place + "?wait=1m", headers=BEARER)
    assert (status, json.loads(text)["exit"]) == (200, 0)
    assert get(serve.url + place)[0] == 401


def test_sync_with_server_is_like_a_local_one(serve):
    key = {"SLACK_IM_API_KEY": API_KEY}
    server = ["--server", serve.url]
    assert serve.run("sync", "demo", "office").returncode == 0
    # Now there is nothing to do, so that both say the same.
    there = serve.run("sync", "demo", "office", *server, config=False, environment=key)
    here = serve.run("sync", "demo", "office")
    assert (there.returncode, here.returncode) == (0, 0), there.stderr
    assert there.stdout.splitlines()[-3].split() == here.stdout.splitlines()[-3].split()
    assert [line.split()[0] for line in there.stdout.splitlines()[-2:]] == ["demo", "office"]
    plan = serve.run("sync", "demo", "--plan", "--format", "json", *server, config=False, environment=key)
    assert plan.returncode == json.loads(plan.stdout)["exit"] == 0
    (serve.folder / "key").write_text(API_KEY + "\n")
    assert serve.run("sync", "demo", *server, "--api-key", "file:key", config=False).returncode == 0
    for arguments, environment, words in (
        (["demo", *server], {}, "set $SLACK_IM_API_KEY"),
        (["demo", *server], {"SLACK_IM_API_KEY": "wrong"}, "refuses the key"),
        (["demo", *server, "--api-key", API_KEY], {}, "not the key itself"),
        (["prod", *server], key, "no such target"),
        (server, key, "name the targets"),
    ):
        failed = serve.run("sync", *arguments, config=False, environment=environment)
        assert failed.returncode == 2 and words in failed.stderr, failed.stderr
        assert API_KEY not in failed.stderr
    gone = serve.run("sync", "demo", "--server", "http://127.0.0.1:1", config=False, environment=key)
    assert gone.returncode == 5 and "connection refused" in gone.stderr


def test_dsn(serve):
    dsn = serve.run("dsn", "billing")
    assert (dsn.returncode, dsn.stdout) == (0, f"https://{ERRORS_KEY}@bot.example.com/7\n")
    assert serve.run("dsn", "biling").returncode == 2


# --- wait-ready, proxies, certificates -------------------------------------------------------------------------------


class Accounts(http.server.BaseHTTPRequestHandler):
    """An accounts service that says what it is asked."""

    protocol_version = "HTTP/1.1"

    def answer(self, status: int, content: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        steps = self.server.steps
        if steps:
            return self.answer(*steps.pop(0))
        self.answer(200, "application/json", b"[]")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.created.append(json.loads(body))
        self.answer(201, "application/json", body)

    def log_message(self, *_):
        pass


def accounts(port: int = 0, tls: ssl.SSLContext | None = None, steps: list | None = None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Accounts)
    server.steps, server.created = steps or [], []
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_wait_ready(simulator_url, tmp_path):
    port = free_port()
    job = Serve(tmp_path, simulator_url, [target("new", f"http://127.0.0.1:{port}/members", limits={"retries": 0})])
    page = (200, "text/html", b"<!doctype html><title>installing</title>")
    begun = time.monotonic()
    late = threading.Timer(1, lambda: servers.append(accounts(port, steps=[(503, "text/plain", b""), page])))
    servers = []
    late.start()
    done = job.run("sync", "--wait-ready", "new", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun > 1
    assert "connection refused" in done.stderr and "503" in done.stderr, done.stderr
    assert len(servers[0].created) == json.loads(done.stdout)["runs"][0]["counts"]["created"] > 0
    servers[0].shutdown()
    servers[0].server_close()
    never = job.run("sync", "new", "--wait-ready=1s")
    assert never.returncode == 5 and "not ready within 1 s" in never.stdout, never.stdout


class Proxy(socketserver.StreamRequestHandler):
    """A proxy that knows `CONNECT` and one user, and takes every host for this machine."""

    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline()
        lines = head.decode().split("\r\n")
        self.server.asked.append(lines[0])
        wanted = "Basic " + base64.b64encode(b"kim:p@ss").decode()
        given = [line.split(": ", 1)[1] for line in lines if line.lower().startswith("proxy-authorization:")]
        if given != [wanted]:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        port = int(lines[0].split()[1].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as other:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=self.pump, args=(other, self.connection), daemon=True)
            back.start()
            self.pump(self.connection, other)
            back.join(5)

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture
def proxy():
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Proxy) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def private_ca(tmp_path):
    """A certificate for dev.example.test by an authority that nobody knows."""
    def openssl(*arguments: str):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=LIMIT)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Private CA")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=dev.example.test")
    (tmp_path / "names").write_text("subjectAltName=DNS:dev.example.test,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-days", "2", "-extfile", "names")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    return tmp_path / "ca.pem", context


def test_ca_file_and_nothing_else_makes_a_private_certificate_good(simulator_url, tmp_path, private_ca):
    authority, context = private_ca
    server = accounts(tls=context)
    url = f"https://127.0.0.1:{server.server_address[1]}/members"
    targets = [
        target("trusting", url, ca_file=str(authority), limits={"retries": 0}),
        target("wary", url, limits={"retries": 0}),
    ]
    job = Serve(tmp_path, simulator_url, targets)
    trusting = job.run("sync", "trusting")
    assert trusting.returncode == 0, trusting.stdout + trusting.stderr
    assert server.created
    wary = job.run("sync", "wary")
    assert wary.returncode == 5 and "TLS handshake failed" in wary.stdout
    server.shutdown()


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_targets_are_reached_through_the_proxy(simulator_url, tmp_path, private_ca, proxy, scheme):
    authority, context = private_ca
    server = accounts(tls=context if scheme == "https" else None)
    address = f"{scheme}://dev.example.test:{server.server_address[1]}/members"
    settings = {"ca_file": str(authority)} if scheme == "https" else {}
    job = Serve(tmp_path, simulator_url, [target("far", address, limits={"retries": 0}, **settings)])
    place = f"127.0.0.1:{proxy.server_address[1]}"
    variable = scheme.upper() + "_PROXY"
    done = job.run("sync", "far", environment={variable: f"http://kim:p%40ss@{place}"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.created
    assert set(proxy.asked) == {f"CONNECT dev.example.test:{server.server_address[1]} HTTP/1.1"}, "Slack is on loopback"
    proxy.asked.clear()
    refused = job.run("sync", "far", environment={variable.lower(): f"http://kim:wrong@{place}"})
    assert refused.returncode == 5 and f"the proxy {place} (${variable.lower()}): it refuses the user and the password" in refused.stdout
    assert "wrong" not in refused.stdout + refused.stderr
    down = job.run("sync", "far", environment={variable: "http://proxy.example.test:3128"})
    assert down.returncode == 5
    assert f"through the proxy proxy.example.test:3128 (${variable}): its name cannot be resolved" in down.stdout
    around = job.run("sync", "far", environment={variable: f"http://{place}", "NO_PROXY": ".example.test"})
    assert around.returncode == 5 and "cannot be resolved" in around.stdout
    broken = job.run("sync", "far", environment={variable: "socks5://kim:geheim@p:1"})
    assert broken.returncode == 2 and f"${variable}" in broken.stderr and "geheim" not in broken.stderr
    server.shutdown()


def test_a_proxy_that_is_down_is_named_for_slack_too(simulator_url, tmp_path):
    job = Serve(tmp_path, "http://slack.example.test", [target("near", "http://127.0.0.1:1/members")])
    with socket.socket() as taken:
        # Bound and not listening: whoever connects is refused.
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = job.run("sync", environment={"HTTP_PROXY": f"http://{place}"})
    assert done.returncode == 4, done.stdout + done.stderr
    assert f"through the proxy {place} ($HTTP_PROXY): connection refused" in done.stdout


def test_sighup_without_a_certificate_ends_nothing(simulator_url, tmp_path):
    with Serve(tmp_path, simulator_url, [target("dev", "http://127.0.0.1:1/members")]) as running:
        running.process.send_signal(signal.SIGHUP)
        until(lambda: "SIGHUP reads a certificate again, and there is none" in running.talk.read_text())
        assert get(running.url + "/readyz")[0] == 200


def test_stopping_under_load_is_clean(simulator_url, tmp_path):
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Serve(folder, simulator_url, [target("dev", "http://127.0.0.1:1/members")]) as running:
            stopped = threading.Event()

            def load(*request):
                while not stopped.is_set():
                    with contextlib.suppress(OSError):
                        get(*request)

            delivery = (running.url + "/slack/events", "POST", None, b"unsigned")
            people = [threading.Thread(target=load, args=delivery) for _ in range(3)]
            people += [threading.Thread(target=load, args=(running.admin_url + "/metrics",)) for _ in range(2)]
            idle = socket.create_connection(("127.0.0.1", running.port))
            for one in people:
                one.start()
            try:
                running.run("status")
                running.process.send_signal(signal.SIGTERM)
                assert running.process.wait(timeout=30) == 0, running.talk.read_text()
            finally:
                stopped.set()
                for one in people:
                    one.join()
                idle.close()


def test_a_lost_certificate_stops_nobody_who_asks(simulator_url, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
         "-subj", "/CN=127.0.0.1"],
        cwd=tmp_path, check=True, capture_output=True, timeout=LIMIT,
    )
    job = Serve(tmp_path, simulator_url, [target("demo", simulator_url + "/accounts/demo/members")])
    settings = json.loads(job.configuration.read_text())
    settings["server"]["tls"] = {"certificate": "cert.pem", "key": "key.pem"}
    job.configuration.write_text(json.dumps(settings))

    def ask(served: bool):
        status = job.run("status", "--format", "json")
        assert status.returncode == 0, status.stderr
        assert ("certificate" in json.loads(status.stdout)) == served
        check = job.run("check", "--format", "json")
        assert check.returncode == 1, check.stdout + check.stderr
        lines = {line["name"]: line for line in json.loads(check.stdout)["checks"]}
        assert not lines["tls"]["ok"] and "cert.pem: No such file" in lines["tls"]["detail"], lines
        assert "SIGHUP" in lines["tls"]["advice"]
        assert lines["target demo"]["ok"] and lines["database"]["ok"]

    talk = tmp_path / "talk.txt"
    with talk.open("wb") as out:
        process = subprocess.Popen(
            [binary(), "serve", "--config", str(job.configuration)], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=out,
            stderr=out,
        )
    with process:
        try:
            until(lambda: " serving" in talk.read_text())
            (tmp_path / "cert.pem").unlink()
            ask(served=True)
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0, talk.read_text()
    ask(served=False)
    refused = job.run("serve")
    assert refused.returncode == 2
    assert "server.tls.certificate: cannot read" in refused.stderr and "No such file" in refused.stderr


def test_who_only_looks_does_without_the_files_of_others(simulator_url, tmp_path):
    job = Serve(tmp_path, simulator_url, [target("demo", simulator_url + "/accounts/demo/members")])
    assert job.run("sync").returncode == 0
    settings = json.loads(job.configuration.read_text())
    settings["slack"]["bot_token"] = "file:token"
    settings["targets"][0]["ca_file"] = "ca.pem"
    job.configuration.write_text(json.dumps(settings))
    (tmp_path / "password.key").unlink()
    (tmp_path / "password.key").mkdir()
    missing = ("slack.bot_token: cannot read", "targets[0].ca_file: cannot read")
    for question in (["status"], ["runs"], ["audit"], ["jobs", "list"], ["backup", str(tmp_path / "copy.sqlite")]):
        answer = job.run(*question, "--format", "json")
        assert answer.returncode == 0, (question, answer.stderr)
        assert all(f"warning: {job.configuration}:1: {one}" in answer.stderr for one in missing), answer.stderr
        assert json.loads(answer.stdout)["version"] == 1
    assert len(json.loads(job.run("runs", "--format", "json").stdout)["runs"]) == 1
    for work in (["sync", "--plan"], ["why", "U1"], ["pause", "demo"], ["serve"]):
        refused = job.run(*work)
        assert refused.returncode == 2 and all(one in refused.stderr for one in missing), (work, refused.stderr)


@pytest.mark.parametrize("place,words", [(".", "a directory, not a file"), ("/dev/zero", "a device, not a file")])
def test_what_is_no_configuration_file(simulator_url, tmp_path, place, words):
    job = Serve(tmp_path, simulator_url, [])
    refused = job.run("status", "--config", place, config=False)
    assert refused.returncode == 2 and words in refused.stderr, refused.stderr


def stop_amid_connections(process: subprocess.Popen, connect: list) -> int:
    """Its exit status, when at the moment of the stop many connections wait to be accepted."""
    process.send_signal(signal.SIGSTOP)
    with contextlib.ExitStack() as waiting:
        for _ in range(40):
            for one in connect:
                waiting.enter_context(one())
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        return process.wait(timeout=30)


def test_connections_that_come_with_the_stop_are_let_go(simulator_url, tmp_path):
    def control(folder: Path):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(folder / "slack-im.sqlite.sock"))
        return connection

    # Once is not enough: what it is about happens at one stop in four.
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Serve(folder, simulator_url, [target("dev", "http://127.0.0.1:1/members")]) as running:
            ports = [(lambda port=port: socket.create_connection(("127.0.0.1", port))) for port in (running.port, running.admin)]
            connect = [*ports, lambda: control(folder)]
            assert stop_amid_connections(running.process, connect) == 0, running.talk.read_text()


def test_strangers_leave_connections_for_everybody_else(simulator_url, tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    few = Serve(folder, simulator_url, [target("demo", simulator_url + "/accounts/demo/members")])
    few.limit = (128, 128)
    with few, contextlib.ExitStack() as crowd:
        for _ in range(200):
            crowd.enter_context(socket.create_connection(("127.0.0.1", few.port)))
        begun = time.monotonic()
        assert few.run("sync", "--plan").returncode in (0, 10)
        assert get(few.admin_url + "/metrics")[0] == 200
        # Long before the crowd has to speak.
        assert time.monotonic() - begun < 10
    # And where the system lets everybody have more, they are asked for.
    many = Serve(tmp_path, simulator_url, [])
    many.limit = (128, 1024)
    with many:
        limits = Path(f"/proc/{many.process.pid}/limits").read_text()
        assert "1024" in next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3]


def heaps(process: int) -> set[int]:
    """Addresses of the C library's arenas beside the first: each reserves 64 MiB, aligned to as many (glibc's arena.c)."""
    size = 64 << 20
    regions = [line.split()[:2] for line in Path(f"/proc/{process}/maps").read_text().splitlines()]
    starts = [(int(place.split("-")[0], 16), rights) for place, rights in regions]
    return {start for start, rights in starts if start % size == 0 and rights == "rw-p"}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_arenas(serve):
    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        assert all(crowd.map(lambda _: get(serve.admin_url + "/metrics")[0] == 200, range(64)))
    assert len(heaps(serve.process.pid)) <= max(2, os.cpu_count()) - 1


def test_an_answer_to_head_has_no_body(serve, simulator_url):
    page = int(simulator_url.rsplit(":", 1)[1])
    for port, path in ((serve.port, "/livez"), (serve.admin, "/"), (page, "/no"), (page, "/")):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(LIMIT)
            # The second request's answer shows where the first one's ends.
            request = f"{{}} {path} HTTP/1.1\r\nHost: localhost\r\n"
            connection.sendall((request.format("HEAD") + "\r\n" + request.format("GET") + "Connection: close\r\n\r\n").encode())
            head, rest = connection.makefile("rb").read().split(b"\r\n\r\n", 1)
            assert b"Content-Length: " in head and rest.startswith(b"HTTP/1.1 "), (path, rest[:100])


HALF = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"


def test_half_a_request_does_not_hold_up_the_stop(simulator_url, tmp_path):
    with Serve(tmp_path, simulator_url, [target("dev", "http://127.0.0.1:1/members")]) as running:
        half = HALF.replace("\r\n\r\n", f"\r\nConnection: close\r\nAuthorization: Bearer {ERRORS_KEY}\r\n\r\n")
        with contextlib.ExitStack() as slow:
            for port, path in ((running.port, "/errors"), (running.admin, "/metrics")):
                connection = slow.enter_context(socket.create_connection(("127.0.0.1", port)))
                connection.sendall(half.format(path).encode())
            control = slow.enter_context(socket.socket(socket.AF_UNIX))
            control.connect(str(tmp_path / "slack-im.sqlite.sock"))
            control.sendall(half.format("/sync").encode())
            # Answered after it, so the half has been read.
            assert get(running.url + "/livez")[0] == get(running.admin_url + "/metrics")[0] == 200
            assert running.run("status").returncode == 0
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(timeout=12) == 0, running.talk.read_text()
        assert "error" not in running.talk.read_text()


@pytest.mark.parametrize("greeting", ["HTTP/1.0", "HTTP/1.1\r\nConnection: close"])
def test_a_connection_that_is_not_to_be_kept_ends_with_its_answer(serve, greeting):
    control = socket.socket(socket.AF_UNIX)
    control.connect(str(serve.folder / "slack-im.sqlite.sock"))
    ports = [(serve.port, "/livez"), (serve.admin, "/metrics"), (serve.admin, "/no")]
    for connection, path in [(control, "/"), *((socket.create_connection(("127.0.0.1", port)), path) for port, path in ports)]:
        with connection:
            connection.settimeout(10)
            connection.sendall(f"GET {path} {greeting}\r\nHost: localhost\r\n\r\n".encode())
            answer = connection.makefile("rb").read().decode()
            assert answer.startswith("HTTP/1.") and "\r\n\r\n" in answer, answer


def test_a_client_that_breaks_off_is_no_fault_of_ours(serve):
    half = HALF.replace("\r\n\r\n", f"\r\nAuthorization: Bearer {ERRORS_KEY}\r\n\r\n").format("/errors").encode()
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", serve.port)) as client:
            client.sendall(half)
            # So that the half is being read.
            assert get(serve.url + "/livez")[0] == 200
            # A reset instead of a farewell.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert get(serve.url + "/livez")[0] == 200
    assert "the edge failed" not in serve.talk.read_text()


def test_the_control_socket_says_what_it_cannot_read(serve):
    for route in ("ask", "sync"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(serve.folder / "slack-im.sqlite.sock"))
            head = f"POST /{route} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
            connection.sendall(head.encode() + b"{{}")
            answer = connection.makefile("rb").read().decode()
            assert answer.startswith("HTTP/1.1 400 ") and "are both of one version?" in answer, answer


def playground(folder: Path, port: int) -> subprocess.Popen:
    """A playground of its own that is ready; what it says is in talk.txt."""
    with (folder / "talk.txt").open("wb") as talk:
        process = subprocess.Popen(
            [binary(), "playground", "--port", str(port)], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=talk,
        )
    process.stdout.readline()
    return process


def test_a_playground_lets_go_of_connections_that_come_with_the_stop(tmp_path):
    for _ in range(3):
        port = free_port()
        with playground(tmp_path, port) as process:
            status = stop_amid_connections(process, [lambda: socket.create_connection(("127.0.0.1", port))])
        assert status == 0, (tmp_path / "talk.txt").read_text()


def slow_accounts():
    """An accounts service that takes a second to make one, its address, and what happens when the first is asked for."""
    gate = threading.Event()

    class Slow(Accounts):
        def do_POST(self):
            gate.set()
            time.sleep(1)
            super().do_POST()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.steps, server.created = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}/members", gate


def test_half_a_request_does_not_hold_up_the_stop_of_a_playground(tmp_path):
    port = free_port()
    with playground(tmp_path, port) as process:
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(HALF.format("/playground/lines").encode())
            assert get(f"http://127.0.0.1:{port}/playground/state")[0] == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0, (tmp_path / "talk.txt").read_text()
    assert "error" not in (tmp_path / "talk.txt").read_text()


def test_ctrl_c_ends_a_sync_with_a_summary(simulator_url, tmp_path):
    server, url, gate = slow_accounts()
    job = Serve(tmp_path, simulator_url, [target("slow", url, limits={"concurrency": 1})])
    process = subprocess.Popen(
        [binary(), "sync", "--config", str(job.configuration)], cwd=tmp_path, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    assert gate.wait(LIMIT)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, out + err
    assert "stopping" in err and "stopped before it was done: 1 changes were applied" in out, out + err
    server.shutdown()
    runs = json.loads(job.run("runs", "--format", "json").stdout)["runs"]
    assert (runs[0]["state"], runs[0]["error"]["code"]) == ("finished", "run.interrupted")
    # What was on its way when the signal came is done, and known to be.
    assert len(server.created) == runs[0]["counts"]["created"] == 1


@pytest.mark.parametrize("way", ["serve", "server"])
def test_ctrl_c_says_that_the_server_goes_on(simulator_url, tmp_path, way):
    server, url, gate = slow_accounts()
    with Serve(tmp_path, simulator_url, [target("slow", url)]) as running:
        options = {
            "serve": ["--config", str(running.configuration)], "server": ["--server", running.url, "--format", "json"],
        }
        process = subprocess.Popen(
            [binary(), "sync", "slow", *options[way]], cwd=tmp_path, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "SLACK_IM_API_KEY": API_KEY},
        )
        assert gate.wait(LIMIT)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT)
        whose, where = ("slack-im serve", "") if way == "serve" else (running.url, " there")
        assert (process.returncode, out) == (1, ""), out + err
        assert f"{whose} goes on with what it has begun: slack-im runs{where} shows how it ends" in err, err
        assert "stop" not in err, err
        until(lambda: json.loads(running.run("runs", "--format", "json").stdout)["runs"][0]["state"] == "finished")
        run = json.loads(running.run("runs", "--format", "json").stdout)["runs"][0]
        assert (run["exit"], run["counts"]["created"]) == (0, len(server.created)), run
    server.shutdown()
