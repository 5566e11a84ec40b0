// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON
import Work

/// One reconcile in the foreground.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Brings targets up to date now, or shows what would change.",
        discussion: """
            Examples:  slack-im sync
                       slack-im sync dev --plan
                       slack-im sync https://demo.example.com/api/members
                       slack-im sync --member kim@example.com

            Exit codes: 0 done, or nothing to do; 1 some changes failed; 2 usage or configuration; 3 a class of changes is \
            held; 4 the member list could not be read completely; 5 a target could not be reached or refused our \
            credentials. With --plan: 10 changes are pending, 3 applying would hold, 0 none.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: ArgumentHelp("Targets by name; without one, every target that is not paused.", valueName: "target"))
    var targets: [String] = []

    @Option(help: "Another address of the target for this run; its host must be among the target's url_hosts.")
    var url: String?

    @Option(help: ArgumentHelp("Only this person.", valueName: "id-or-email"))
    var member: String?

    @Flag(help: "Show the changes and apply none.")
    var plan = false

    @Option(help: ArgumentHelp("Apply this held plan, once.", valueName: "plan"))
    var approve: String?

    @Option(help: "text or json.") var format = OutputFormat.text

    func run() async throws {
        var request = SyncRequest()
        request.url = url
        request.member = member
        request.planOnly = plan
        request.approve = approve
        // A sole argument that is a URL is the address of the only target.
        if targets.count == 1, targets[0].contains("://"), url == nil {
            request.url = targets[0]
        } else {
            request.targets = targets
        }
        try await Self.perform(request, try options.load(), format)
    }

    /// Runs a sync, shows how far it is, prints the result and ends with its exit code.
    static func perform(
        _ asked: SyncRequest,
        _ configuration: SlackIMConfiguration,
        _ format: OutputFormat
    ) async throws {
        let progress = ProgressLine()
        let result: JSONValue
        do {
            result = try await Access.withOperations(configuration) { operations in
                try await operations.sync(asked) { progress.show($0) }
            }
        } catch let error as UsageError {
            progress.clear()
            Terminal.say(error.description)
            throw ArgumentParser.ExitCode(2)
        }
        progress.clear()
        Terminal.print(format == .json ? result.text(.pretty) : Self.text(result))
        let exit = result["exit"]?.int ?? 2
        if exit != 0 { throw ArgumentParser.ExitCode(Int32(exit)) }
    }

    // MARK: Text

    static func text(_ result: JSONValue) -> String {
        if let detail = result["error"]?["detail"]?.string { return "Nothing was done: \(detail)" }
        if let targets = result["targets"]?.array { return targets.map(memberText).joined(separator: "\n") }
        let runs = result["runs"]?.array ?? []
        if runs.isEmpty { return "Nothing to sync: no target is configured, or all are paused." }
        return (runs.map(runText) + [summary(runs)]).joined(separator: "\n\n")
    }

    private static func memberText(_ target: JSONValue) -> String {
        let name = target["target"]?.string ?? ""
        var lines = (target["changes"]?.array ?? []).map { "\(name): \(changeText($0))" }
        lines += (target["findings"]?.array ?? []).map { "\(name): \(findingText($0))" }
        if let error = target["error"]?["detail"]?.string { lines.append("\(name): failed: \(error)") }
        return lines.isEmpty ? "\(name): nothing to do" : lines.joined(separator: "\n")
    }

    private static let mostLines = 50

    private static func runText(_ run: JSONValue) -> String {
        let name = run["target"]?.string ?? ""
        if let error = run["error"]?["detail"]?.string { return "\(name): \(error)" }
        let changes = run["changes"]?.array ?? []
        var lines = changes.prefix(mostLines).map { "  " + changeText($0) }
        if changes.count > mostLines { lines.append("  … and \(changes.count - mostLines) more; see --format json") }
        let findings = (run["findings"]?.array ?? [])
        let decisions = findings.filter { $0["kind"]?.string != "skipped" && $0["kind"]?.string != "kept" }
        lines += decisions.prefix(mostLines).map { "  " + findingText($0) }
        let skipped = Dictionary(grouping: findings.compactMap { $0["reason"]?.string }, by: \.self)
        if !skipped.isEmpty {
            let reasons = skipped.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            lines.append("  skipped: \(reasons.joined(separator: ", "))")
        }
        if let hold = run["hold"]?["plan"]?.string {
            let count = run["hold"]?["changes"]?.array?.count ?? 0
            lines.append("  held: \(count) changes; apply them with: slack-im sync --approve \(hold)")
        }
        let head = run["plan_only"]?.bool == true ? "\(name) would change:" : "\(name):"
        if changes.isEmpty { return ([name + ": nothing to do"] + lines).joined(separator: "\n") }
        return ([head] + lines).joined(separator: "\n")
    }

    private static func changeText(_ change: JSONValue) -> String {
        let kind = change["kind"]?.string ?? ""
        var text = "\(kind) \(change["key"]?.string ?? "") (\(change["reason"]?.string ?? ""))"
        if kind == "update" {
            let fields = (change["fields"]?.array ?? []).map { field in
                "\(field["path"]?.string ?? ""): \(field["old"]?.text ?? "") → \(field["new"]?.text ?? "")"
            }
            text += " " + fields.joined(separator: ", ")
        }
        if let error = change["error"]?["detail"]?.string { text += ": failed: \(error)" }
        return text
    }

    static func findingText(_ finding: JSONValue) -> String {
        let (key, member) = (finding["key"]?.string ?? "", finding["member"]?.string ?? "")
        return switch finding["kind"]?.string {
        case "unlinked": "\(key) exists already and is not ours; it was not touched (\(member))"
        case "collision": "\(key) is the key of both \(member) and \(finding["other"]?.string ?? "")"
        case "key_taken": "\(key) for \(member) belongs to \(finding["other"]?.string ?? "")"
        case "rename_held": "\(member) would be renamed to \(key); rename: hold waits for you"
        case "protected": "\(key) is protected"
        case "unsupported": "the target cannot do what \(key) needs"
        case "kept": "\(key) is kept although \(member) left"
        default: "\(member) is skipped: \(finding["reason"]?.string ?? "")"
        }
    }

    private static func summary(_ runs: [JSONValue]) -> String {
        let columns = [
            "created", "linked", "updated", "enabled", "disabled", "deleted", "unchanged", "skipped", "undecided",
            "failed", "held",
        ]
        var table = TextTable(["TARGET"] + columns.map { $0.uppercased() })
        for run in runs {
            table.rows.append([run["target"]?.string ?? ""] + columns.map { run["counts"]?[$0]?.scalarText ?? "0" })
        }
        return table.text
    }
}
