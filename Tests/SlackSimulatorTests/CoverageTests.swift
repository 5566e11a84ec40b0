// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SlackSimulator
import Testing

/// The documentation's table of what the simulator covers is what the code covers.
struct CoverageTests {
    private static let page: URL = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/SlackIM/Documentation.docc/SimulatedSlack.md")

    private func rows(behind head: String) throws -> [String] {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        return text.components(separatedBy: "\n").drop { $0 != head }.dropFirst(2).prefix { $0.hasPrefix("|") }
            .map(\.self)
    }

    private func scopes(_ scopes: [String]) -> String {
        scopes.isEmpty ? "none" : scopes.map { "`\($0)`" }.joined(separator: " or ")
    }

    @Test func `the methods`() throws {
        let expected = WebAPIMethod.allCases.map { method in
            "| `\(method.rawValue)` | \(method.tier.map(String.init) ?? "special") | \(scopes(method.scopes)) |"
        }
        let written = try rows(behind: "| Method | Tier | Scope |")
        #expect(written == expected, "the table should be:\n\(expected.joined(separator: "\n"))")
    }

    @Test func `the events`() throws {
        let expected = WorkspaceEvent.allCases.map { "| `\($0.rawValue)` | \(scopes($0.scopes)) |" }
        let written = try rows(behind: "| Event | Scope |")
        #expect(written == expected, "the table should be:\n\(expected.joined(separator: "\n"))")
    }
}
