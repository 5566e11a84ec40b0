# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""The command line as people and scripts meet it: at a terminal and without one, word for word as documented."""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import ssl
import struct
import subprocess
import termios
import threading
import time
import unicodedata

import pytest

from rest_service import RESTService
from test_operator import LIMIT, Serve, binary, target, until

OPERATIONS = {
    "create": {"exists": {"status": [409]}}, "find": {"path": "/{{key}}", "missing": {"status": [404]}},
    "list": {"items": "data.items", "page": {"parameter": "page", "size": 100}}, "update": {"path": "/{{key}}"},
    "disable": {"path": "/{{key}}", "body": {"active": False}},
    "enable": {"path": "/{{key}}", "body": {"active": True}},
}


def at_a_terminal(columns: int, *arguments: str, cwd, kind: str = "xterm-256color"):
    """Exit code and everything shown, of a command whose input, output and talk are a terminal so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [binary(), *arguments], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": kind})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # The other end was closed: it has ended.
    os.close(ours)
    return process.wait(timeout=LIMIT), shown.decode().replace("\r\n", "\n")


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line if not unicodedata.combining(one))


def drawn(shown: str) -> list:
    """Lines as they stand in the end: what was drawn over is gone."""
    return [re.split(r"\r\x1b\[2K", line)[-1] for line in shown.split("\n")]


@pytest.fixture
def desk(simulator_url, tmp_path):
    """A configuration with one target, that nothing serves."""
    service = RESTService()
    job = Serve(tmp_path, simulator_url, [
        target("dev", f"http://127.0.0.1:{service.port}/members", operations=OPERATIONS, leavers="disable",
               limits={"per_second": 1000}),
    ])
    job.service = service
    yield job
    service.close()


def change(job, edit) -> None:
    whole = json.loads(job.configuration.read_text())
    edit(whole)
    job.configuration.write_text(json.dumps(whole))


def leave(whole) -> None:
    """Everybody has an address of a domain that no longer counts: they have all left."""
    whole["targets"][0]["members"] = {"email_domains": ["elsewhere.test"]}


def active(job) -> int:
    return sum(account["active"] for account in job.service.accounts)


def test_yes_applies_the_plan_that_is_shown_at_a_terminal_only(desk):
    assert desk.run("sync").returncode == 0
    everybody = active(desk)
    assert everybody > 5
    change(desk, leave)
    refused = desk.run("sync", "--yes")
    assert refused.returncode == 2 and "at a terminal" in refused.stderr and active(desk) == everybody
    exit_code, shown = at_a_terminal(100, "sync", "dev", "--yes", "--config", "slack-im.yaml", cwd=desk.folder)
    assert exit_code == 0, shown
    assert "dev would change" in shown and shown.index("disable ada") < shown.index("applying it")
    assert active(desk) == 0
    again, shown = at_a_terminal(100, "sync", "dev", "--yes", "--config", "slack-im.yaml", cwd=desk.folder)
    assert again == 0 and "applying it" not in shown
    wrong, shown = at_a_terminal(100, "sync", "--yes", "--member", "ada@example.com", cwd=desk.folder)
    assert wrong == 2 and "--yes goes with neither" in shown


@pytest.mark.parametrize("words,said", [
    (["runs", "--limit=0"], "--limit takes a number from 1"), (["audit", "--limit=-5"], "--limit takes a number from 1"),
    (["jobs", "list", "--limit=0"], "--limit takes a number from 1"),
    (["audit", "deb"], 'there is no target "deb"; the configuration has: dev'),
    (["sync", "dev", "https://dev.example.com/members"], "slack-im sync TARGET --url https://dev.example.com/members"),
])
def test_what_can_only_be_a_mistake_is_said(desk, words, said):
    refused = desk.run(*words)
    assert (refused.returncode, refused.stdout) == (2, "") and said in refused.stderr, refused.stderr


def test_nothing_yet_is_said_in_words(desk):
    assert desk.run("runs").stdout == "No runs yet.\n"
    assert (desk.run("audit", "dev").returncode, desk.run("audit", "slack").returncode) == (0, 0)


def test_the_plan_of_one_person(desk):
    plan = desk.run("sync", "--member", "ada@example.com", "--plan")
    assert (plan.returncode, plan.stdout) == (10, "dev: would create ada (joined)\n"), plan.stderr
    whole = json.loads(desk.run("sync", "--member", "ada@example.com", "--plan", "--format", "json").stdout)
    assert (whole["version"], whole["exit"], whole["targets"][0]["plan_only"]) == (1, 10, True)
    assert desk.service.accounts == []
    assert desk.run("sync", "--member", "ada@example.com").returncode == 0
    assert desk.run("sync", "--member", "ada@example.com", "--plan").returncode == 0


def test_why_says_what_stands_in_the_way(desk):
    desk.service.add({"userId": "ada", "name": "Somebody"})
    change(desk, lambda whole: whole["targets"][0].update(adopt="ask"))
    shown = desk.run("why", "ada@example.com").stdout
    assert "rules: guests false (met)" in shown
    assert "ada exists already and is not ours" in shown, shown
    assert "a sync would create seoyeon (joined)" in desk.run("why", "seoyeon@example.com").stdout
    desk.run("pause", "dev")
    assert "the target is paused" in desk.run("why", "ada@example.com").stdout
    # After a run it is known that the key is disputed, and no longer by whom.
    change(desk, lambda whole: whole["targets"][0].update(account={"userId": "{{email_domain}}"}))
    desk.run("sync", "dev")
    assert "and somebody else\n" in desk.run("why", "ada@example.com").stdout


def test_a_plan_that_grew_is_held_again_and_shows_by_what(desk):
    people = {
        name: json.loads(desk.run("why", f"{name}@example.com", "--format", "json").stdout)["member"]
        for name in ("ada", "grace", "linus", "seoyeon")}

    def want(*names):
        change(desk, lambda whole: whole["targets"][0].update(
            members={"only": [people[name] for name in names]}, guard={"creates": 1}))

    want("ada")
    assert desk.run("sync").returncode == 0
    want("ada", "grace", "linus")
    held = desk.run("sync")
    assert held.returncode == 3 and "    create grace (joined)" in held.stdout, held.stdout
    assert "in the place of" not in held.stdout
    plan = re.search("slack-im approve ([0-9a-f]+)", held.stdout)[1]
    want("ada", "linus", "seoyeon")
    again = desk.run("approve", plan)
    assert again.returncode == 3 and [one["userId"] for one in desk.service.accounts] == ["ada"], again.stdout
    for line in (
        f"  in the place of {plan}: 1 more (+), 1 fewer (-)", "    create linus (joined)", "  + create seoyeon (joined)",
        "  - create grace (joined)",
    ):
        assert line in again.stdout.splitlines(), again.stdout


def test_a_sole_address_names_the_only_target(desk):
    address = f"http://127.0.0.1:{desk.service.port}/members"
    desk.run("pause", "dev")
    assert json.loads(desk.run("sync", "--format", "json").stdout)["runs"] == []
    done = json.loads(desk.run("sync", address, "--format", "json").stdout)
    assert [(run["target"], run["exit"]) for run in done["runs"]] == [("dev", 0)]
    foreign = desk.run("sync", "http://other.example.com/members")
    assert foreign.returncode == 2 and "url_hosts" in foreign.stderr


def test_a_target_named_twice_is_run_once(desk):
    done = json.loads(desk.run("sync", "dev", "dev", "--format", "json").stdout)
    assert [run["target"] for run in done["runs"]] == ["dev"]


@pytest.mark.parametrize("columns", [80, 40])
def test_nothing_is_wider_than_the_terminal(desk, columns):
    desk.run("sync")
    change(desk, lambda whole: whole["targets"].append(target("far", "http://127.0.0.1:1/members", limits={"retries": 0})))
    for arguments in (["sync"], ["status"], ["runs"], ["why", "seoyeon@example.com"], ["jobs"]):
        exit_code, shown = at_a_terminal(columns, *arguments, "--config", "slack-im.yaml", cwd=desk.folder)
        assert exit_code == (5 if arguments == ["sync"] else 0), shown
        if arguments == ["sync"]:
            # What is told line by line may go round the edge; the bar and the table may not.
            frames = [frame for frame in re.split(r"[\r\n]", shown) if frame.startswith("\x1b[2K")]
            assert frames and all(width(frame[4:]) < columns for frame in frames), frames
            continue
        assert [line for line in drawn(shown) if width(line) > columns] == []
    assert "김" in shown or "박서연" in at_a_terminal(
        columns, "why", "seoyeon@example.com", "--config", "slack-im.yaml", cwd=desk.folder)[1]


def test_a_terminal_that_cannot_draw_gets_plain_lines(desk):
    exit_code, shown = at_a_terminal(80, "sync", "--config", "slack-im.yaml", cwd=desk.folder, kind="dumb")
    assert exit_code == 0 and "\x1b" not in shown and "dev: applying" in shown


def test_every_command_takes_a_configuration(desk):
    config = ["--config", "slack-im.yaml"]
    assert "# api_url" in desk.run("init").stdout
    manifest = json.loads(desk.run("manifest").stdout)
    assert manifest["settings"]["event_subscriptions"]["request_url"] == "https://bot.example.com/slack/events"
    other = json.loads(desk.run("manifest", "--url", "https://other.example.com", "--command", "/two").stdout)
    assert other["features"]["slash_commands"][0]["command"] == "/two"
    bare = desk.run("manifest", config=False)
    assert bare.returncode == 2 and "--url" in bare.stderr
    assert desk.run("jobs", *config, config=False).stdout == "No such jobs.\n"


def test_the_audit_is_json_line_by_line(desk):
    empty = desk.run("audit")
    assert (empty.returncode, empty.stdout) == (0, "")
    desk.run("pause", "dev")
    desk.run("resume", "dev")
    lines = [json.loads(line) for line in desk.run("audit").stdout.splitlines()]
    assert [(one["version"], one["action"]) for one in lines] == [(1, "resume"), (1, "pause")]


def test_check_looks_at_the_channels(desk, playground):
    state = playground.state()
    channels = {one["name"]: one["id"] for one in state["channels"]}

    def edit(whole):
        whole["slack"]["notify"] = channels["ops"]
        whole["errors"]["sources"][0]["channel"] = "C0NOWHERE"
    change(desk, edit)
    check = desk.run("check", "--format", "json")
    lines = {one["name"]: one for one in json.loads(check.stdout)["checks"]}
    assert check.returncode == 1
    assert lines["slack channel " + channels["ops"]]["ok"], lines
    assert "#ops; slack.notify" in lines["slack channel " + channels["ops"]]["detail"]
    gone = lines["slack channel C0NOWHERE"]
    assert not gone["ok"] and "error source billing" in gone["detail"] and "/invite" in gone["advice"]


def certificate(folder, end: float) -> None:
    """A certificate that has been valid since 2025, until then; `req` alone makes none that has expired."""
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .\npolicy = any\n"
        "default_md = sha256\n[any]\ncommonName = supplied\n")
    (folder / "index.txt").write_text("")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=LIMIT)

    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem",
            "-subj", "/CN=bot.example.test")
    openssl("ca", "-config", "ca.cnf", "-batch", "-selfsign", "-create_serial", "-keyfile", "key.pem", "-notext",
            "-in", "request.pem", "-out", "cert.pem", "-startdate", "20250101000000Z",
            "-enddate", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(end)))


def test_tls_says_goodbye_and_check_says_when_it_ends(desk):
    certificate(desk.folder, time.time() + 86400)
    change(desk, lambda whole: whole["server"].update(tls={"certificate": "cert.pem", "key": "key.pem"}))
    talk = (desk.folder / "serve.txt").open("wb")
    process = subprocess.Popen(
        [binary(), "serve", "--config", str(desk.configuration)], cwd=desk.folder, stdin=subprocess.DEVNULL,
        stdout=talk, stderr=talk)
    try:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = connect(context, desk.port)
        for request, status in (
            (b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
            (b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", b"401"),
        ):
            connection.sendall(request)
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 " + status)
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            while len(body) < length:
                body += connection.recv(65536)
        # Answered at once: the deadline for another request, 20 s, is not what ends it.
        connection.settimeout(15)
        connection.unwrap().close()
        check = json.loads(desk.run("check", "--format", "json").stdout)
        assert next(one for one in check["checks"] if one["name"] == "tls")["ok"]
        before = served(context, desk.port)
        good = {name: (desk.folder / name).read_bytes() for name in ("cert.pem", "key.pem")}
        certificate(desk.folder, time.time() - 86400)
        expired = {name: (desk.folder / name).read_bytes() for name in ("cert.pem", "key.pem")}
        for files, code in (
            (expired, "tls.not_valid"), ({**good, "cert.pem": expired["cert.pem"]}, "tls.not_valid"),
            ({**expired, "cert.pem": good["cert.pem"]}, "tls.unreadable"), ({"cert.pem": b"no certificate"}, "tls.unreadable"),
        ):
            for name, content in files.items():
                (desk.folder / name).write_bytes(content)
            said = len((desk.folder / "serve.txt").read_text())
            process.send_signal(signal.SIGHUP)
            until(lambda: "the certificate was not taken" in (desk.folder / "serve.txt").read_text()[said:])
            assert code in (desk.folder / "serve.txt").read_text()[said:]
            assert served(context, desk.port) == before
            status = desk.run("status").stdout
            assert code in status and "The old one is served, valid until" in status, status
            check = {one["name"]: one for one in json.loads(desk.run("check", "--format", "json").stdout)["checks"]}
            assert not check["tls"]["ok"] and check["tls"]["advice"], check
            assert not check["tls in use"]["ok"] and "SIGHUP" in check["tls in use"]["advice"]
        certificate(desk.folder, time.time() + 2 * 86400)
        process.send_signal(signal.SIGHUP)
        until(lambda: served(context, desk.port) != before)
        status = json.loads(desk.run("status", "--format", "json").stdout)["certificate"]
        assert status["refused"] is None and status["expired"] is False
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        talk.close()


def served(context: ssl.SSLContext, port: int) -> bytes:
    connection = connect(context, port)
    try:
        return connection.getpeercert(True)
    finally:
        connection.close()


def connect(context: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=LIMIT))
        except OSError:
            assert time.monotonic() < deadline, "it did not listen in time"
            time.sleep(0.05)


def test_a_serve_that_is_killed_in_the_middle_of_a_run(simulator_url, tmp_path):
    service, begun, release = RESTService(), threading.Event(), threading.Event()
    respond = service.respond

    def slowly(method, path, body):
        answer = respond(method, path, body)
        if method == "POST" and len(service.accounts) == 3:
            begun.set()
            service.lock.release()
            try:
                release.wait(LIMIT)
            finally:
                service.lock.acquire()
        return answer

    service.respond = slowly
    job = Serve(tmp_path, simulator_url, [
        target("dev", f"http://127.0.0.1:{service.port}/members", operations=OPERATIONS, limits={"concurrency": 1})])
    job.__enter__()
    try:
        sync = subprocess.Popen(
            [binary(), "sync", "dev", "--config", str(job.configuration)], cwd=tmp_path, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert begun.wait(LIMIT)
        job.process.kill()
        job.process.wait(timeout=LIMIT)
        out, err = sync.communicate(timeout=LIMIT)
    finally:
        job.process.kill()
        release.set()
    assert sync.returncode == 2 and "serve.gone" in err and out == "", out + err
    service.respond = respond
    # The next command, here without a serve, goes on: nobody is made twice.
    again = json.loads(job.run("sync", "dev", "--format", "json").stdout)
    assert again["exit"] == 0
    assert len({account["userId"] for account in service.accounts}) == len(service.accounts) > 3
    runs = json.loads(job.run("runs", "dev", "--format", "json").stdout)["runs"]
    assert [run["error"] and run["error"]["code"] for run in runs] == [None, "run.abandoned"]
    service.close()
