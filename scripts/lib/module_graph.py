# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""Checks that the rooms of the house import only what they may.

    swift package dump-package | python3 module_graph.py ROOT
    python3 module_graph.py --self-test

The rules come from the tier list in the comment of Package.swift, from the dependencies declared there, and from the
table of vendor packages below. Tests may import anything. Prints `file:line: what is wrong` and exits 1.
"""

import json
import re
import sys
from pathlib import Path

from swift_source import line_of, masked, swift_files

# Vendor modules that belong to certain rooms, by the beginning of their names.
VENDOR_ROOMS = {
    "GRDB": {"StoreSQLite"},
    "AsyncHTTPClient": {"Connectors", "SlackSimulator", "SlackIM"},
    "Hummingbird": {"Web", "SlackSimulator", "SlackIM"},
    "Yams": {"SlackIM"},
    "ArgumentParser": {"SlackIM"},
    "COpenSSL": {"Signing"},
    "CZlib": {"Compression"},
    "CBrotli": {"Compression"},
}

# What the toolchain brings.
SYSTEM_MODULES = {
    "Swift", "Foundation", "FoundationEssentials", "FoundationInternationalization", "FoundationNetworking",
    "Synchronization", "Dispatch", "Observation", "RegexBuilder", "Glibc", "Musl", "Darwin",
}

# Modules that come with a product of another name.
PRODUCT_OF_MODULE = {"HummingbirdCore": "Hummingbird", "NIOConcurrencyHelpers": "NIOCore"}

TEST_MODULES = {"Testing", "XCTest"}

_TIER = re.compile(r"^//\s{2,}(\d+)\s{2,}(\S.*)$", re.MULTILINE)
_IMPORT = re.compile(
    r"(?:^|;)[ \t]*"
    r"(?:(?:@\w+(?:\([^)\n]*\))?|public|package|internal|fileprivate|private)\s+)*"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?"
    r"(\w+)",
    re.MULTILINE,
)


class Graph:
    """The rooms as Package.swift declares them."""

    def __init__(self, manifest_text: str, manifest: dict):
        self.text = manifest_text
        self.tiers = {}
        self.problems = []
        for entry in _TIER.finditer(manifest_text):
            for room in entry.group(2).split():
                if room in self.tiers:
                    self._manifest_problem(room, f"{room} stands in two tiers")
                self.tiers[room] = int(entry.group(1))
        self.rooms = {}
        self.products = {}
        for target in manifest["targets"]:
            if target["type"] in ("test", "plugin", "macro"):
                continue
            name = target["name"]
            # TestSupport is a regular target that only tests use; it lives below Tests and is as free as they are.
            if (target.get("path") or "").startswith("Tests/"):
                continue
            self.rooms[name], self.products[name] = set(), set()
            for dependency in target["dependencies"]:
                if "product" in dependency:
                    self.products[name].add(dependency["product"][0])
                else:
                    self.rooms[name].add((dependency.get("byName") or dependency.get("target"))[0])
        self._check_manifest()

    def _manifest_problem(self, room: str, what: str) -> None:
        place = self.text.find(f'name: "{room}"')
        self.problems.append(f"Package.swift:{line_of(self.text, max(place, 0))}: {what}")

    def _check_manifest(self) -> None:
        if not self.tiers:
            self._manifest_problem("", "the comment holds no tier list (lines such as `//   1  JSON  Time`)")
        for room in self.rooms:
            if room not in self.tiers:
                self._manifest_problem(room, f"{room} is in no tier of the list")
        for room in self.tiers:
            if room not in self.rooms:
                self._manifest_problem(room, f"{room} is in the list of tiers, but there is no such target")
        for room, dependencies in self.rooms.items():
            for other in sorted(dependencies):
                if why := self._why_not_room(room, other):
                    self._manifest_problem(room, f"{room} depends on {other}: {why}")
            for product in sorted(self.products[room]):
                if why := self._why_not_vendor(room, product):
                    self._manifest_problem(room, f"{room} depends on {product}: {why}")

    def _why_not_room(self, room: str, other: str) -> str:
        own, theirs = self.tiers.get(room), self.tiers.get(other)
        if own is None or theirs is None:
            return ""  # said already, as a room without a tier
        if theirs > own:
            return f"{other} is of tier {theirs}, later than {room}'s tier {own}"
        if theirs == own:
            return f"both are of tier {own}, and rooms of one tier never import each other"
        return self._why_not_vendor(room, other)

    def _why_not_vendor(self, room: str, module: str) -> str:
        for prefix, allowed in VENDOR_ROOMS.items():
            if module.startswith(prefix) and room not in allowed:
                return f"{prefix} belongs to {', '.join(sorted(allowed))} alone"
        return ""

    def why_not(self, room: str, module: str) -> str:
        """The rule that an import breaks; empty when it breaks none."""
        if module == room or module in SYSTEM_MODULES:
            return ""
        if module in TEST_MODULES:
            return "a test library has no place in Sources"
        if module in self.tiers or module in self.rooms:
            if why := self._why_not_room(room, module):
                return why
            return "" if module in self.rooms[room] else f"Package.swift does not declare {module} for {room}"
        if why := self._why_not_vendor(room, module):
            return why
        if PRODUCT_OF_MODULE.get(module, module) not in self.products[room]:
            return f"Package.swift declares no such product for {room}"
        return ""

    def check(self, file: str, room: str, text: str) -> list:
        """What is wrong with a file's imports."""
        code = masked(text)
        found = []
        for entry in _IMPORT.finditer(code):
            module = entry.group(1)
            if why := self.why_not(room, module):
                found.append(f"{file}:{line_of(code, entry.start(1))}: {room} imports {module}: {why}")
        return found


def check_tree(root: Path, manifest: dict) -> list:
    graph = Graph((root / "Package.swift").read_text(encoding="utf-8"), manifest)
    problems = list(graph.problems)
    for folder in sorted((root / "Sources").iterdir()):
        if not folder.is_dir():
            problems.append(f"Sources/{folder.name}:1: belongs to no room")
            continue
        if folder.name not in graph.rooms:
            problems.append(f"Sources/{folder.name}:1: Package.swift has no target of this name")
            continue
        for file in swift_files(folder):
            name = str(file.relative_to(root))
            problems += graph.check(name, folder.name, file.read_text(encoding="utf-8"))
    return problems


def self_test() -> None:
    text = "//   1  COpenSSL  JSON\n//   2  Signing  Jobs\n//   3  Web\n// Vendor packages: GRDB\n"

    def target(name, *dependencies, products=(), kind="regular"):
        entries = [{"byName": [d, None]} for d in dependencies] + [{"product": [p, "p", None, None]} for p in products]
        return {"name": name, "type": kind, "dependencies": entries}

    def graph(*changed):
        targets = {t["name"]: t for t in (
            target("COpenSSL", kind="system"), target("JSON"), target("Signing", "COpenSSL"), target("Jobs", "JSON"),
            target("Web", "JSON", "Signing", products=("Hummingbird", "NIOCore")), target("AnyTests", "Web", kind="test"),
            *changed)}
        return Graph(text, {"targets": list(targets.values())})

    good = graph()
    assert not good.problems, good.problems
    for changed, word in (
        (target("JSON", "Web"), "later than"),
        (target("Jobs", "Signing"), "both are of tier 2"),
        (target("Jobs", products=("GRDB",)), "StoreSQLite alone"),
        (target("Web", "COpenSSL"), "Signing alone"),
        (target("Attic"), "in no tier"),
    ):
        found = graph(changed).problems
        assert len(found) == 1 and word in found[0], (changed, found)

    for room, line, word in (
        ("Web", "import Jobs", "does not declare"),
        ("Web", "@testable import Jobs", "does not declare"),
        ("JSON", "package import Web", "later than"),
        ("Jobs", "@preconcurrency internal import Signing", "both are of tier"),
        ("Jobs", "import struct Signing.Secret", "both are of tier"),
        ("Jobs", "import JSON; import Signing", "both are of tier"),
        ("Jobs", "@_spi(Inside) public import Hummingbird", "alone"),
        ("Jobs", "import HummingbirdTLS", "alone"),
        ("Jobs", "import GRDB", "alone"),
        ("Web", "import COpenSSL", "alone"),
        ("Web", "import NIOPosix", "no such product"),
        ("Web", "import Testing", "test library"),
        ("Web", 'let a = "\\(b("x"))" // import JSON\nimport Jobs', "does not declare"),
        ("Web", 'let a = """\n"\n"""\nimport Jobs', "does not declare"),
        ("Web", 'let quote = /"/\nimport Jobs', "does not declare"),
        ("Web", "#if canImport(Jobs)\n  import Jobs\n#endif", "does not declare"),
    ):
        found = good.check("file", room, line)
        assert len(found) == 1 and word in found[0], (room, line, found)

    for room, line in (
        ("Web", "import JSON\npackage import Signing\nimport Hummingbird\nimport HummingbirdCore\nimport NIOCore"),
        ("Signing", "import COpenSSL\nimport Synchronization"),
        ("Web", "// import Jobs\n/* import Jobs /* import Jobs */ import Jobs */"),
        ("Web", 'let page = """\n    import Jobs from "jobs"\n    \\(a(")"))\n    import Jobs\n    """'),
        ("Web", 'let raw = #"""\nimport Jobs\n\\(\n"""#'),
        ("Web", "let important = 1"),
    ):
        found = good.check("file", room, line)
        assert not found, (room, line, found)


def main(arguments: list) -> int:
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check_tree(Path(arguments[0]), json.load(sys.stdin))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
