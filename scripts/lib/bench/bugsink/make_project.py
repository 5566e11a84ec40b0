# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Makes the project that events are sent to; read by `bugsink-manage shell`."""

import os
import uuid

from projects.models import Project

Project.objects.create(
    id=int(os.environ["BUGSINK_PROJECT"]), name="shop", slug="shop", sentry_key=uuid.UUID(os.environ["BUGSINK_KEY"]),
    retention_max_event_count=100_000_000)
