# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Bugsink as its own template for a single server sets it up, with what a benchmark needs: no quotas, no messages."""

import os

from bugsink.settings.default import *  # noqa: F401, F403
from bugsink.settings.default import DATABASES

BASE = os.environ["BUGSINK_BASE"]

SECRET_KEY = "only-for-a-benchmark-on-this-machine-0123456789abcdefghijkl"
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["NAME"] = f"{BASE}/db.sqlite3"
DATABASES["snappea"]["NAME"] = f"{BASE}/snappea.sqlite3"
TIME_ZONE = "UTC"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SNAPPEA = {
    "TASK_ALWAYS_EAGER": False,  # answered first, digested by the worker: as in production
    "NUM_WORKERS": 4,
    "PID_FILE": None,
    "WAKEUP_CALLS_DIR": f"{BASE}/wakeup",
    "STATS_RETENTION_MINUTES": 60 * 24 * 7,
}
UNLIMITED = 1_000_000_000
BUGSINK = {
    "BASE_URL": "http://127.0.0.1",
    "SITE_TITLE": "Bugsink",
    "PHONEHOME": False,
    "INGEST_STORE_BASE_DIR": f"{BASE}/ingestion",
    **{f"MAX_EVENTS_PER_{period}": UNLIMITED for period in ("5_MINUTES", "HOUR", "MONTH")},
    **{f"MAX_EVENTS_PER_PROJECT_PER_{period}": UNLIMITED for period in ("5_MINUTES", "HOUR", "MONTH")},
}
