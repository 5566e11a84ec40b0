# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""The peer in Python: Slack's own Bolt, its asynchronous app on uvicorn with uvloop and httptools.

Verifies every request, reads it, and answers; nothing is stored and nothing is called.
"""

import logging
import os

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)


async def authorize(**_):
    """A fixed answer, so that no call to Slack comes before an acknowledgement."""
    return AuthorizeResult(
        enterprise_id=None, team_id="T0BENCH01", bot_token="xoxb-bench", bot_id="B0BOT", bot_user_id="U0BOT"
    )


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/im")
async def command(ack):
    await ack({"response_type": "ephemeral", "text": "Syncing every target."})


@app.event("team_join")
async def joined(event):
    pass


class Edge:
    """One endpoint for every path, as Bolt has it, and one that says whether it is up."""

    def __init__(self):
        self.routes = {
            "/slack/commands": AsyncSlackRequestHandler(app, path="/slack/commands"),
            "/slack/events": AsyncSlackRequestHandler(app, path="/slack/events"),
        }

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/readyz":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.routes.get(scope.get("path"), self.routes["/slack/events"])(scope, receive, send)


edge = Edge()
