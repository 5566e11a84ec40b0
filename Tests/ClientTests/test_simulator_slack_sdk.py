# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""The simulator seen by Slack's own Python SDK."""

import time

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, DividerBlock, HeaderBlock, SectionBlock
from slack_sdk.webhook import WebhookClient

TOKEN = "xoxb-playground"


@pytest.fixture(scope="module")
def client(simulator_url):
    """A client that waits when it is told to, as a well-behaved app does."""
    patient = RateLimitErrorRetryHandler(max_retry_count=5)
    return WebClient(token=TOKEN, base_url=simulator_url + "/api/", retry_handlers=[patient], timeout=30)


@pytest.fixture(scope="module")
def people(client):
    return [member for page in client.users_list(limit=200) for member in page["members"]]


@pytest.fixture(scope="module")
def channels(client):
    return {channel["name"]: channel["id"] for channel in client.conversations_list()["channels"]}


def blocks(title="A plan"):
    return [
        HeaderBlock(text=title),
        SectionBlock(text="*dev*: one account"),
        DividerBlock(),
        ActionsBlock(elements=[ButtonElement(text="Approve", action_id="approve", value="1", style="primary")]),
    ]


def refusal(call, *arguments, **named):
    with pytest.raises(SlackApiError) as caught:
        call(*arguments, **named)
    return caught.value.response


def test_auth_test_and_scopes(client):
    answer = client.auth_test()
    assert answer["team_id"] and answer["user_id"] and answer["bot_id"]
    assert "users:read.email" in answer.headers["x-oauth-scopes"].split(",")


def test_wrong_tokens(client, simulator_url):
    wrong = WebClient(token="xoxb-wrong", base_url=simulator_url + "/api/")
    assert refusal(wrong.auth_test)["error"] == "invalid_auth"
    nobody = WebClient(base_url=simulator_url + "/api/")
    assert refusal(nobody.auth_test)["error"] == "not_authed"
    assert refusal(client.api_call, "no.such.method")["error"] == "unknown_method"


def test_team_info(client):
    assert client.team_info()["team"]["id"] == client.auth_test()["team_id"]


def test_users_list_iterates_over_every_page(client, people):
    ids = []
    for page in client.users_list(limit=7):
        assert len(page["members"]) <= 7
        ids += [member["id"] for member in page["members"]]
    assert ids == [member["id"] for member in people]
    assert len(ids) == len(set(ids)) and "USLACKBOT" in ids


def test_users_list_holds_every_kind(people):
    assert any(member["deleted"] for member in people)
    assert any(member.get("is_invited_user") for member in people)
    assert any(member.get("is_restricted") for member in people)
    assert any(member["is_bot"] for member in people)
    assert people[0]["is_admin"] and people[0]["is_owner"] and people[0]["profile"]["email"]


def test_cursor_of_another_listing(client):
    cursor = client.users_list(limit=2)["response_metadata"]["next_cursor"]
    assert cursor.endswith("=")
    assert refusal(client.conversations_list, cursor=cursor)["error"] == "invalid_cursor"


def test_users_info_and_lookup(client, people):
    first = people[0]
    assert client.users_info(user=first["id"])["user"]["id"] == first["id"]
    assert "locale" in client.users_info(user=first["id"], include_locale=True)["user"]
    assert client.users_lookupByEmail(email=first["profile"]["email"])["user"]["id"] == first["id"]
    assert refusal(client.users_info, user="UNOBODY")["error"] == "user_not_found"
    assert refusal(client.users_lookupByEmail, email="nobody@example.com")["error"] == "users_not_found"


def test_conversations(client, people, channels):
    assert {"general", "ops", "alerts", "everyone"} <= set(channels)
    members = [one for page in client.conversations_members(channel=channels["general"], limit=3) for one in page["members"]]
    assert people[0]["id"] in members and len(members) == len(set(members))
    assert client.conversations_info(channel=channels["ops"])["channel"]["name"] == "ops"
    assert refusal(client.conversations_info, channel="CNONE")["error"] == "channel_not_found"
    opened = client.conversations_open(users=[people[0]["id"]])
    assert opened["channel"]["id"].startswith("D")
    assert client.conversations_open(users=[people[0]["id"]])["channel"]["id"] == opened["channel"]["id"]


def test_user_groups(client):
    group = client.usergroups_list(include_users=True)["usergroups"][0]
    assert client.usergroups_users_list(usergroup=group["id"])["users"] == group["users"]
    assert refusal(client.usergroups_users_list, usergroup="SNONE")["error"] == "no_such_subteam"


def test_a_message_is_posted_updated_and_deleted(client, channels):
    posted = client.chat_postMessage(channel=channels["ops"], text="A plan", blocks=blocks())
    assert posted["message"]["blocks"][0]["block_id"]
    reply = client.chat_postMessage(channel=channels["ops"], text="a reply", thread_ts=posted["ts"])
    assert reply["message"]["thread_ts"] == posted["ts"]
    updated = client.chat_update(channel=channels["ops"], ts=posted["ts"], text="Done", blocks=blocks("Done"))
    assert updated["ts"] == posted["ts"] and updated["message"]["edited"]
    client.chat_delete(channel=channels["ops"], ts=posted["ts"])
    gone = refusal(client.chat_update, channel=channels["ops"], ts=posted["ts"], text="x")
    assert gone["error"] == "message_not_found"


def test_ephemeral_and_direct_messages(client, channels, people):
    owner = people[0]["id"]
    assert client.chat_postEphemeral(channel=channels["ops"], user=owner, text="psst")["message_ts"]
    assert client.chat_postMessage(channel=owner, text="hello")["channel"].startswith("D")


def test_refused_messages(client, channels):
    ops = channels["ops"]
    too_long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = refusal(client.chat_postMessage, channel=ops, text="x", blocks=too_long)
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert refusal(client.chat_postMessage, channel="CNONE", text="x")["error"] == "channel_not_found"
    assert refusal(client.chat_postMessage, channel=ops)["error"] == "no_text"
    posted = client.chat_postMessage(channel=ops, text="x")
    too_long = refusal(client.chat_update, channel=ops, ts=posted["ts"], text="x" * 4001)
    assert too_long["error"] == "msg_too_long"


def test_views_publish(client, people):
    view = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Home"}}]}
    first = client.views_publish(user_id=people[0]["id"], view=view)["view"]
    assert first["hash"] and first["id"].startswith("V")
    client.views_publish(user_id=people[0]["id"], view=view, hash=first["hash"])
    stale = refusal(client.views_publish, user_id=people[0]["id"], view=view, hash=first["hash"])
    assert stale["error"] == "hash_conflict"


def test_blocks_validate(client):
    assert client.api_call("blocks.validate", json={"blocks": [block.to_dict() for block in blocks()]})["ok"]
    answer = refusal(client.api_call, "blocks.validate", json={"blocks": [{"type": "nonsense"}]})
    assert answer["error"] == "invalid_blocks" and answer["errors"][0]["pointer"] == "/0/type"


def test_a_rate_limit_is_a_429_with_retry_after(channels, simulator_url):
    impatient = WebClient(token=TOKEN, base_url=simulator_url + "/api/", retry_handlers=[])
    limited = None
    for _ in range(60):
        try:
            impatient.chat_postMessage(channel=channels["alerts"], text="burst")
        except SlackApiError as error:
            limited = error.response
            break
    if limited is None:
        pytest.skip("the simulator runs without limits")
    assert limited.status_code == 429 and limited["error"] == "ratelimited"
    time.sleep(int(limited.headers["Retry-After"]))
    assert impatient.chat_postMessage(channel=channels["alerts"], text="after the pause")["ok"]


def test_an_invented_response_url_is_refused(simulator_url):
    answer = WebhookClient(simulator_url + "/response/0000").send(text="x")
    assert answer.status_code == 404
