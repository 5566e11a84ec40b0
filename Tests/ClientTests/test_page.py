# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""The playground's page in a real Chromium: what a visitor does, on a desk and on a telephone, by day and by night.

Needs Debian's chromium; scripts/test installs it. Every page is watched for errors on its console, and looked over by
axe-core for names, roles and contrast in every state that the tests reach.
"""

import json
import os
import re
import shutil
import sys
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect, sync_playwright
from slack_sdk import WebClient

from conftest import TOKEN, Workspace, guest, running

APPS = Path(__file__).parent / "apps"
DESK, PHONE = (1280, 800), (390, 844)
LIMIT = 15_000

expect.set_options(timeout=LIMIT)


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as play:
        # As root, as in most containers, Chromium runs only without its sandbox; the page is our own.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=chromium, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """slack-im's own playground, not the one that other tests use."""
    with running(tmp_path_factory.mktemp("office")) as (process, url, output, talk):
        workspace = Workspace(url, process, talk, wait=True)
        workspace.until(lambda state: state["app"]["connected"], "slack-im to be there")
        yield workspace


@pytest.fixture(scope="module")
def bolt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bolt")
    with guest(folder, APPS / "tasks.yaml", sys.executable, "-u", str(APPS / "tasks_bolt.py")) as workspace:
        yield workspace


class Visitor:
    """Somebody at the page."""

    def __init__(self, page: Page, url: str):
        self.page = page
        self.complaints = []
        page.on("console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(LIMIT)
        page.goto(url)
        expect(page.locator("#live.on")).to_be_visible()
        expect(page.locator("#channel-name")).to_have_text("#general")
        self.is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        self.is_narrow = page.viewport_size["width"] < 1040

    def pane(self, name: str) -> None:
        if self.is_narrow:
            self.page.get_by_role("navigation", name="Panes").get_by_role("button", name=name).click()

    def channel(self, name: str) -> None:
        self.pane("Workspace")
        self.page.locator("#channels, #directs").get_by_role("button", name=name).first.click()
        # Nothing is drawn while something is pressed; its messages come together with its name.
        expect(self.page.locator("#channel-name")).to_have_text(f"#{name}")
        self.pane("Chat")

    def tool(self, name: str) -> None:
        self.pane("Tools")
        self.page.get_by_role("tab", name=name, exact=True).click()

    def write(self, line: str) -> None:
        self.pane("Chat")
        box = self.page.locator("#line")
        box.fill(line)
        box.press("Enter")

    @property
    def messages(self):
        return self.page.locator("#messages .message")

    def message(self, text: str):
        return self.messages.filter(has_text=text).last

    def check(self) -> None:
        """No errors so far, nothing that runs out of the window, and nothing that axe-core holds against the page."""
        # What is fading in has no contrast of its own yet.
        self.page.evaluate(
            """async () => {
                const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
                await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
            }"""
        )
        assert self.complaints == []
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], f"the page is {width} pixels wide"
        self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(
            """async (tests) => (await axe.run(document, { runOnly: tests })).violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.html.slice(0, 160)}`
                + ` ${[...node.any, ...node.all].map((check) => check.message).join("; ").slice(0, 240)}`))""",
            # By night only the colours are different.
            {"type": "rule", "values": ["color-contrast"]} if self.is_dark
            else ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        )
        assert found == [], "\n".join(found)


@pytest.fixture(params=[(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
                ids=["desk-light", "desk-dark", "phone-light", "phone-dark"])
def visit(request, browser):
    """Opens a page of the size and colours that the test is run with."""
    (width, height), scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB")
    yield lambda workspace: Visitor(context.new_page(), workspace.url)
    context.close()


@pytest.fixture
def desk(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield lambda workspace: Visitor(context.new_page(), workspace.url)
    context.close()


# --- slack-im at home ----------------------------------------------------------------------------------------------

def test_a_visitors_first_minute(visit, office):
    visitor = visit(office)
    page = visitor.page
    page.select_option("#me", label="Ada Moreau")
    visitor.channel("general")

    # A command by its completion, and the accounts it makes.
    page.locator("#line").press_sequentially("/im sy")
    expect(page.locator("#completions").get_by_role("option").first).to_contain_text("/im sync")
    visitor.check()
    page.locator("#line").fill("/im sync")
    page.locator("#line").press("Enter")
    for name in ("demo", "office", "dev"):
        expect(visitor.message(name)).to_be_visible()
    visitor.check()
    visitor.tool("Accounts")
    before = int(re.search(r"\d+", page.get_by_role("heading", name="dev ·").inner_text()).group())
    assert before >= 9

    # A person joins, and has an account at once; then leaves.
    name = f"Nora {page.viewport_size['width']} {visitor.page.evaluate('Date.now()')}"
    visitor.tool("People")
    page.get_by_label("Name", exact=True).first.fill(name)
    page.get_by_label("E-mail").first.fill(f"n{page.evaluate('Date.now()')}@example.com")
    visitor.check()
    page.get_by_role("button", name="Join").click()
    visitor.tool("Accounts")
    expect(page.get_by_role("heading", name=f"dev · {before + 1}")).to_be_visible()
    expect(page.locator(".accounts").last).to_contain_text(name)
    visitor.check()
    visitor.pane("Workspace")
    page.locator("#people").get_by_role("button", name=name).click()
    expect(page.locator("#person")).to_be_visible()
    visitor.check()
    page.locator("#person").get_by_label("#alerts").check()
    page.keyboard.press("Escape")

    # An error.
    visitor.channel("alerts")
    visitor.tool("Errors")
    page.locator("#error [name=kind]").select_option(label="IntegrityError, 500")
    page.get_by_role("button", name="Raise").click()
    expect(page.locator("#error-note")).to_have_text("Taken: HTTP 202.")
    visitor.pane("Chat")
    expect(visitor.message("duplicate key value")).to_be_visible()
    visitor.check()

    # App Home.
    visitor.pane("Workspace")
    page.locator("#home-button").click()
    expect(page.locator("#home-blocks > *").first).to_be_visible()
    visitor.check()

    # What was delivered.
    visitor.pane("Traffic")
    row = page.locator("#deliveries tr").filter(has_text="/im sync").first
    row.press("Enter")
    expect(page.locator("#detail")).to_contain_text("X-Slack-Signature: v0=")
    visitor.check()
    page.get_by_role("button", name="Close").click()


def test_services_fail_and_come_back(desk, office):
    visitor = desk(office)
    page = visitor.page
    visitor.write("/im sync dev")
    dev = page.get_by_role("region", name="System dev")
    wanted = dev.locator("li")
    # Everybody of the workspace as it began, in whatever order the tests run.
    expect(wanted.nth(8)).to_be_visible()
    dev.get_by_role("button", name="Down").click()
    expect(dev).to_contain_text("The service is down.")
    dev.get_by_role("button", name="Wipe").click()
    expect(dev).to_contain_text("No accounts")
    visitor.check()
    dev.get_by_role("button", name="Down").click()
    visitor.write("/im sync dev")
    expect(wanted.first).to_be_visible()


def test_mute_an_error_in_app_home(desk, office):
    visitor = desk(office)
    page = visitor.page
    page.select_option("#me", label="Ada Moreau")
    visitor.channel("alerts")
    visitor.tool("Errors")
    page.locator("#error [name=kind]").select_option(label="Timeout, 504")
    page.get_by_role("button", name="Raise").click()
    expect(visitor.message("no answer from warehouse")).to_be_visible()
    page.locator("#home-button").click()
    home = page.locator("#home-blocks")
    expect(home).to_contain_text("no answer from warehouse")
    buttons = home.get_by_role("button", name="Mute")
    before = buttons.count()
    buttons.first.click()
    modal = page.get_by_role("dialog", name="Mute")
    expect(modal).to_be_visible()
    visitor.check()
    modal.get_by_role("button", name="Mute").click()
    expect(modal).to_be_hidden()
    expect(buttons).to_have_count(before - 1)
    visitor.check()


def report_error(office, report):
    request = urllib.request.Request(
        office.state()["app"]["url"].rstrip("/") + "/errors", json.dumps(report).encode(),
        {"Authorization": "Bearer playground-errors-key", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202


@pytest.mark.parametrize("locale, today", [("en-GB", "Today"), ("ko-KR", "오늘"), ("de-DE", "Heute")])
def test_days_are_named_in_the_readers_language(browser, office, locale, today):
    report_error(office, {"message": f"an error for {locale}"})
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
    visitor = Visitor(context.new_page(), office.url)
    visitor.channel("alerts")
    expect(visitor.message(f"an error for {locale}")).to_contain_text(today)
    visitor.check()
    context.close()


def test_what_an_application_says_is_not_formatted(desk, office):
    """Marks, quotes and emoji codes of an error are drawn as they came, or as characters that look like them."""
    visitor = desk(office)
    visitor.channel("alerts")
    report_error(office, {
        "message": "ordinary", "user": {"name": "*Kim* _Lee_ ~x~ `y` :smile:"}, "service": "> *shop*",
        "request": {"method": "GET", "path": "/*a*/__init__"}, "environment": "*__prod__*",
    })
    message = visitor.message("∗Kim∗ ˍLeeˍ ∼x∼ ˋyˋ")
    expect(message).to_contain_text("› ∗shop∗")
    expect(message).to_contain_text("∗ˍˍprodˍˍ∗")
    # In a code span nothing is replaced, for nothing is read there.
    expect(message).to_contain_text("GET /*a*/__init__")
    assert ":\u200bsmile:" in message.inner_text()
    assert message.locator("i, s, blockquote").all_inner_texts() == []
    bold = message.locator("b").all_inner_texts()
    assert bold and not any("Kim" in one or "shop" in one or "prod" in one for one in bold), bold
    visitor.check()


def test_the_page_knows_every_emoji_of_the_bot(office):
    texts = Path(__file__).parents[2] / "Sources/Bot/Texts"
    said = {name for file in texts.glob("*.swift")
            for name in re.findall(r"(?<![\w(]):([a-z0-9_]+):(?!\w)", file.read_text(encoding="utf-8"))}
    assert "white_check_mark" in said
    with urllib.request.urlopen(office.url + "/playground/emoji.js", timeout=10) as answer:
        known = set(answer.read().decode().split())
    assert said - known == set()


def accounts(state, system):
    return next(one for one in state["systems"] if one["name"] == system)["accounts"]


def gone(state, keys):
    """Those of the accounts on office that are disabled."""
    return {one["userId"] for one in accounts(state, "office") if not one.get("active", True)} & keys


def test_apply_a_held_plan(desk, office):
    visitor = desk(office)
    page = visitor.page
    page.select_option("#me", label="Ada Moreau")
    visitor.write("/im sync office")
    leavers = {"grace", "linus", "maria", "minjun", "seoyeon", "jiho", "tomas"}
    # The first message only says that the run has begun; who has no account yet has none to lose.
    office.until(lambda state: leavers <= {one["userId"] for one in accounts(state, "office")}, "the accounts on office")
    for one in [one for one in office.state()["people"] if one["name"] in leavers]:
        office.post(f"people/{one['id']}", deleted=True)
    # Five go by themselves, as many as the guard lets go in a day; the others wait for a decision.
    visitor.channel("ops")
    card = visitor.message("office: 2 changes for you to decide")
    expect(card.get_by_role("button", name=re.compile("^Apply"))).to_be_visible()
    office.until(lambda state: len(gone(state, leavers)) == 5, "the five that go by themselves")
    visitor.check()
    card.get_by_role("button", name=re.compile("^Apply")).click()
    page.locator("#ask[open] button[value=yes]").click()
    office.until(lambda state: gone(state, leavers) == leavers, "the plan to be applied")
    visitor.check()


# --- Somebody else's app -------------------------------------------------------------------------------------------

def test_blocks_modals_and_home_of_another_app(visit, bolt):
    visitor = visit(bolt)
    page = visitor.page
    title = f"Task {page.viewport_size['width']} {page.evaluate('Date.now()')}"

    # A modal with complaints of Slack's and of the app's own.
    visitor.write("/task new")
    modal = page.get_by_role("dialog", name="New task")
    expect(modal).to_be_visible()
    visitor.check()
    modal.get_by_role("button", name="Add").click()
    expect(modal.get_by_role("alert")).to_have_text("Please complete this required field.")
    visitor.check()
    field = modal.get_by_label("Title")
    expect(field).to_be_focused()
    field.fill("forbidden")
    modal.get_by_role("button", name="Add").click()
    expect(modal.get_by_role("alert")).to_have_text("Choose another title.")
    field.fill(title)
    modal.get_by_label("Due").fill("2026-12-24")
    modal.get_by_label("Idea").check()
    modal.get_by_label("Urgent").check()
    modal.get_by_label("Project").press_sequentially("apo")
    expect(modal.locator("datalist option")).to_have_attribute("value", "Apollo")
    modal.get_by_role("button", name="Add").click()
    expect(modal).to_be_hidden()

    # Its message: menus, a question before a button does what it says, a thread.
    message = visitor.message(f"{title}")
    expect(message).to_be_visible()
    visitor.check()
    message.get_by_label("Assign to").select_option(label="Ada Moreau")
    expect(visitor.message("Assigned to @Ada Moreau")).to_contain_text("Only visible to you")
    message.get_by_label("More options").click()
    message.get_by_role("button", name="Never").click()
    expect(visitor.message("More: never")).to_be_visible()
    message.get_by_role("button", name="Drop").click()
    question = page.get_by_role("dialog", name="Drop it?")
    expect(question).to_contain_text("It will be gone.")
    visitor.check()
    question.get_by_role("button", name="Keep").click()
    message.get_by_role("button", name="Finish").click()
    expect(message).to_contain_text("(edited)")
    message.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("region", name="Thread")
    expect(thread).to_contain_text("finished it")
    thread.get_by_label("Reply").fill("thank you")
    thread.get_by_label("Reply").press("Enter")
    expect(thread.locator(".message").last).to_contain_text("thank you")
    visitor.check()
    thread.get_by_role("button", name="Close the thread").click()

    # App Home and its button.
    visitor.pane("Workspace")
    page.locator("#home-button").click()
    expect(page.get_by_role("heading", name="Your tasks")).to_be_visible()
    visitor.check()
    page.locator("#home-blocks").get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("heading", name="Your tasks, fresh")).to_be_visible()


def test_time_faults_and_refusals(visit, bolt):
    visitor = visit(bolt)
    page = visitor.page

    # A reaction the app has no listener for: refused, tried again at once, then on the workspace's clock.
    said = f"React {page.evaluate('Date.now()')}"
    visitor.write(said)
    message = visitor.message(said)
    message.hover()
    message.get_by_label("Message actions").click()
    message.get_by_role("button", name="React 👀").click()
    expect(message.get_by_role("button", name="👀 1")).to_have_attribute("aria-pressed", "true")
    visitor.pane("Traffic")
    first = page.locator("#deliveries tr").filter(has_text="reaction_added")
    # Refused twice, and the next try stands with its time.
    expect(first.nth(0)).to_contain_text("↻")
    expect(first.nth(1)).to_contain_text("first")
    visitor.check()
    page.get_by_role("button", name="To the retry at").click()
    expect(first.nth(1)).to_contain_text("retry 1")
    expect(first.nth(0)).to_contain_text("↻")
    page.get_by_role("button", name="Advance the clock by 5 minutes").click()
    expect(first.nth(0)).to_contain_text("retry 3")

    # A fault, and what the app gets for an answer.
    visitor.tool("Faults")
    page.locator("#fault [name=kind]").select_option("error")
    page.locator("#fault [name=error]").fill("fatal_error")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator("#faults")).to_contain_text("answers fatal_error, 1 more")
    visitor.check()
    visitor.write("/task Never seen")
    visitor.pane("Traffic")
    page.get_by_role("tab", name="Web API calls").click()
    expect(page.locator("#calls tr").first).to_contain_text("fatal_error")
    visitor.check()

    # A message that Slack would not take, with what is wrong about it.
    visitor.write("/task " + "x" * 3_100)
    refused = page.get_by_role("article", name="Refused message").last
    expect(refused).to_contain_text("/0/text/text must be less than 3001 characters")
    visitor.check()
    visitor.tool("App")
    expect(page.locator("#app-facts")).to_contain_text("/slack/events")
    visitor.check()


# --- What is redrawn under somebody's hands ------------------------------------------------------------------------

def dashboard(*rows):
    """Blocks of an App Home without ids of their own: a text and a button each."""
    return {"type": "home", "blocks": [block for name, value in rows for block in (
        {"type": "section", "text": {"type": "plain_text", "text": f"{name} {value}"}},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "press", "text": {"type": "plain_text", "text": f"Press {name}"}, "value": value}]},
    )]}


def publish(workspace, *rows):
    WebClient(token=TOKEN, base_url=workspace.url + "/api/").views_publish(user_id=workspace.person, view=dashboard(*rows))


def last_delivery(workspace):
    return max((one["number"] for one in workspace.state()["deliveries"]), default=0)


def pressed(workspace, known):
    """The values of the buttons that the app was told of after that delivery."""
    told = [one["number"] for one in workspace.deliveries("block_actions press") if one["number"] > known]
    bodies = [parse_qs(workspace.get(f"deliveries/{number}")["body"])["payload"][0] for number in told]
    return [json.loads(body)["actions"][0]["value"] for body in bodies]


def at_home(visitor):
    visitor.pane("Workspace")
    visitor.page.locator("#home-button").click()
    expect(visitor.page.get_by_role("heading", name="Your tasks")).to_be_visible()


def shows(name, value):
    """Whether an answer to the page holds this row."""
    return lambda answer: answer.url.endswith("/playground/state") and f"{name} {value}" in answer.text()


def test_a_press_outlives_a_redraw(desk, bolt):
    visitor = desk(bolt)
    page = visitor.page
    at_home(visitor)
    publish(bolt, ("A", "1"), ("B", "1"))
    known = last_delivery(bolt)
    button = page.get_by_role("button", name="Press A")
    button.hover()
    page.mouse.down()
    with page.expect_response(shows("A", "2")):
        publish(bolt, ("A", "2"), ("B", "1"))
    # Taken in by the page once it has asked a second time.
    with page.expect_response(shows("A", "3")):
        publish(bolt, ("A", "3"), ("B", "1"))
    page.mouse.up()
    assert bolt.until(lambda _: pressed(bolt, known), "the press") == ["1"]
    expect(page.locator("#home-blocks")).to_contain_text("A 3")


def test_what_stays_as_it_was_keeps_its_node_and_the_focus(desk, bolt):
    visitor = desk(bolt)
    page = visitor.page
    at_home(visitor)
    publish(bolt, ("A", "1"), ("B", "1"))
    page.get_by_role("button", name="Press B").focus()
    page.evaluate("document.activeElement.dataset.old = 'yes'")
    publish(bolt, ("New", "1"), ("A", "2"), ("B", "1"))
    expect(page.locator("#home-blocks")).to_contain_text("A 2")
    expect(page.get_by_role("button", name="Press B")).to_be_focused()
    expect(page.get_by_role("button", name="Press B")).to_have_attribute("data-old", "yes")
    known = last_delivery(bolt)
    page.keyboard.press("Enter")
    assert bolt.until(lambda _: pressed(bolt, known), "the press") == ["1"]


def test_a_press_of_what_has_been_replaced_meanwhile(desk, bolt):
    visitor = desk(bolt)
    page = visitor.page
    at_home(visitor)
    publish(bolt, ("A", "1"))
    expect(page.locator("#home-blocks")).to_contain_text("A 1")
    known = last_delivery(bolt)
    # The page hears of nothing any more.
    page.route("**/playground/state", lambda route: route.abort())
    publish(bolt, ("A", "2"))
    page.get_by_role("button", name="Press A").click()
    assert bolt.until(lambda _: pressed(bolt, known), "the press") == ["1"]
    page.unroute("**/playground/state")


def test_the_keyboard_alone(desk, bolt):
    visitor = desk(bolt)
    page = visitor.page
    box = page.locator("#line")
    box.focus()
    page.keyboard.type("/ta")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "completion-0")
    page.keyboard.press("Enter")
    expect(box).to_have_value("/task ")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(visitor.message("By keyboard")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("/task By keyboard")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_value("")
    page.get_by_role("tab", name="People").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Faults")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Faults")).to_be_visible()


def test_foreign_text_stays_text(desk, bolt):
    visitor = desk(bolt)
    visitor.write("<img src=x onerror=alert(1)> <script>alert(2)</script> & *bold*")
    message = visitor.message("onerror")
    expect(message).to_contain_text("<img src=x onerror=alert(1)> <script>alert(2)</script>")
    assert message.locator("img, script").count() == 0
    bolt.post("people", real_name="<b onclick=alert(3)>Bobby</b>", email="bobby@example.com")
    expect(visitor.page.locator("#people")).to_contain_text("<b onclick=alert(3)>Bobby</b>")
    visitor.check()


def test_what_is_unread(desk, bolt):
    visitor = desk(bolt)
    page = visitor.page
    page.select_option("#me", label="Ada Moreau")
    other = next(one for one in bolt.state()["people"] if one["name"] == "grace")
    bolt.type("Look here", "ops", person=other["id"])
    button = page.locator("#channels").get_by_role("button", name="ops")
    expect(button).to_contain_text("1 unread")
    visitor.check()
    button.click()
    expect(button).not_to_contain_text("unread")
    expect(visitor.message("Look here")).to_be_visible()
