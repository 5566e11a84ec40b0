// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import GitHub
import HTTPTypes
import Hummingbird
import JSON
import Logging
import Slack
import Store
import Time

extension ErrorRoutes {
    private static let signature = HTTPField.Name("X-Hub-Signature-256")
    private static let event = HTTPField.Name("X-GitHub-Event")
    private static let guid = HTTPField.Name("X-GitHub-Delivery")

    /// `POST /webhooks/github`: verified over the raw bytes, then read.
    ///
    /// GitHub tries only once: what is not told is 200 all the same.
    func github(_ request: Request) async throws -> EdgeAnswer {
        let signatures = Self.signature.map { request.headers[values: $0] } ?? []
        guard signatures.count == 1, let tag = signatures.first.flatMap({ GitHubSignature.tag(in: $0) }) else {
            counters.count("refused.github_signature")
            return Self.unsigned
        }
        do {
            return try await bodies.read(request, Self.delivery) { body in
                let entries = try github.entries(signing: body, tag)
                guard !entries.isEmpty else {
                    counters.count("refused.github_signature")
                    return Self.unsigned
                }
                return await told(request, body, entries)
            }
        } catch let problem as BodyProblem {
            return .unusable(problem)
        }
    }

    private static var unsigned: EdgeAnswer {
        .problem(.unauthorized, code: "github.signature_invalid", "the delivery is not signed with a secret of ours")
    }

    private func told(_ request: Request, _ body: [UInt8], _ entries: [GitHubIntake.Entry]) async -> EdgeAnswer {
        let document: JSONValue
        do {
            document = try JSONValue(lenientlyParsing: Self.payload(body))
        } catch {
            counters.count("unreadable.github")
            return .unreadable(error)
        }
        let kind = Self.event.flatMap { request.headers[$0] } ?? ""
        let guid = Self.guid.flatMap { request.headers[$0] }
        guard let told = github.told(kind, document, guid: guid, body: body, entries) else {
            counters.count("ignored.github")
            return .empty
        }
        let now = clock.now()
        do {
            let github = github
            let isNew = try await store.transaction(.acknowledge) { try github.record(told, in: $0, now: now) }
            counters.count(isNew ? "github" : "duplicate.github")
            return EdgeAnswer.empty.with(isNew ? .recorded : .duplicate)
        } catch {
            counters.count("not_recorded.github")
            refusals.tell("a delivery of GitHub's could not be recorded", error, at: now)
            return .notStored
        }
    }

    /// A webhook may be set to send a form.
    private static func payload(_ body: [UInt8]) -> [UInt8] {
        guard body.starts(with: Array("payload=".utf8)),
            let payload = FormFields(body)?.first("payload")
        else { return body }
        return Array(payload.utf8)
    }
}
