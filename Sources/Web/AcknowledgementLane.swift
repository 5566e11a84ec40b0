// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
package import Bot
import HTTPTypes
import JSON
package import Logging
import Signing
package import Slack
package import Store
package import Time

/// Everything between the bytes of a delivery and its acknowledgement: verify, understand, make durable, answer.
///
/// Knows nothing of the server in front of it and waits for nothing but the store.
package struct AcknowledgementLane: Sendable {
    private let verifier: RequestVerifier
    private let bot: Bot
    private let intake: ErrorIntake
    private let store: any Store
    private let counters: DeliveryCounters
    let clock: WallClock
    private let logger: Logger

    package init(
        verifier: RequestVerifier,
        bot: Bot,
        intake: ErrorIntake,
        store: any Store,
        counters: DeliveryCounters,
        clock: WallClock,
        logger: Logger
    ) {
        self.verifier = verifier
        self.bot = bot
        self.intake = intake
        self.store = store
        self.counters = counters
        self.clock = clock
        self.logger = logger
    }

    // MARK: Slack

    /// Answers one request to a `/slack/…` route.
    ///
    /// Waits for nothing.
    /// - Parameter reply: Called once, before this returns or from the thread that made the delivery durable; must
    ///   return at once.
    func slack(_ request: SlackRequest, reply: @escaping @Sendable (EdgeAnswer) -> Void) {
        let now = clock.now()
        do {
            try verifier.verify(
                timestamps: request.timestamps,
                signatures: request.signatures,
                body: request.body,
                now: now
            )
        } catch {
            reply(unverified(request, error))
            return
        }
        if let retry = request.retry { counters.count("retry.\(["1", "2", "3"].contains(retry) ? retry : "other")") }
        do {
            acknowledge(bot.receive(try SlackDelivery(body: request.body), now: now), now: now, reply: reply)
        } catch {
            counters.count("unreadable")
            reply(.problem(.badRequest, code: "slack.unreadable", error.description))
        }
    }

    private func unverified(_ request: SlackRequest, _ failure: SignatureFailure) -> EdgeAnswer {
        if request.signatures.isEmpty, SlackDelivery.isUnsignedSSLCheck(request.body) {
            counters.count("ssl_check")
            return .empty
        }
        counters.count("refused.\(failure.rawValue)")
        logger.debug("a request was not signed by Slack", metadata: ["reason": "\(failure.rawValue)"])
        return .problem(.unauthorized, code: "slack.signature_invalid", "the request is not signed by Slack")
    }

    private func acknowledge(
        _ reception: Reception,
        now: Timestamp,
        reply: @escaping @Sendable (EdgeAnswer) -> Void
    ) {
        switch reception {
        case .answer(let acknowledgement, let counted):
            counters.count(counted)
            reply(acknowledgement.answer)

        case .look(let counted, let body, let failing):
            counters.count(counted)
            let (store, logger) = (store, logger)
            Task {
                do {
                    reply(try await store.read(body).answer)
                } catch {
                    logger.error("the store cannot be read", metadata: ["error": "\(error)"])
                    reply(failing.answer.with(.failed))
                }
            }

        case .record(let key, let counted, let body, let duplicate, let failing):
            let (counters, logger) = (counters, logger)
            store.transaction(.acknowledge) { tx in
                try tx.claimDelivery(key: key, kind: counted, at: now) ? try body(tx) : nil
            } completion: { (result: Result<Acknowledgement?, any Error>) in
                switch result {
                case .success(let recorded):
                    counters.count(recorded == nil ? "duplicate.\(counted)" : counted)
                    reply(recorded?.answer.with(.recorded) ?? duplicate.answer.with(.duplicate))
                case .failure(let error):
                    counters.count("not_recorded.\(counted)")
                    logger.error("a delivery could not be recorded", metadata: ["error": "\(error)"])
                    reply((failing?.answer ?? .notStored).with(.notRecorded))
                }
            }
        }
    }

    // MARK: Errors

    /// The source whose key a request brings.
    func source(_ headers: HTTPFields) -> AlertSource? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return intake.source(forKey: parts[1].trimmingSpaces)
    }

    /// Answers one request to `/errors`: 202 once the report is durable.
    func errors(from source: AlertSource, body: [UInt8]) async -> EdgeAnswer {
        let now = clock.now()
        let report: ErrorReport
        do {
            let eventID = Hex.encode(try RandomBytes.generate(16))
            report = try ErrorReport(native: try JSONValue(parsing: body), makeEventID: { eventID })
        } catch let error as InvalidReport {
            await refused(source)
            return .problem(
                .badRequest,
                code: InvalidReport.code,
                "the report cannot be used",
                errors: error.problems.map { ["pointer": .string($0.pointer), "detail": .string($0.message)] }
            )
        } catch let error as JSONError {
            await refused(source)
            return .problem(
                .badRequest,
                code: error.code.rawValue,
                error.description,
                errors: [["pointer": "", "detail": .string(error.description)]]
            )
        } catch {
            return .notStored
        }

        do {
            let prepared = try intake.prepare(report, from: source, now: now)
            let receipt = try await store.transaction(.acknowledge) { try intake.record(prepared, in: $0, now: now) }
            counters.count(receipt.isDuplicate ? "duplicate.errors" : "errors")
            return .json(.accepted, ["id": .string(receipt.eventID)])
                .with(receipt.isDuplicate ? .duplicate : .recorded)
        } catch {
            counters.count("not_recorded.errors")
            logger.error("an error report could not be recorded", metadata: ["error": "\(error)"])
            return .notStored
        }
    }

    /// Counts a body of a known source that was of no use.
    func refused(_ source: AlertSource) async {
        counters.count("refused.errors")
        do {
            try await store.transaction(.acknowledge) { try intake.recordRefusal(from: source, in: $0) }
        } catch {
            logger.error("a refusal could not be counted", metadata: ["error": "\(error)"])
        }
    }
}

extension Acknowledgement {
    fileprivate var answer: EdgeAnswer {
        switch self {
        case .empty: .empty
        case .text(let text): .text(text)
        case .message(let body), .view(let body): .json(.ok, .object(body))
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
