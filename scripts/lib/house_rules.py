# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the house that are cheap to check and leave no doubt.

    python3 house_rules.py ROOT
    python3 house_rules.py --self-test

Prints `file:line: what is wrong` and exits 1.
"""

import re
import subprocess
import sys
from pathlib import Path

from swift_source import line_of, masked, swift_files

# All that may lie at the top level of the repository.
TOP_LEVEL = {
    "Package.swift", "Sources", "Tests", "manifest.json", "README.md", "scripts", "LICENSE",
    ".ci", ".gitignore", ".swift-format", ".editorconfig",
}

HEADER = ["// Part of slack-im", "// SPDX-License-Identifier: Apache-2.0"]

_EMPTY_NAME = re.compile(r"(?:Util|Utils|Utilities|Helper|Helpers|Common|Manager|Managers|Misc)$")

# Part of the tree, pattern, why not.
_PATTERNS = [
    ("Sources Tests", re.compile(r"\btry!"), "`try!` is a crash in waiting"),
    ("Sources Tests", re.compile(r"\bas!"), "`as!` is a crash in waiting"),
    ("Sources", re.compile(r"\bfatalError\s*\("), "a trap is a remote crash: throw an error instead of `fatalError`"),
    ("Tests", re.compile(r"\b(?:Task|Thread)\s*\.\s*sleep\b"), "no sleep in tests: use a clock or an expectation"),
    ("Tests", re.compile(r"(?<![\w.])(?<!func )(?:u|nano)?sleep\s*\("), "no sleep in tests: use a clock or an expectation"),
    ("Tests", re.compile(r"\bimport\s+XCTest\b"), "tests use Swift Testing; an XCTest would never run"),
]


def check_swift(file: str, text: str) -> list:
    """What is wrong with a Swift file below Sources or Tests."""
    problems = []
    if text.split("\n")[:2] != HEADER:
        problems.append(f"{file}:1: the file does not begin with the two header lines")
    stem = Path(file).stem.split("+")[0]
    if _EMPTY_NAME.search(stem):
        problems.append(f"{file}:1: the name says nothing; name the file after the one type it holds")
    code = masked(text)
    part = file.split("/")[0]
    for parts, pattern, why in _PATTERNS:
        if part in parts.split():
            for match in pattern.finditer(code):
                problems.append(f"{file}:{line_of(code, match.start())}: {why}")
    return problems


def check_manifest(text: str) -> list:
    head = text.split("\n")[:2]
    if len(head) < 2 or not head[0].startswith("// swift-tools-version:") or head[1] != HEADER[1]:
        return ["Package.swift:1: the tools version and then the licence's line are missing"]
    return []


def check_top_level(names: set) -> list:
    return [f"{name}:1: does not belong at the top level of the repository" for name in sorted(names - TOP_LEVEL)]


def top_level(root: Path) -> set:
    """Names at the top that are tracked, or would be by `git add`; without git's data (an archive) those that lie there."""
    # A clone that belongs to another user, as in containers, is still only read here.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
    listing = subprocess.run(command, capture_output=True, text=True)
    if listing.returncode != 0:
        return {entry.name for entry in root.iterdir()} - {".git", ".build", ".swiftpm", "Package.resolved"}
    names = {name.split("/")[0] for name in listing.stdout.split("\0") if name}
    return {name for name in names if (root / name).exists()}


def self_test() -> None:
    head = "\n".join(HEADER) + "\n\n"
    for file, text, word in (
        ("Sources/Web/Page.swift", "import JSON\n", "header"),
        ("Sources/Web/Page.swift", "// Part of slack-im\n", "header"),
        ("Sources/Web/StringUtils.swift", head, "name"),
        ("Sources/Web/Helpers+Text.swift", head, "name"),
        ("Sources/Web/TokenManager.swift", head, "name"),
        ("Sources/Web/Page.swift", head + "let a = try! b()", "try!"),
        ("Sources/Web/Page.swift", head + "let a = b as! C", "as!"),
        ("Sources/Web/Page.swift", head + 'fatalError("x")', "fatalError"),
        ("Sources/Web/Page.swift", head + 'let a = "\\(try! b())"', "try!"),
        ("Tests/WebTests/PageTests.swift", head + "try await Task.sleep(for: .seconds(1))", "sleep"),
        ("Tests/WebTests/PageTests.swift", head + "usleep(1)", "sleep"),
        ("Tests/WebTests/PageTests.swift", head + "import XCTest", "XCTest"),
    ):
        found = check_swift(file, text)
        assert len(found) == 1 and word in found[0], (file, text, found)
    for file, text in (
        ("Sources/Web/CommonMark.swift", head + "// try! and fatalError( in a comment\n"),
        ("Sources/Web/Page.swift", head + 'let text = "try! fatalError("\ntry await Task.sleep(for: .zero)'),
        ("Tests/TestSupport/ManualClock.swift", head + "func sleep(until deadline: Instant) {}\nclock.sleep(until: a)"),
    ):
        found = check_swift(file, text)
        assert not found, (file, text, found)
    assert check_manifest("// swift-tools-version: 6.2\nimport PackageDescription\n")
    assert not check_manifest(f"// swift-tools-version: 6.2\n{HEADER[1]}\n")
    assert check_top_level({"Sources", "Package.resolved", "docs"}) and not check_top_level(TOP_LEVEL)


def main(arguments: list) -> int:
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0])
    problems = check_manifest((root / "Package.swift").read_text(encoding="utf-8"))
    for folder in ("Sources", "Tests"):
        for file in swift_files(root / folder):
            problems += check_swift(str(file.relative_to(root)), file.read_text(encoding="utf-8"))
    problems += check_top_level(top_level(root))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
