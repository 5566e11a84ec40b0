# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Deliveries as GitHub documents them: headers, signature over the raw body, the life of a pull request."""

import hashlib
import hmac
import json
import urllib.parse
import uuid

import pytest

from alerting import GITHUB_SECRET, bot, eventually, post  # noqa: F401  (bot is a fixture)

REPOSITORY = {
    "id": 186853002, "name": "shop", "full_name": "octo/shop", "private": False, "default_branch": "main",
    "owner": {"login": "octo", "id": 1, "type": "Organization"}, "html_url": "https://github.com/octo/shop",
}


def deliver(bot, event: str, payload: dict, guid: str = "", form: bool = False, secret: str = GITHUB_SECRET) -> int:
    body = json.dumps(payload).encode()
    kind = "application/json"
    if form:
        body, kind = urllib.parse.urlencode({"payload": body.decode()}).encode(), "application/x-www-form-urlencoded"
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return post(bot.url + "/webhooks/github", body, {
        "Content-Type": kind, "User-Agent": "GitHub-Hookshot/044aadd", "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid or str(uuid.uuid4()), "X-GitHub-Hook-ID": "292430182",
        "X-GitHub-Hook-Installation-Target-Type": "repository", "X-Hub-Signature-256": "sha256=" + signature})[0]


def pull_request(action: str, number: int, minute: int, **changes) -> dict:
    request = {
        "url": f"https://api.github.com/repos/octo/shop/pulls/{number}", "id": 279147437 + number, "number": number,
        "html_url": f"https://github.com/octo/shop/pull/{number}", "state": "open", "locked": False,
        "title": f"Update the README <!channel> ({number})", "user": {"login": "lee", "id": 2, "type": "User"},
        "body": "A simple change.", "created_at": "2026-11-22T03:00:00Z",
        "updated_at": f"2026-11-22T03:{minute:02}:00Z", "closed_at": None, "merged_at": None, "draft": False,
        "head": {"label": "octo:changes", "ref": f"changes-{number}", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
        "base": {"label": "octo:main", "ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
        "merged": False, "merged_by": None, "commits": 1, "additions": 1, "deletions": 2, "changed_files": 3,
    } | changes
    return {"action": action, "number": number, "pull_request": request, "repository": REPOSITORY,
            "sender": {"login": "kim", "id": 3, "type": "User"}}


def test_a_ping_and_everything_else_is_2xx(bot):
    before = len(bot.messages(bot.github_channel))
    ping = {"zen": "Practicality beats purity.", "hook_id": 292430182, "repository": REPOSITORY,
            "hook": {"type": "Repository", "events": ["push", "pull_request"], "active": True}}
    assert deliver(bot, "ping", ping) == 200
    assert deliver(bot, "ping", ping, form=True) == 200
    assert deliver(bot, "star", {"action": "created", "repository": REPOSITORY}) == 200
    assert deliver(bot, "event_of_next_year", {}) == 200
    assert len(bot.messages(bot.github_channel)) == before


@pytest.mark.parametrize("secret", ["another secret", " " + GITHUB_SECRET])
def test_a_wrong_secret_is_401(bot, secret):
    assert deliver(bot, "ping", {"zen": "x"}, secret=secret) == 401


def test_a_pull_request_is_one_card_that_shows_its_latest_state(bot):
    channel = bot.github_channel
    guid = str(uuid.uuid4())
    assert deliver(bot, "pull_request", pull_request("opened", 2, 0), guid) == 200
    card = bot.message("Update the README", "(2)", channel=channel)
    assert "<!channel>" not in json.dumps(card)
    # By hand, "Redeliver": the same id.
    assert deliver(bot, "pull_request", pull_request("opened", 2, 0), guid) == 200
    review = pull_request("submitted", 2, 5) | {
        "review": {"id": 1, "state": "approved", "body": "Nice work", "user": {"login": "kim"},
                   "html_url": "https://github.com/octo/shop/pull/2#pullrequestreview-1"}}
    assert deliver(bot, "pull_request_review", review) == 200
    assert deliver(bot, "pull_request", pull_request("labeled", 2, 6)) == 200
    assert deliver(bot, "issue_comment", {
        "action": "created", "issue": {"number": 2, "pull_request": {"url": "x"}}, "repository": REPOSITORY,
        "comment": {"body": "token=abcdef123456 works", "html_url": "https://github.com/octo/shop/pull/2#c1"},
        "sender": {"login": "park"}}) == 200
    merged = pull_request("closed", 2, 9, state="closed", merged=True, merged_at="2026-11-22T03:09:00Z",
                          merged_by={"login": "kim"})
    assert deliver(bot, "pull_request", merged) == 200
    # Late: what was true before the merge.
    assert deliver(bot, "pull_request", pull_request("synchronize", 2, 7)) == 200

    def settled():
        cards = [m for m in bot.messages(channel) if "(2)" in json.dumps(m)]
        replies = bot.replies(card, channel)
        return cards if len(replies) == 4 and "merged" in json.dumps(cards) else None
    cards = eventually(settled, "the card and its thread are not as they should be")
    assert [m["ts"] for m in cards] == [card["ts"]], "one pull request, one card"
    said = json.dumps(bot.replies(card, channel), ensure_ascii=False)
    assert "approved" in said and "Merged by kim" in said and "park" in said and "abcdef123456" not in said


def test_a_push_to_the_default_branch_is_told(bot):
    push = {
        "ref": "refs/heads/main", "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        "after": "76ae82c7b1a177c8d03f9e96e0adf2466113728f", "created": False, "deleted": False, "forced": False,
        "base_ref": None, "compare": "https://github.com/octo/shop/compare/6113728f27ae...76ae82c7b1a1",
        "commits": [{
            "id": "76ae82c7b1a177c8d03f9e96e0adf2466113728f", "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
            "distinct": True, "message": "Count the pears\n\nand the plums", "timestamp": "2026-11-22T03:00:00Z",
            "url": "https://github.com/octo/shop/commit/76ae82c7b1a1",
            "author": {"name": "Lee", "email": "lee@example.com", "username": "lee"}, "added": [], "removed": [],
            "modified": ["pears.py"]}],
        "repository": REPOSITORY, "pusher": {"name": "kim", "email": "kim@example.com"}, "sender": {"login": "kim"},
    }
    assert deliver(bot, "push", push) == 200
    message = bot.message("Count the pears", "76ae82c", "main", channel=bot.github_channel)
    assert "plums" not in json.dumps(message)
    deleted = push | {"deleted": True, "commits": [], "ref": "refs/heads/old"}
    assert deliver(bot, "push", deleted) == 200
