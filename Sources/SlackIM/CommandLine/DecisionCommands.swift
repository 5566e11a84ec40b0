// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON

/// Takes accounts over.
struct AdoptCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Takes over accounts that exist under members' keys and are nobody's; sends nothing to the target.",
        discussion: """
            Examples:  slack-im adopt dev
                       slack-im adopt dev kim@example.com U012ABC

            Without members: everybody's. `sync --plan` lists them first, as "exists already and is not ours".
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The target.") var target: String
    @Argument(help: "Only these people: Slack ids or e-mail addresses.") var members: [String] = []
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .adopt(target: target, members: members, actor: "cli") }

    func text(_ answer: JSONValue) -> String {
        let run = answer["run"]
        if let error = run?["error"]?["detail"]?.string { return "\(target): \(error)" }
        let adopted = (run?["changes"]?.array ?? []).filter { $0["outcome"] == "applied" }
        var lines = adopted.map { "adopted  \($0["key"]?.string ?? "")  \($0["member"]?.string ?? "")" }
        lines += (run?["findings"]?.array ?? []).filter { $0["kind"] != "skipped" && $0["kind"] != "kept" }
            .map { SyncCommand.findingText($0) }
        return lines.isEmpty ? "nothing to adopt on \(target)" : lines.joined(separator: "\n")
    }
}

/// Says whose an account is.
struct LinkCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Says that an account is this person's, whatever its key; sends nothing to the target.",
        discussion: "Example:  slack-im link kim@example.com dev jisoo.kim"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Slack id or e-mail address.") var member: String
    @Argument(help: "The target.") var target: String
    @Argument(help: "The account's key; without it, the one that the template gives.") var key: String?
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .link(member: member, target: target, key: key, actor: "cli") }
    func text(_ answer: JSONValue) -> String {
        "\(answer["key"]?.string ?? "") on \(target) is the account of \(answer["member"]?.string ?? "")"
    }
}

/// Says that an account is nobody's.
struct UnlinkCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Says that a person's account is not slack-im's: it is left alone from then on.",
        discussion: "Example:  slack-im unlink kim@example.com dev"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Slack id or e-mail address.") var member: String
    @Argument(help: "The target.") var target: String
    @Argument(help: "Only if the linked account has this key.") var key: String?
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .unlink(member: member, target: target, key: key, actor: "cli") }
    func text(_ answer: JSONValue) -> String {
        "\(answer["key"]?.string ?? "") on \(target) is left alone from now on"
    }
}

/// Gives a leaver their accounts back.
struct RestoreCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Gives a leaver the accounts back that were switched off, until they have returned and left again.",
        discussion: "Example:  slack-im restore kim@example.com"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Slack id or e-mail address.") var member: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .restore(member: member, actor: "cli") }

    func text(_ answer: JSONValue) -> String {
        var table = TextTable(["TARGET", "RESULT"])
        for target in answer["targets"]?.array ?? [] {
            let changes = (target["changes"]?.array ?? []).map { change in
                let detail = change["error"]?["detail"]?.string.map { ": \($0)" } ?? ""
                return "\(change["kind"]?.string ?? "") \(change["key"]?.string ?? "") "
                    + "\(change["outcome"]?.string ?? "")\(detail)"
            }
            let error = target["error"]?["detail"]?.string
            table.rows.append([
                target["target"]?.string ?? "",
                error ?? (changes.isEmpty ? "as it should be" : changes.joined(separator: ", ")),
            ])
        }
        return table.text
    }
}
