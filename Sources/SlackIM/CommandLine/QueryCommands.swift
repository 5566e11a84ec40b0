// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import JSON

/// A command that asks one question, or makes one decision, and prints the answer.
protocol QueryCommand: AsyncParsableCommand {
    var options: ConfigurationOptions { get }
    var format: OutputFormat { get }
    /// What it needs the configuration for, by default to act.
    static var purpose: SlackIMConfiguration.Purpose { get }
    func query() throws -> Query
    /// The answer, by default to the one query.
    func ask(_ operations: any Operations, _ configuration: SlackIMConfiguration) async throws -> JSONValue
    /// The answer for people.
    func text(_ answer: JSONValue) -> String
}

extension QueryCommand {
    static var purpose: SlackIMConfiguration.Purpose { .acting }

    func ask(_ operations: any Operations, _ configuration: SlackIMConfiguration) async throws -> JSONValue {
        try await operations.ask(try query())
    }

    func run() async throws {
        let configuration = try options.load(for: Self.purpose)
        let answer: JSONValue
        do {
            answer = try await Access.withOperations(configuration) { try await self.ask($0, configuration) }
        } catch let error as UsageError {
            Terminal.say(error.description)
            throw ArgumentParser.ExitCode(2)
        }
        let shown = format == .json ? answer.text(.pretty) : text(answer)
        if !shown.isEmpty { Terminal.print(shown) }
        if let exit = answer["exit"]?.int, exit != 0 { throw ArgumentParser.ExitCode(Int32(exit)) }
    }
}

/// Checks how many of something are asked for.
/// - Throws: `ValidationError` for none, or fewer.
private func checkLimit(_ limit: Int) throws {
    guard limit > 0 else { throw ValidationError("--limit takes a number from 1") }
}

/// The history of runs.
struct RunsCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "The history of runs, newest first.",
        discussion: "Example:  slack-im runs dev"
    )
    static let purpose = SlackIMConfiguration.Purpose.looking

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Only this target's.") var target: String?
    @Option(help: "How many.") var limit = 20
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func validate() throws { try checkLimit(limit) }

    func query() -> Query { .runs(target: target, limit: limit) }

    func text(_ answer: JSONValue) -> String {
        if answer["runs"]?.array?.isEmpty == true { return "No runs yet." }
        var table = TextTable(["RUN", "TARGET", "STARTED", "BY", "EXIT", "RESULT"])
        for run in answer["runs"]?.array ?? [] {
            table.rows.append([
                run["id"]?.scalarText ?? "", run["target"]?.string ?? "", run["started_at"]?.string?.toTheSecond ?? "",
                run["actor"]?.string ?? "", run["exit"]?.scalarText ?? "", StatusCommand.result(run),
            ])
        }
        return table.text
    }
}

/// Why somebody has an account, or none.
struct WhyCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Which rule includes or excludes a person, and their account on each target.",
        discussion: "Example:  slack-im why kim@example.com"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Slack id or e-mail address.") var member: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .why(member: member) }

    func text(_ answer: JSONValue) -> String {
        let head = "\(answer["name"]?.string ?? "") (\(answer["member"]?.string ?? ""))"
        var table = TextTable(["TARGET", "STANDING", "ACCOUNT", "LAST"])
        for target in answer["targets"]?.array ?? [] {
            let reason = target["reason"]?.string.map { ": \($0)" } ?? ""
            let account = target["account"]
            let last = target["last"]
            table.rows.append([
                target["target"]?.string ?? "", (target["standing"]?.string ?? "") + reason,
                account?["key"]?.string.map { "\($0), \(account?["state"]?.string ?? "")" } ?? "none",
                last?["action"]?.string.map { action in
                    let detail = last?["detail"]?.string.map { ": \($0)" } ?? ""
                    return
                        "\(last?["at"]?.string?.toTheSecond ?? "") \(action) \(last?["outcome"]?.string ?? "")\(detail)"
                } ?? "",
            ])
        }
        var reasons = TextTable(["TARGET", "WHY"])
        for target in answer["targets"]?.array ?? [] {
            for line in Self.reasons(target) { reasons.rows.append([target["target"]?.string ?? "", line]) }
        }
        return ([head, table.text] + (reasons.rows.count > 1 ? [reasons.text] : [])).joined(separator: "\n\n")
    }

    /// What lies behind a line of the table.
    private static func reasons(_ target: JSONValue) -> [String] {
        var lines: [String] = []
        let rules = (target["rules"]?.array ?? []).map { rule in
            let values = (rule["value"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            let verdict = rule["holds"]?.bool.map { $0 ? "met" : "not met" } ?? "cannot be told"
            let whose = rule["of"]?.string == "target" ? "its own " : ""
            return "\(whose)\(rule["rule"]?.string ?? "") \(values) (\(verdict))"
        }
        if !rules.isEmpty { lines.append("rules: " + rules.joined(separator: ", ")) }
        for change in target["changes"]?.array ?? [] { lines.append("a sync would " + SyncCommand.changeText(change)) }
        lines += (target["findings"]?.array ?? []).filter { $0["kind"]?.string != "skipped" }
            .map { SyncCommand.findingText($0) }
        if target["creating"]?.bool == true { lines.append("it is being created, or the answer to that was lost") }
        if target["account"]?["restored"]?.bool == true {
            lines.append("restored: kept until they return and leave again")
        }
        let observed = target["observed"]
        switch (observed?["state"]?.string, target["account"]?["state"]?.string) {
        case ("absent", "active"?), ("absent", "disabled"?): lines.append("the target does not have the account")
        case ("disabled", "active"?): lines.append("the target shows the account switched off")
        case ("active", "disabled"?): lines.append("the target shows the account switched on")
        default: break
        }
        if let detail = observed?["detail"]?.string {
            lines.append("the target could not be asked: \(detail) (\(observed?["code"]?.string ?? ""))")
        }
        if let error = target["last_error"], let action = error["action"]?.string {
            let at = error["at"]?.string?.toTheSecond ?? ""
            lines.append("last error: \(at) \(action): \(error["detail"]?.string ?? error["code"]?.string ?? "")")
        }
        if target["paused"]?.bool == true { lines.append("the target is paused") }
        if let quarantine = target["quarantine"], let time = quarantine["next_try"]?.string {
            lines.append("the target is left alone until \(time.toTheSecond): \(quarantine["detail"]?.string ?? "")")
        }
        return lines
    }
}

/// Every change, as JSON Lines.
struct AuditCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Every change with actor, reason, old and new values, newest first, as JSON Lines.",
        discussion: "Example:  slack-im audit --limit 1000 > audit.jsonl"
    )
    static let purpose = SlackIMConfiguration.Purpose.looking

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Only this target's.") var target: String?
    @Option(help: "How many.") var limit = 1000
    @Option(help: "text is JSON Lines, json one document.") var format = OutputFormat.text

    func validate() throws { try checkLimit(limit) }

    func query() -> Query { .audit(target: target, limit: limit) }
    func text(_ answer: JSONValue) -> String {
        (answer["records"]?.array ?? []).map { record in
            JSONValue.object(JSONObject([("version", 1)] + (record.object ?? [:]).map { ($0.key, $0.value) })).text
        }.joined(separator: "\n")
    }
}

/// Applies a held plan.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Applies a held plan, once: the same as `sync --approve`.",
        discussion: "Example:  slack-im approve 0f3a1c2b4d5e6f70"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The plan, as `status` shows it.") var plan: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func run() async throws {
        var request = SyncRequest()
        request.approve = plan
        try await SyncCommand.perform(request, try options.load(), format)
    }
}

/// Rejects a held plan.
struct RejectCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Rejects a held plan; it is not held up again until it grows.",
        discussion: "Example:  slack-im reject 0f3a1c2b4d5e6f70"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The plan, as `status` shows it.") var plan: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .reject(plan: plan, actor: "cli") }
    func text(_ answer: JSONValue) -> String { "rejected \(plan)" }
}

/// Leaves a target alone.
struct PauseCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Leaves a target alone until it is resumed; it still runs when it is named.",
        discussion: "Example:  slack-im pause dev"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The target.") var target: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .pause(target: target, actor: "cli") }
    func text(_ answer: JSONValue) -> String { "\(target) is paused" }
}

/// Ends a pause.
struct ResumeCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Ends a target's pause.",
        discussion: "Example:  slack-im resume dev"
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The target.") var target: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .resume(target: target, actor: "cli") }
    func text(_ answer: JSONValue) -> String { "\(target) is active again" }
}

/// The queue.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "The queue of work: what waits, runs, or was given up.",
        discussion: "Example:  slack-im jobs list --state discarded",
        subcommands: [List.self, Retry.self, Discard.self],
        defaultSubcommand: List.self
    )

    struct List: QueryCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists jobs.",
            discussion: "Example:  slack-im jobs list --state discarded"
        )
        static let purpose = SlackIMConfiguration.Purpose.looking

        @OptionGroup var options: ConfigurationOptions
        @Option(help: "Only this state: available, scheduled, running, completed, discarded, cancelled.")
        var state: String?
        @Option(help: "How many of each state.") var limit = 50
        @Option(help: "How the answer is printed.") var format = OutputFormat.text

        func validate() throws { try checkLimit(limit) }

        func query() -> Query { .jobs(state: state, limit: limit) }

        func text(_ answer: JSONValue) -> String {
            let jobs = answer["jobs"]?.array ?? []
            if jobs.isEmpty { return "No such jobs." }
            var table = TextTable(["JOB", "KIND", "STATE", "ATTEMPT", "DUE", "LAST FAILURE"])
            for job in jobs {
                let failure = job["failures"]?.array?.last
                table.rows.append([
                    job["id"]?.scalarText ?? "", job["kind"]?.string ?? "", job["state"]?.string ?? "",
                    job["attempt"]?.scalarText ?? "", job["run_at"]?.string?.toTheSecond ?? "",
                    failure.map { "\($0["code"]?.string ?? ""): \($0["detail"]?.string ?? "")" } ?? "",
                ])
            }
            return table.text
        }
    }

    struct Retry: QueryCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a job that was given up, or waits for a retry, due now.",
            discussion: "Example:  slack-im jobs retry 17"
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The job.") var job: Int64
        @Option(help: "How the answer is printed.") var format = OutputFormat.text

        func query() -> Query { .retryJob(job) }
        func text(_ answer: JSONValue) -> String { "job \(job) is due now" }
    }

    struct Discard: QueryCommand {
        static let configuration = CommandConfiguration(
            abstract: "Calls off a job that is not running.",
            discussion: "Example:  slack-im jobs discard 17"
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The job.") var job: Int64
        @Option(help: "How the answer is printed.") var format = OutputFormat.text

        func query() -> Query { .discardJob(job) }
        func text(_ answer: JSONValue) -> String { "job \(job) is called off" }
    }
}

/// Tries everything that the configuration names.
struct CheckCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tries the configuration, the database, Slack's token and scopes, and every target; changes nothing.",
        discussion: "Example:  slack-im check --config slack-im.yaml"
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .check }

    func text(_ answer: JSONValue) -> String {
        (answer["checks"]?.array ?? []).map { check in
            let line = "\(check["name"]?.string ?? ""): \(check["detail"]?.string ?? "")"
            guard let advice = check["advice"]?.string else { return "ok      \(line)" }
            return "FAILED  \(line)\n        \(advice)"
        }.joined(separator: "\n")
    }
}

/// Copies the database.
struct BackupCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes a consistent copy of the database, also while `serve` runs.",
        discussion: "Example:  slack-im backup /var/backups/slack-im.sqlite"
    )
    static let purpose = SlackIMConfiguration.Purpose.looking

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The file to write; it must not exist.") var file: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func query() -> Query { .backup(path: URL(fileURLWithPath: file).standardizedFileURL.path) }
    func text(_ answer: JSONValue) -> String { "written to \(answer["path"]?.string ?? "")" }
}
