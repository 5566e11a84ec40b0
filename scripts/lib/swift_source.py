# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Swift source as far as the checks need it: text without its comments and strings."""

import re
from pathlib import Path

_STRING_START = re.compile(r'(#*)("""|")')


def masked(text: str) -> str:
    """The text with comments and the content of strings blanked out; lines and columns stay where they were."""
    out = list(text)
    _mask_code(text, out, 0, until_parenthesis=False)
    return "".join(out)


def _blank(out: list, start: int, end: int) -> None:
    for place in range(start, end):
        if out[place] != "\n":
            out[place] = " "


def _mask_code(text: str, out: list, place: int, until_parenthesis: bool) -> int:
    depth = 0
    while place < len(text):
        character = text[place]
        if text.startswith("//", place):
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            _blank(out, place, end)
            place = end
        elif text.startswith("/*", place):
            end = _block_comment_end(text, place)
            _blank(out, place, end)
            place = end
        elif character in '#"' and (start := _STRING_START.match(text, place)):
            place = _mask_string(text, out, start)
        else:
            if until_parenthesis and character == "(":
                depth += 1
            elif until_parenthesis and character == ")":
                if depth == 0:
                    return place + 1
                depth -= 1
            place += 1
    return place


def _block_comment_end(text: str, place: int) -> int:
    """Swift's block comments nest."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", text[place:]):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return place + mark.end()
    return len(text)


def _mask_string(text: str, out: list, start: re.Match) -> int:
    pounds, quotes = start.groups()
    end_mark, escape = quotes + pounds, "\\" + pounds
    place = begin = start.end()
    while place < len(text):
        if text.startswith(end_mark, place):
            _blank(out, begin, place)
            return place + len(end_mark)
        if text[place] == "\n" and quotes == '"':
            _blank(out, begin, place)  # not a string after all, such as a quote in a regular expression
            return place
        if text.startswith(escape + "(", place):
            _blank(out, begin, place)
            place = begin = _mask_code(text, out, place + len(escape) + 1, until_parenthesis=True)
        elif text.startswith(escape, place):
            place += len(escape) + 1
        else:
            place += 1
    _blank(out, begin, len(text))
    return len(text)


def line_of(text: str, place: int) -> int:
    """The line, from 1, that a position is in."""
    return text.count("\n", 0, place) + 1


def swift_files(folder: Path) -> list:
    """Every Swift file below a folder, in a steady order; none when there is no such folder."""
    return sorted(folder.rglob("*.swift"))
