# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""What the README tells people to copy, so that tests run exactly that."""

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def snippet(words: str, language: str = "python") -> str:
    """The first code block behind these words in the chapter on the application's side."""
    text = README.read_text(encoding="utf-8")
    chapter = text[text.index("## Your application's side"):]
    chapter = chapter[:chapter.index("\n## ", 3)]
    block = re.compile(r"^```" + language + r"\n(.*?)^```", re.MULTILINE | re.DOTALL).search(
        chapter, chapter.index(words))
    assert block, f"the README has no {language} block behind {words!r}"
    return block.group(1)


def replaced(text: str, *changes: tuple) -> str:
    """The text with examples replaced by what is here; each must be in it."""
    for old, new in changes:
        assert old in text, f"the README no longer says {old!r}"
        text = text.replace(old, new)
    return text
