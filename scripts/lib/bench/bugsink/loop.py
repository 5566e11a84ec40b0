# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""An application that fails 400 times in a loop, with the settings that the README asks for.

    loop.py ROOT DSN
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(sys.argv[1], "Tests/ClientTests")))

from readme import replaced, snippet  # noqa: E402

import sentry_sdk  # noqa: E402

exec(replaced(snippet("Any Sentry SDK"), ('"https://KEY@bot.example.com/7"', "sys.argv[2]")))  # noqa: S102
for number in range(400):
    try:
        raise KeyError(f"order {number}")
    except KeyError as error:
        sentry_sdk.capture_exception(error)
sentry_sdk.flush(60)
