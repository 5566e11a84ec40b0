// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Signing
import Slack
import Store
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
        } catch {
            let advice =
                error.disposition == .retry
                ? "see that this machine reaches \(configuration.slack.apiURL)"
                : "take the Bot User OAuth Token (xoxb-…) of the app, under OAuth & Permissions"
            add("slack token", error.detail, advice: advice)
        }

        for target in targets {
            let name = "target \(target.rules.name)"
            do throws(TargetError) {
                if target.rules.operations.contains(.list) {
                    add(name, "\(try await target.connector.list().count) accounts listed")
                } else if target.rules.operations.contains(.find) {
                    _ = try await target.connector.find("slack-im-check")
                    add(name, "answers look-ups")
                } else {
                    add(name, "can only create: nothing to try without changing it")
                }
            } catch {
                add(name, error.detail, advice: Self.advice(for: error))
            }
        }
        let failed = lines.contains { $0["ok"] == false }
        return ["version": 1, "exit": JSONValue(failed ? 1 : 0), "checks": .array(lines)]
    }

    private static func advice(for error: TargetError) -> String {
        switch error.code {
        case .unauthorized: "see to the target's `auth` and `headers`"
        case .unreachable: "see that the target runs, and that this machine reaches its `url`"
        case .misconfigured: "see to `url` and `operations.list`: the answer is not a list of accounts with the key"
        case .rateLimited: "lower `limits.per_second`, or wait"
        case .gone, .rejected, .uncertain, .unsupported: "see to `operations`"
        }
    }
}
