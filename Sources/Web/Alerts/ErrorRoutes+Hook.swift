// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import HTTPTypes
import Hummingbird
import JSON
import Slack
import Time

extension ErrorRoutes {
    /// `POST /hooks/{key}`: what any tool sends to a Slack incoming webhook, and the records of Python's `HTTPHandler`.
    ///
    /// Answered `ok` as Slack does, because some tools take anything else for a failure.
    func hook(_ key: String, _ request: Request) async throws -> EdgeAnswer {
        guard let source = intake.source(forKey: key) else {
            counters.count("refused.unknown_key")
            return .problem(.unauthorized, code: "errors.unknown_key", "no source has this key")
        }
        return try await reading(request, from: source, BodyLimit(sent: Self.report), as: "hook") { body in
            let now = clock.now()
            let id = try makeEventID()
            let report: ErrorReport
            do {
                report = try Self.report(body, id)
            } catch let error as InvalidReport {
                await refused(source, "hook")
                return .unreadable(error)
            } catch let error as JSONError {
                await refused(source, "hook")
                return .unreadable(error)
            }
            var delivery = ErrorDelivery(source: source)
            delivery.reports = [try intake.prepare(report, from: source, now: now)]
            guard let receipts = await record(delivery, as: "hook", now: now) else { return .notStored }
            return .text("ok").to(receipts)
        }
    }

    /// By what the body is and not by its `Content-Type`, which many a tool gets wrong.
    private static func report(_ body: [UInt8], _ id: String) throws -> ErrorReport {
        let first = body.first { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == 0xEF {
            return try ErrorReport(incomingWebhook: try JSONValue(lenientlyParsing: body), makeEventID: { id })
        }
        guard let fields = FormFields(body), !fields.isEmpty else {
            throw InvalidReport([.init(pointer: "", message: "must be JSON, or a form with a field \"payload\"")])
        }
        if let payload = fields.last(where: { $0.name == "payload" }) {
            let message = try JSONValue(lenientlyParsing: Array(payload.value.utf8))
            return try ErrorReport(incomingWebhook: message, makeEventID: { id })
        }
        return try ErrorReport(
            logRecord: Dictionary(fields.map { ($0.name, $0.value) }) { $1 }, makeEventID: { id })
    }
}
