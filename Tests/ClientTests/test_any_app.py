# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Apps of other people in the playground: Bolt for Python and slack-go, changed in nothing but the API's base URL."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import binary, guest

APPS = Path(__file__).parent / "apps"
GO_SOURCES = Path("/usr/share/gocode/src/github.com/slack-go/slack")


@pytest.fixture(scope="module")
def bolt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bolt")
    with guest(folder, APPS / "tasks.yaml", sys.executable, "-u", str(APPS / "tasks_bolt.py")) as workspace:
        yield workspace


def element(message, kind):
    return next(one for block in message["blocks"] for one in block.get("elements", []) if one["type"] == kind)


def use(workspace, message, item, **selection):
    return workspace.post(
        "actions", ts=message["ts"], channel=message["channel"], action_id=item["action_id"], selection=selection
    )


def modal(workspace):
    return workspace.until(lambda state: (state["modals"].get(workspace.person) or [None])[-1], "a modal")


def test_the_manifest_says_what_the_app_is(bolt):
    app = bolt.state()["app"]
    assert app["name"] == "tasks" and [one["command"] for one in app["commands"]] == ["/task"]
    assert {one["callback_id"]: one["global"] for one in app["shortcuts"]} == {"add_task": True, "task_from_message": False}
    assert "app_mention" in app["events"] and "user_change" not in app["events"]
    assert bolt.post("app", verify=True)["ok"]


def test_a_command_that_nobody_registered(bolt):
    assert bolt.type("/other")["error"] == "invalid_command"


def test_command_and_button(bolt):
    assert bolt.type("/task Water the plants")["ok"]
    message = bolt.message("New task: Water the plants")
    assert use(bolt, message, element(message, "button"))["ok"]
    done = bolt.message("Done: Water the plants", ts=message["ts"])
    assert done["edited"]
    assert bolt.message("finished it")["thread_ts"] == message["ts"]


def test_menus(bolt):
    bolt.type("/task Menus")
    message = bolt.message("New task: Menus")
    assert use(bolt, message, element(message, "users_select"), selected_user=bolt.person)["ok"]
    assert bolt.message("Assigned to")["visible_to"] == bolt.person
    overflow = element(message, "overflow")
    assert use(bolt, message, overflow, selected_option=overflow["options"][1])["ok"]
    bolt.message("More: never")
    assert use(bolt, message, message["blocks"][1]["elements"][1])["ok"]
    bolt.until(lambda state: message["ts"] not in [one["ts"] for one in state["messages"]], "the message to go")


def test_a_modal_from_the_command_to_the_message(bolt):
    assert bolt.type("/task new", "ops")["ok"]
    view = modal(bolt)
    assert view["title"]["text"] == "New task" and view["hash"]
    # Slack itself asks for what is required.
    refused = bolt.post("submissions", view=view["id"])
    assert refused["errors"] == {"title": "Please complete this required field."}
    values = {"title": {"value": {"type": "plain_text_input", "value": "forbidden"}}}
    # The app's own complaints.
    assert bolt.post("submissions", view=view["id"], values=values)["errors"] == {"title": "Choose another title."}
    found = bolt.post("suggestions", view=view["id"], action_id="project", value="ap")
    assert [one["value"] for one in found["options"]] == ["apollo", "apache"]
    values["title"]["value"]["value"] = "Buy milk"
    values["due"] = {"value": {"type": "datepicker", "selected_date": "2026-12-24"}}
    assert bolt.post("submissions", view=view["id"], values=values)["ok"]
    assert bolt.message("Buy milk, due 2026-12-24")["channel"] == bolt.channel("ops")
    assert not bolt.state()["modals"]


def test_modals_that_lie_on_each_other_and_close(bolt):
    bolt.type("/task new")
    first = modal(bolt)
    values = {"title": {"value": {"type": "plain_text_input", "value": "sure?"}}}
    assert bolt.post("submissions", view=first["id"], values=values)["ok"]
    second = bolt.state()["modals"][bolt.person][-1]
    assert second["previous_view_id"] == first["id"] and second["root_view_id"] == first["id"]
    assert bolt.post("submissions", view=second["id"])["ok"]
    assert not bolt.state()["modals"]
    bolt.type("/task new")
    assert bolt.post("closings", view=modal(bolt)["id"])["ok"]
    assert bolt.message("No task then.")["channel"].startswith("D")


def test_shortcuts(bolt):
    assert bolt.post("shortcuts", callback_id="add_task")["ok"]
    assert bolt.post("closings", view=modal(bolt)["id"])["ok"]
    bolt.type("Remember the milk")
    said = bolt.message("Remember the milk")
    assert bolt.post("shortcuts", callback_id="task_from_message", ts=said["ts"], channel=said["channel"])["ok"]
    assert bolt.message("Noted: Remember the milk")["visible_to"] == bolt.person


def test_events(bolt):
    assert bolt.type("hello @tasks, are you there?")["ok"]
    question = bolt.message("hello <@")
    assert bolt.message("You called,")["thread_ts"] == question["ts"]
    assert bolt.post("people", real_name="Nora Lindqvist", email="nora@example.com")["ok"]
    assert bolt.message("Welcome!", by_app=True)["channel"].startswith("D")


def test_app_home(bolt):
    assert bolt.post("homes")["ok"]
    home = bolt.until(lambda state: state["homes"].get(bolt.person), "a published home")
    assert home["blocks"][0]["text"]["text"] == "Your tasks"
    assert bolt.post("actions", home=True, action_id="refresh")["ok"]
    bolt.until(lambda state: state["homes"][bolt.person]["blocks"][0]["text"]["text"] == "Your tasks, fresh", "a new home")


def test_retries_on_the_workspaces_clock(bolt):
    bolt.type("Something to react to")
    said = bolt.message("Something to react to")
    # The app subscribes to reactions and listens to none: Bolt answers 404, and Slack tries again.
    assert bolt.post("reactions", name="eyes", ts=said["ts"], channel=said["channel"])["ok"]

    def attempts(number):
        return bolt.until(
            lambda _: (found := bolt.deliveries("reaction_added"))[number:] and found[number]["outcome"] == "failed"
            and (number == 3 or number == 0 or found[number]["retry_at"]) and found, f"attempt {number}")
    attempts(1)
    assert bolt.post("clock", seconds=60)["ok"]
    attempts(2)
    assert bolt.post("clock", seconds=300)["ok"]
    found = attempts(3)
    assert [one["attempt"] for one in found] == [0, 1, 2, 3] and {one["status"] for one in found} == {404}
    details = [dict(bolt.get(f"deliveries/{one['number']}")["headers"]) for one in found]
    assert [one.get("X-Slack-Retry-Num") for one in details] == [None, "1", "2", "3"]
    assert {one.get("X-Slack-Retry-Reason") for one in details[1:]} == {"http_error"}
    assert len({one["event_id"] for one in found}) == 1


def test_replay_and_forgery(bolt):
    bolt.type("/task")
    number = bolt.deliveries("/task")[-1]["number"]
    assert bolt.post(f"deliveries/{number}")["status"] == 200
    assert bolt.post(f"deliveries/{number}", wrong_secret=True)["status"] == 401
    assert bolt.post(f"deliveries/{number}", skew=-600)["status"] == 401


def test_missing_scope_and_uninstallation(bolt):
    bolt.post("app", scope="chat:write", granted=False)
    bolt.type("/task Not allowed")
    call = bolt.until(lambda state: next(
        (one for one in reversed(state["calls"]) if one["error"] == "missing_scope"), None), "a refused call")
    answer = bolt.get(f"calls/{call['number']}")["answer"]
    assert answer["needed"] == "chat:write" and "commands" in answer["provided"]
    bolt.post("app", scope="chat:write", granted=True)
    bolt.post("app", installed=False)
    assert bolt.type("/task Gone")["error"] == "dispatch_failed"
    bolt.post("app", installed=True)
    assert bolt.type("/task")["ok"]


# --- slack-go ------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def gopher(tmp_path_factory):
    if not shutil.which("go") or not GO_SOURCES.is_dir():
        pytest.skip("Go and Debian's golang-github-slack-go-slack-dev are not installed")
    folder = tmp_path_factory.mktemp("go")
    program = folder / "gopher"
    # The build's cache lasts, as everything below .build does; the first build takes half a minute.
    cache = Path(__file__).resolve().parents[2] / ".build/go-cache"
    environment = {**os.environ, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOCACHE": str(cache), "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", program, "main.go"], cwd=APPS / "tasks_go", env=environment, check=True, timeout=300)
    with guest(folder, APPS / "tasks_go/manifest.json", str(program)) as workspace:
        yield workspace


def test_slack_go(gopher):
    assert gopher.post("app", verify=True)["ok"]
    # A command and a button.
    assert gopher.type("/go fish")["ok"]
    message = gopher.message("from Go: fish")
    assert message["visible_to"] == gopher.person
    assert use(gopher, message, element(message, "button"))["ok"]
    gopher.message("pressed 7", ts=message["ts"])
    # A modal.
    assert gopher.type("/go form")["ok"]
    view = modal(gopher)
    values = {"name": {"value": {"type": "plain_text_input", "value": "bad"}}}
    assert gopher.post("submissions", view=view["id"], values=values)["errors"] == {"name": "not this one"}
    values["name"]["value"]["value"] = "Grace"
    assert gopher.post("submissions", view=view["id"], values=values)["ok"]
    gopher.message("hello Grace")
    # An event.
    gopher.type("hi @gopher")
    said = gopher.message("hi <@")
    assert gopher.message("Go heard")["thread_ts"] == said["ts"]


# --- The command line ----------------------------------------------------------------------------------------------

def test_a_manifest_that_cannot_be_used(tmp_path):
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text("display_information: {}\nfeatures: {slash_commands: [{command: task}]}\n", encoding="utf-8")
    done = subprocess.run(
        [str(binary()), "playground", "--app", "http://127.0.0.1:1", "--manifest", str(manifest)],
        capture_output=True, text=True, timeout=30,
    )
    assert done.returncode == 2
    assert "/display_information/name: is required" in done.stderr
    assert "/features/slash_commands/0/command: must begin with /" in done.stderr
