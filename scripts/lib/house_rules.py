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


# What looks like an error's code, by its first word.
_CODE = re.compile(
    r'["\']((?:alerts|api|configuration|decision|errors|github|job|json|password_key|run|serve|server|slack|source|store|'
    r'target|tls|web)\.[a-z_]+)["\']')
# The same form, but names of fields in the log, of buttons, of keys of the configuration.
_NO_CODES = {
    "job.id", "job.kind", "run.id", "slack.method", "slack.team_id", "slack.warning", "slack.com", "slack.js",
    "slack.api_url", "slack.notify", "api.test", "target.pause", "target.resume", "target.sync",
}


def check_codes(sources: dict, readme: str) -> list:
    """Codes of errors that the README's table does not explain, and codes there that no source has."""
    table = readme.partition("\n## Troubleshooting\n")[2].partition("\nAnd without a code:")[0]
    first = table.count("\n") and readme[: readme.index(table)].count("\n") + 1
    told = []
    for number, line in enumerate(table.split("\n")):
        if line.startswith("| `"):
            told += [(number + first, code) for code in re.findall(r"`([^`]+)`", line.split("|")[1])]
    families = tuple(code[:-1] for _, code in told if code.endswith("*"))
    single = {code for _, code in told}
    problems, known = [], set()
    for file, text in sources.items():
        for match in _CODE.finditer(text):
            code = match[1]
            known.add(code)
            if code not in _NO_CODES and code not in single and not (families and code.startswith(families)):
                problems.append(f"{file}:{line_of(text, match.start())}: {code} is not in the README's Troubleshooting")
    for line, code in told:
        if not (any(one.startswith(code[:-1]) for one in known) if code.endswith("*") else code in known):
            problems.append(f"README.md:{line}: no source has the code {code}")
    return problems


def check_metrics(sources: dict, readme: str) -> list:
    """Metrics that the README names and no source has."""
    problems = []
    for match in re.finditer(r"slack_im_[a-z_]+", readme):
        name = re.sub(r"_(?:bucket|count|sum)$", "", match[0])
        if not any(f'"{name}"' in text for text in sources.values()):
            problems.append(f"README.md:{line_of(readme, match.start())}: no source has the metric {match[0]}")
    return problems


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
    readme = "x\n## Troubleshooting\n\n| `web.gone`, `json.*` | x |\n\nAnd without a code:\n| `no.code` | x |\n"
    assert not check_codes({"A.swift": 'a = "web.gone"; b = "json.too_deep"; c = "job.id"'}, readme)
    assert "A.swift:2: web.new is not" in check_codes({"A.swift": '"web.gone" "json.a"\n"web.new"'}, readme)[0]
    assert check_codes({"A.swift": '"json.a"'}, readme) == ["README.md:4: no source has the code web.gone"]
    assert not check_metrics({"A.swift": '"slack_im_a_seconds" "slack_im_b"'}, "slack_im_a_seconds_bucket > slack_im_b")
    assert check_metrics({}, "x\nslack_im_b") == ["README.md:2: no source has the metric slack_im_b"]
    assert check_top_level({"Sources", "Package.resolved", "docs"}) and not check_top_level(TOP_LEVEL)


def main(arguments: list) -> int:
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0])
    sources = {}
    problems = check_manifest((root / "Package.swift").read_text(encoding="utf-8"))
    for folder in ("Sources", "Tests"):
        for file in swift_files(root / folder):
            name, text = str(file.relative_to(root)), file.read_text(encoding="utf-8")
            problems += check_swift(name, text)
            if folder == "Sources":
                sources[name] = text
    readme = (root / "README.md").read_text(encoding="utf-8")
    problems += check_codes(sources, readme) + check_metrics(sources, readme)
    problems += check_top_level(top_level(root))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
