// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON

/// Shows the state of everything.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Targets, accounts, last and next runs, held plans, open errors, the queue and the error ledger.",
        discussion: "Example:  slack-im status --format json"
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func run() async throws {
        let configuration = try options.load(for: .looking)
        let status = try await Access.withOperations(configuration) { try await $0.ask(.status) }
        Terminal.print(format == .json ? status.text(.pretty) : Self.text(status))
    }

    static func text(_ status: JSONValue) -> String {
        var parts: [String] = []
        let people = status["members"]?.int ?? 0
        parts.append("Workspace \(status["workspace"]?.string ?? "(not connected yet)"), \(people) people")

        for trouble in status["slack"]?["troubles"]?.array ?? [] {
            let (detail, since) = (trouble["detail"]?.string ?? "", trouble["since"]?.string?.toTheSecond ?? "")
            parts.append("Slack refuses since \(since): \(detail); slack-im check says what to do")
        }

        if let line = certificate(status["certificate"]) { parts.append(line) }

        var targets = TextTable(["TARGET", "ACCOUNTS", "DISABLED", "NEXT RUN", "LAST RUN", "RESULT"])
        for target in status["targets"]?.array ?? [] {
            let run = target["last_run"]
            let name = (target["name"]?.string ?? "") + (target["paused"]?.bool == true ? " (paused)" : "")
            targets.rows.append([
                name, target["accounts"]?["active"]?.scalarText ?? "",
                target["accounts"]?["disabled"]?.scalarText ?? "", next(target),
                run?["finished_at"]?.string?.toTheSecond
                    ?? (run?["started_at"]?.string.map { "running since \($0.toTheSecond)" } ?? "never"),
                run?.object == nil ? "" : run.map(result) ?? "",
            ])
        }
        parts.append(targets.rows.count > 1 ? targets.text : "No target is configured.")
        for target in status["targets"]?.array ?? [] {
            for hold in target["holds"]?.array ?? [] {
                let name = target["name"]?.string ?? ""
                parts.append(
                    "Held on \(name): \(SyncCommand.held(hold["changes"]?.int ?? 0, hold["plan"]?.string ?? ""))")
            }
        }
        for name in status["forgotten_targets"]?.array?.compactMap(\.string) ?? [] {
            parts.append("\(name) is no longer configured; its accounts are left as they are.")
        }
        let own = status["errors"]?["own"].flatMap { $0.isNull ? nil : $0 }
        let sources = (status["errors"]?["sources"]?.array ?? []) + [own].compactMap(\.self)
        if !sources.isEmpty {
            let columns = ["received", "posted", "folded", "muted", "filtered", "refused", "waiting", "open_groups"]
            var ledger = TextTable(["ERRORS OF"] + columns.map { $0 == "open_groups" ? "OPEN" : $0.uppercased() })
            for source in sources {
                ledger.rows.append([source["name"]?.string ?? ""] + columns.map { source[$0]?.scalarText ?? "" })
            }
            parts.append(ledger.text)
        }
        let refused = (status["deliveries"]?.object ?? [:]).filter { $0.key.hasPrefix("refused.") }
        if !refused.isEmpty {
            let reasons = refused.map { "\($0.value.scalarText ?? "") \($0.key.dropFirst("refused.".count))" }
            parts.append("Requests refused since the start: \(reasons.joined(separator: ", ")).")
        }
        let queue =
            status["queue"]?.object?.filter { $0.value.int != 0 }.map { "\($0.value.scalarText ?? "") \($0.key)" } ?? []
        let outbox = status["outbox"]?["pending"]?.int ?? 0
        parts.append("Queue: \(queue.isEmpty ? "empty" : queue.joined(separator: ", ")). Messages waiting: \(outbox).")
        return parts.joined(separator: "\n\n")
    }

    private static func certificate(_ certificate: JSONValue?) -> String? {
        guard let end = certificate?["valid_until"]?.string?.toTheSecond else { return nil }
        let isOver = certificate?["expired"]?.bool == true
        let validity = isOver ? "expired at \(end): renew it, then send slack-im a SIGHUP" : "valid until \(end)"
        guard let refused = certificate?["refused"], let detail = refused["detail"]?.string else {
            return "Certificate: \(validity)"
        }
        let at = refused["at"]?.string?.toTheSecond ?? ""
        return "Certificate: the files were not taken at \(at): \(detail) (\(refused["code"]?.string ?? "")). "
            + "The old one is served, \(validity)"
    }

    /// When the target is run next, or why it is not.
    private static func next(_ target: JSONValue) -> String {
        if target["paused"]?.bool == true { return "resume it first" }
        if let quarantine = target["quarantine"], let time = quarantine["next_try"]?.string {
            return "\(time.toTheSecond) (quarantined: \(quarantine["code"]?.string ?? ""))"
        }
        return target["next_run"]?.string?.toTheSecond ?? "never by itself"
    }

    static func result(_ run: JSONValue) -> String {
        guard run["finished_at"]?.string != nil else { return "" }
        if let error = run["error"], let code = error["code"]?.string {
            return "failed: \(error["detail"]?.string ?? "") (\(code))"
        }
        let counts =
            run["counts"]?.object?.filter { $0.key != "unchanged" && $0.key != "skipped" && $0.value.int != 0 } ?? []
        return counts.isEmpty
            ? "nothing to do" : counts.map { "\($0.value.scalarText ?? "") \($0.key)" }.joined(separator: ", ")
    }
}
