// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Signing
import Slack
import Store
import Time
import Web
import Work

extension LocalOperations {
    /// Tries everything that the configuration names, and changes nothing.
    func check() async throws -> JSONValue {
        var lines: [JSONValue] = []
        func add(_ name: String, _ detail: String, advice: String? = nil) {
            lines.append([
                "name": .string(name), "ok": .bool(advice == nil), "detail": .string(detail),
                "advice": JSONValue(advice),
            ])
        }
        add("configuration", configuration.description)
        add("openssl", openSSLVersion)
        if let error = await store.health() {
            add(
                "database", error.detail, advice: "see to the disk and the file's rights: \(configuration.databasePath)"
            )
        } else {
            add("database", configuration.databasePath)
        }

        do throws(WebAPIError) {
            let identity = try await slack.authTest()
            add("slack token", "\(identity.team ?? identity.teamID), bot \(identity.userID)")
            if let date = identity.date {
                let seconds = (clock.now() - date).components.seconds
                if seconds.magnitude < 60 {
                    add("clock", "within a minute of Slack's")
                } else {
                    let way = seconds > 0 ? "ahead of" : "behind"
                    let advice = "set it, best by NTP: beyond 5 minutes everything that Slack sends is refused"
                    add("clock", "this machine's is \(seconds.magnitude) s \(way) Slack's", advice: advice)
                }
            }
            if let granted = identity.scopes {
                for scope in AppManifest.scopes where !granted.contains(scope) {
                    add(
                        "slack scope \(scope)",
                        "not granted",
                        advice:
                            "add it under OAuth & Permissions, or apply `slack-im manifest`, and install the app again"
                    )
                }
            }
            for channel in namedChannels {
                let (detail, advice) = await look(at: channel)
                add("slack channel \(channel.id)", detail, advice: advice)
            }
        } catch {
            let advice =
                error.disposition == .retry
                ? "see that this machine reaches \(configuration.slack.apiURL)"
                : "take the Bot User OAuth Token (xoxb-…) of the app, under OAuth & Permissions"
            add("slack token", error.detail, advice: advice)
        }

        if let tls = configuration.server.tls {
            do {
                _ = try Certificate.serve(tls)
                add("tls", "\(tls.certificateFile), valid until \(try Certificate.requireValid(tls, at: clock.now()))")
            } catch let error as ProgramError where error.code == "tls.not_valid" {
                add("tls", "\(error)", advice: "renew it, then send slack-im a SIGHUP; and see to this machine's clock")
            } catch {
                let advice =
                    "give server.tls a PEM file with the whole chain, and its key, both readable by slack-im; then send it a "
                    + "SIGHUP"
                add("tls", "\(error)", advice: advice)
            }
            if let refusal = certificate?.refusal {
                add(
                    "tls in use",
                    "the files were not taken at \(refusal.at): \(refusal.detail)",
                    advice: "put that right, then send slack-im a SIGHUP; the old certificate is served until then"
                )
            }
        }

        for target in targets {
            let name = "target \(target.rules.name)"
            do throws(TargetError) {
                add(name, "\(try await Self.reach(target)); can \(target.rules.operations.words)")
            } catch {
                add(
                    name,
                    "\(error.code.rawValue): \(error.detail)",
                    advice: advice(for: error, target.rules.name)
                )
            }
        }
        let failed = lines.contains { $0["ok"] == false }
        return ["version": 1, "exit": JSONValue(failed ? 1 : 0), "checks": .array(lines)]
    }

    /// What a look at the target shows, in words.
    private static func reach(_ target: ConnectedTarget) async throws(TargetError) -> String {
        if target.rules.operations.contains(.list) {
            return "\(try await target.connector.list().count) accounts listed"
        }
        try await target.connector.reach()
        return target.rules.operations.contains(.find) ? "answers look-ups" : "answers; shows no accounts"
    }

    private func advice(for error: TargetError, _ name: TargetName) -> String {
        switch (configuration.targets.first { $0.name == name }?.kind, error.code) {
        case (.file, .unauthorized):
            "give the user that slack-im runs as the right to read the file and to write beside it"
        case (.file, .unreachable): "see to the disk that holds `path`, and to who else writes the file"
        case (.file, _): "see to `path`, `items` and `key`: a list of accounts with the key must be found there"
        case (_, .unauthorized): "see to the target's `auth` and `headers`"
        case (_, .unreachable): "see that the target runs, and that this machine reaches its `url`"
        case (.scim, .misconfigured):
            "see to `url`, the base of the SCIM service (what stands before /Users), and to `key`"
        case (_, .misconfigured):
            "see to `url` and `operations.list`: the answer is not a list of accounts with the key"
        case (_, .rateLimited): "lower `limits.per_second`, or wait"
        case (.scim, .gone), (.scim, .rejected), (.scim, .uncertain), (.scim, .unsupported):
            "see to `capabilities`: what the server cannot do is set to false there"
        case (_, .gone), (_, .rejected), (_, .uncertain), (_, .unsupported): "see to `operations`"
        }
    }
}

extension TargetOperations {
    /// In words: `create, find, list`.
    fileprivate var words: String {
        let names: [(TargetOperations, String)] = [
            (.create, "create"), (.find, "find"), (.list, "list"), (.update, "update"), (.disable, "disable"),
            (.enable, "enable"), (.delete, "delete"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
