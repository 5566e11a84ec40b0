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
        usage: "slack-im sync [<target> ...] [<options>]",
        discussion: """
            Examples:  slack-im sync
                       slack-im sync dev --plan
                       slack-im sync https://demo.example.com/api/members
                       slack-im sync --member kim@example.com
                       slack-im sync dev --wait-ready
                       slack-im sync dev --server https://bot.example.com

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

    @Flag(help: "On a terminal only: show the plan, then apply it, held changes too.")
    var yes = false

    @Option(
        help: ArgumentHelp(
            "Wait until the target answers as one that is ready, so long at most (--wait-ready is 10m).",
            valueName: "duration"
        )
    )
    var waitReady: String?

    @Option(help: ArgumentHelp("Run it on the slack-im there, over its public port.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "For --server: where its key is, env:NAME or file:PATH. Default: env:SLACK_IM_API_KEY.",
            valueName: "place"
        )
    )
    var apiKey: String?

    @Option(help: ArgumentHelp("For --server: PEM file of the authorities to trust.", valueName: "file"))
    var caFile: String?

    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    /// Gives `--wait-ready` its value where it stands alone: the library would take the next word for it, such as a target.
    static func completed(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word == "--wait-ready" else {
                words.append(word)
                if word == "--" { break }
                continue
            }
            let value = rest.first.flatMap { DurationText.read($0) == nil ? nil : $0 }
            if value != nil { rest = rest.dropFirst() }
            words.append("--wait-ready=\(value ?? "10m")")
        }
        return words + rest
    }

    private func request() throws(UsageError) -> SyncRequest {
        var request = SyncRequest()
        request.url = url
        request.member = member
        request.planOnly = plan
        request.approve = approve
        // Of many thousand changes nobody reads the text.
        request.mostChanges = format == .text ? Self.mostLines : nil
        // A sole argument that is a URL is the address of the only target.
        if targets.count == 1, targets[0].contains("://"), url == nil {
            request.url = targets[0]
        } else {
            request.targets = targets
        }
        if let waitReady {
            guard let duration = DurationText.read(waitReady), duration <= SyncRequest.longestWaitReady else {
                throw UsageError("--wait-ready takes a duration up to 6h, such as --wait-ready=10m")
            }
            request.waitReady = Int(duration.components.seconds)
        }
        return request
    }

    func run() async throws {
        do {
            let request = try self.request()
            if server == nil, apiKey != nil || caFile != nil {
                throw UsageError("--api-key and --ca-file go with --server; a target has its own in the configuration")
            }
            if yes { try checkAttended() }
            if let server {
                let access = try ServerAccess(url: server, keyPlace: apiKey, certificateFile: caFile)
                try await carryOut(request) { body in try await access.withOperations(body) }
            } else {
                let configuration = try options.load()
                try await carryOut(request) { body in try await Access.withOperations(configuration, body) }
            }
        } catch let error as UsageError {
            Terminal.say(error.description)
            throw ArgumentParser.ExitCode(2)
        }
    }

    private func checkAttended() throws(UsageError) {
        guard approve == nil, member == nil else { throw UsageError("--yes goes with neither --approve nor --member") }
        guard Terminal.isAttended else {
            throw UsageError("--yes is for a person at a terminal; elsewhere, name the plan: --approve PLAN")
        }
    }

    typealias Operating = (
        @escaping @Sendable (any Operations) async throws -> JSONValue
    ) async throws -> JSONValue

    private func carryOut(_ request: SyncRequest, _ operating: Operating) async throws {
        guard yes else { return try await Self.perform(request, format, operating) }
        var shown = request
        shown.planOnly = true
        let plan = try await Self.result(of: shown, operating)
        Terminal.print(Self.text(plan))
        let exit = plan["exit"]?.int ?? ExitCode.usage
        guard exit == ExitCode.pending || exit == ExitCode.held else { return try Self.end(exit) }
        var asked = request
        asked.planOnly = false
        let holds = (plan["runs"]?.array ?? []).compactMap { $0["hold"]?["plan"]?.string }
        Terminal.say("applying it")
        try await Self.perform(asked, format, operating, approving: Set(holds))
    }

    /// Runs a sync with what the configuration gives access to.
    static func perform(
        _ asked: SyncRequest,
        _ configuration: SlackIMConfiguration,
        _ format: OutputFormat
    ) async throws {
        do {
            try await perform(asked, format) { body in try await Access.withOperations(configuration, body) }
        } catch let error as UsageError {
            Terminal.say(error.description)
            throw ArgumentParser.ExitCode(2)
        }
    }

    /// Runs a sync, shows how far it is, prints the result and ends with its exit code.
    /// - Parameter shown: Plans that a person has just been shown and wants applied: those of the first result that are
    ///   among them are approved.
    private static func perform(
        _ asked: SyncRequest,
        _ format: OutputFormat,
        _ operating: Operating,
        approving shown: Set<String> = []
    ) async throws {
        var result = try await result(of: asked, operating)
        let held = (result["runs"]?.array ?? []).compactMap { $0["hold"]?["plan"]?.string }.filter(shown.contains)
        if !held.isEmpty {
            // What was not held is applied by now.
            Terminal.print(text(result))
            var runs: [JSONValue] = []
            for plan in held {
                var approval = asked
                approval.targets = []
                approval.approve = plan
                runs += try await self.result(of: approval, operating)["runs"]?.array ?? []
            }
            let exit = ExitCode.worst(runs.compactMap { $0["exit"]?.int })
            result = ["version": 1, "exit": JSONValue(exit), "runs": .array(runs)]
        }
        Terminal.print(format == .json ? result.text(.pretty) : text(result))
        try end(result["exit"]?.int ?? ExitCode.usage)
    }

    private static func result(of asked: SyncRequest, _ operating: Operating) async throws -> JSONValue {
        let progress = ProgressLine()
        defer { progress.clear() }
        do {
            return try await operating { operations in
                let afterLeaving = operations.afterLeaving(asked)
                do {
                    let said = afterLeaving ?? "stopping; what has been begun is finished first"
                    return try await Interruption.cancelling(said) {
                        try await operations.sync(asked) { progress.show($0) }
                    }
                } catch is CancellationError where afterLeaving != nil {
                    // All is said; how it ended, nobody here knows.
                    throw ArgumentParser.ExitCode(Int32(ExitCode.someFailed))
                }
            }
        } catch is CancellationError {
            progress.clear()
            Terminal.say("stopped; slack-im runs shows what was done")
            throw ArgumentParser.ExitCode(Int32(ExitCode.someFailed))
        } catch let error as ProgramError {
            progress.clear()
            Terminal.say(error.description)
            let isUnreachable = error.code == "server.unreachable"
            throw ArgumentParser.ExitCode(Int32(isUnreachable ? ExitCode.targetUnreachable : ExitCode.usage))
        }
    }

    private static func end(_ exit: Int) throws {
        if exit != 0 { throw ArgumentParser.ExitCode(Int32(exit)) }
    }

    // MARK: Text

    static func text(_ result: JSONValue) -> String {
        if let error = failure(result) { return "nothing was done: \(error)" }
        if let targets = result["targets"]?.array { return targets.map(memberText).joined(separator: "\n") }
        let runs = result["runs"]?.array ?? []
        if runs.isEmpty { return "Nothing to sync: no target is configured, or all are paused." }
        return (runs.map(runText) + [summary(runs)]).joined(separator: "\n\n")
    }

    /// What went wrong, with the code under which the README says what to do.
    private static func failure(_ object: JSONValue) -> String? {
        guard let error = object["error"], let code = error["code"]?.string else { return nil }
        return "failed: \(error["detail"]?.string ?? "") (\(code))"
    }

    private static func memberText(_ target: JSONValue) -> String {
        let name = target["target"]?.string ?? ""
        let verb = target["plan_only"]?.bool == true ? "would " : ""
        var lines = (target["changes"]?.array ?? []).map { "\(name): \(verb)\(changeText($0))" }
        lines += (target["findings"]?.array ?? []).map { "\(name): \(findingText($0))" }
        if let plan = target["hold"]?.string { lines.append("\(name): held: apply it with: slack-im approve \(plan)") }
        if let error = failure(target) { lines.append("\(name): \(error)") }
        return lines.isEmpty ? "\(name): nothing to do" : lines.joined(separator: "\n")
    }

    private static let mostLines = 50

    private static func runText(_ run: JSONValue) -> String {
        let name = run["target"]?.string ?? ""
        if let error = failure(run) { return "\(name): \(error)" }
        let all = run["changes"]?.array ?? []
        // What is held stands below, also in a plan.
        let held = run["hold"]?["changes"]?.array ?? []
        let changes = all.filter { !held.contains($0) }
        var lines = changes.prefix(mostLines).map { "  " + changeText($0) }
        let omitted = max(changes.count - mostLines, 0) + (run["changes_omitted"]?.int ?? 0)
        if omitted > 0 { lines.append("  … and \(omitted) more; see --format json") }
        let findings = (run["findings"]?.array ?? [])
        let decisions = findings.filter { finding in
            switch finding["kind"]?.string {
            case "skipped", "kept": false
            // Of two who ask for one key, one line is enough.
            case "collision":
                !findings.contains { other in
                    other["kind"] == finding["kind"] && other["other"] == finding["member"]
                        && other["member"] == finding["other"]
                        && (other["member"]?.string ?? "") < (finding["member"]?.string ?? "")
                }
            default: true
            }
        }
        lines += decisions.prefix(mostLines).map { "  " + findingText($0) }
        let skipped = Dictionary(grouping: findings.compactMap { $0["reason"]?.string }, by: \.self)
        if !skipped.isEmpty {
            let reasons = skipped.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            lines.append("  skipped: \(reasons.joined(separator: ", "))")
        }
        if let hold = run["hold"]?["plan"]?.string {
            if run["hold"]?["state"]?.string == "rejected" {
                let by = run["hold"]?["decided_by"]?.string.map { " by \($0)" } ?? ""
                lines.append(
                    "  held: \(Self.changes(held.count)), rejected\(by); after all: slack-im sync --approve \(hold)")
            } else {
                lines.append("  held: \(Self.held(held.count, hold))")
            }
            lines += heldText(held, before: run["hold"]?["state"]?.string == "rejected" ? nil : run["hold"]?["before"])
        }
        let head = run["plan_only"]?.bool == true ? "\(name) would change:" : "\(name):"
        if all.isEmpty {
            let isOver = decisions.isEmpty && run["hold"]?["plan"]?.string == nil
            return ([name + (isOver ? ": nothing to do" : ": nothing changed")] + lines).joined(separator: "\n")
        }
        return ([head] + lines).joined(separator: "\n")
    }

    /// What is held, and how it differs from the plan in whose place it is.
    private static func heldText(_ held: [JSONValue], before: JSONValue?) -> [String] {
        var lines: [String] = []
        let (added, dropped) = (before?["added"]?.array ?? [], before?["dropped"]?.array ?? [])
        if let plan = before?["plan"]?.string {
            lines.append("  in the place of \(plan): \(added.count) more (+), \(dropped.count) fewer (-)")
        }
        let all = held.map { (added.contains($0) ? "+" : " ", $0) } + dropped.map { ("-", $0) }
        lines += all.prefix(mostLines).map { "  \($0) \(changeText($1))" }
        if all.count > mostLines { lines.append("    … and \(all.count - mostLines) more; see --format json") }
        return lines
    }

    /// How much is held, and how it is let go.
    static func held(_ count: Int, _ plan: String) -> String {
        "\(changes(count)); to apply: slack-im approve \(plan)"
    }

    private static func changes(_ count: Int) -> String { "\(count) change\(count == 1 ? "" : "s")" }

    static func changeText(_ change: JSONValue) -> String {
        let kind = change["kind"]?.string ?? ""
        let former = change["former_key"]?.string.map { "\($0) → " } ?? ""
        let reason = [change["reason"], change["evidence"]].compactMap { $0?.string }.joined(separator: ": ")
        var text = "\(kind) \(former)\(change["key"]?.string ?? "") (\(reason))"
        if kind == "update" {
            let fields = (change["fields"]?.array ?? []).map { field in
                "\(field["path"]?.string ?? ""): \(field["old"]?.text ?? "") → \(field["new"]?.text ?? "")"
            }
            text += " " + fields.joined(separator: ", ")
        }
        if let error = failure(change) { text += ": \(error)" }
        return text
    }

    static func findingText(_ finding: JSONValue) -> String {
        let (key, member) = (finding["key"]?.string ?? "", finding["member"]?.string ?? "")
        let other = finding["other"]?.string ?? "somebody else"
        return switch finding["kind"]?.string {
        case "unlinked": "\(key) exists already and is not ours; it was not touched (\(member))"
        case "collision": "\(key) is the key of both \(member) and \(other)"
        case "key_taken": "\(key) for \(member) belongs to \(other)"
        case "rename_held":
            "\(member) would be renamed to \(key): rename the account there by hand, and it is followed, or set rename: update"
        case "protected": "\(key) is protected"
        case "unsupported": "the target cannot do what \(key) needs"
        case "kept": "\(key) is kept although \(member) left"
        case "not_found": "there is no account \(key) for \(member) to adopt"
        default: "\(member) is skipped: \(finding["reason"]?.string ?? "")"
        }
    }

    private static func summary(_ runs: [JSONValue]) -> String {
        let columns = [
            "created", "linked", "updated", "enabled", "disabled", "deleted", "unchanged", "skipped", "undecided",
            "failed", "held",
        ]
        // What is nothing everywhere is not worth a column.
        let shown = columns.filter { column in runs.contains { ($0["counts"]?[column]?.int ?? 0) != 0 } }
        var table = TextTable(["TARGET"] + shown.map { $0.uppercased() } + ["EXIT"])
        for run in runs {
            table.rows.append(
                [run["target"]?.string ?? ""] + shown.map { run["counts"]?[$0]?.scalarText ?? "0" }
                    + [run["exit"]?.scalarText ?? ""])
        }
        return table.text
    }
}
