#!/usr/bin/env python3
# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Takes the picture of the playground that the README shows.

    scripts/lib/screenshot.py [--binary FILE] [--output FILE]

Starts the built playground on a free port, uses its page as a visitor would (a sync, a newcomer, a wiped target, an
error) and photographs it when every result has arrived. It needs, on Debian, chromium, fonts-noto-color-emoji and
fonts-noto-cjk, and the package playwright from PyPI, which finds that chromium:

    python3 -m venv /tmp/shot-venv && /tmp/shot-venv/bin/pip install playwright
    /tmp/shot-venv/bin/python scripts/lib/screenshot.py
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from playwright.sync_api import Page, expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = ROOT / "Sources/SlackIM/Documentation.docc/Resources/playground.png"
SIZE = {"width": 1280, "height": 800}
LARGEST = 250_000
TARGETS = ["demo", "office", "dev"]
# Which clock and language a picture was taken in should not show.
SURROUNDINGS = {"locale": "en-GB", "timezone_id": "Etc/UTC", "color_scheme": "light"}


def open_playground(binary: pathlib.Path) -> tuple[subprocess.Popen, str]:
    """Starts the playground; its one line on standard output is the page's address."""
    process = subprocess.Popen([binary, "playground", "--port", "0"], stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().strip()
    if not address:
        sys.exit(f"{binary} did not open a playground (exit status {process.wait()})")
    return process, address


def go_to(page: Page, channel: str) -> None:
    page.locator("#channels button").filter(has_text=channel).first.click()
    expect(page.locator("#channel-name")).to_contain_text(channel)


def send(page: Page, line: str) -> None:
    page.fill("#line", line)
    page.click("#composer button.primary")


def expect_accounts(page: Page, target: str, number: int) -> None:
    expect(page.locator(".system", has_text=f"{target} · {number}")).to_be_visible()


def visit(page: Page, address: str) -> None:
    """What a visitor does in their first minute."""
    page.goto(address)
    expect(page.locator("#live.on")).to_be_visible()
    page.select_option("#me", label="Ada Moreau")

    # 1. A command: everybody gets their accounts.
    go_to(page, "general")
    send(page, "/im sync")
    for target in TARGETS:
        expect_accounts(page, target, 9)

    # 2. An event: a newcomer gets theirs at once.
    page.get_by_role("tab", name="People").click()
    page.fill("#add [name=real_name]", "Nora Lindqvist")
    page.fill("#add [name=email]", "nora@example.com")
    page.click("#add button.primary")
    page.get_by_role("tab", name="Accounts").click()
    for target in TARGETS:
        expect_accounts(page, target, 10)

    # A command again, on a target that was wiped; asked for where the error will appear, so that both are seen.
    go_to(page, "alerts")
    page.locator(".system").filter(has_text="dev ·").get_by_role("button", name="Wipe").click()
    expect_accounts(page, "dev", 0)
    send(page, "/im sync dev")
    expect(page.locator("#messages")).to_contain_text("It had been wiped")
    expect_accounts(page, "dev", 10)

    # 3. An error: an alert that says whom it hit, where, and what it was.
    page.get_by_role("tab", name="Errors").click()
    page.select_option("#error [name=kind]", label="IntegrityError, 500")
    page.select_option("#error [name=user]", label="Linus Berg")
    page.click("#error button.primary")
    page.get_by_role("tab", name="Accounts").click()
    expect(page.locator("#messages")).to_contain_text("duplicate key value")


def frame(page: Page) -> None:
    """Brings into view what the picture is about: the newest accounts and the newest messages."""
    page.mouse.move(640, 20)  # Away from what would show that it is under the mouse.
    page.evaluate(
        """() => {
            for (const list of document.querySelectorAll("ul.accounts")) list.scrollTop = list.scrollHeight;
            document.getElementById("panel-accounts").scrollTop = 0;
            const messages = document.getElementById("messages");
            messages.scrollTop = messages.scrollHeight;
            document.activeElement?.blur();
        }"""
    )
    # What is new is marked for a moment; a picture taken while the mark fades would differ each time.
    # (Not by wait_for_function: the page's own security policy forbids what that does.)
    page.evaluate(
        """async () => {
            const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
            await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
        }"""
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes the picture of the playground.")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / ".build/debug/slack-im")
    parser.add_argument("--output", type=pathlib.Path, default=PICTURE)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")

    playground, address = open_playground(options.binary)
    try:
        with sync_playwright() as play:
            # As root, as in most containers, Chromium runs only without its sandbox; the page is our own.
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = play.chromium.launch(executable_path=chromium, args=sandbox)
            page = browser.new_page(viewport=SIZE, device_scale_factor=1, **SURROUNDINGS)
            page.set_default_timeout(20_000)
            expect.set_options(timeout=20_000)
            visit(page, address)
            frame(page)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=options.output)
            browser.close()
    finally:
        playground.send_signal(signal.SIGTERM)
        playground.wait(timeout=30)

    size = options.output.stat().st_size
    print(f"{options.output}: {size} bytes")
    if size > LARGEST:
        sys.exit(f"the picture is larger than {LARGEST} bytes")


if __name__ == "__main__":
    main()
