// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
import HTTPTypes
import JSON
package import Logging
package import Slack
package import Store
import Synchronization
package import Time

/// Everything between the bytes of a delivery and its acknowledgement: verify, understand, make durable, answer.
///
/// Knows nothing of the server in front of it and waits for nothing but the store.
package struct AcknowledgementLane: Sendable {
    private let verifier: RequestVerifier
    private let bot: Bot
    private let store: any Store
    private let counters: DeliveryCounters
    let clock: WallClock
    private let logger: Logger
    private let refusals: RefusalLog

    package init(
        verifier: RequestVerifier,
        bot: Bot,
        store: any Store,
        counters: DeliveryCounters,
        clock: WallClock,
        logger: Logger
    ) {
        self.verifier = verifier
        self.bot = bot
        self.store = store
        self.counters = counters
        self.clock = clock
        self.logger = logger
        refusals = RefusalLog(logger)
    }

    // MARK: Slack

    /// Answers one request to a `/slack/…` route.
    ///
    /// Waits for nothing; the answer may be there before this returns.
    func slack(_ request: SlackRequest, to asker: any Asker) {
        let now = clock.now()
        do {
            try verifier.verify(
                timestamps: request.timestamps,
                signatures: request.signatures,
                body: request.body,
                now: now
            )
        } catch {
            asker.hear(unverified(request, error))
            return
        }
        if let retry = request.retry { counters.count("retry.\(["1", "2", "3"].contains(retry) ? retry : "other")") }
        do {
            acknowledge(bot.receive(try SlackDelivery(body: request.body), now: now), now: now, to: asker)
        } catch {
            counters.count("unreadable")
            asker.hear(.problem(.badRequest, code: "slack.unreadable", error.description))
        }
    }

    private static func isPowerOfTen(_ number: Int) -> Bool {
        let digits = "\(number)".utf8
        return digits.first == UInt8(ascii: "1") && digits.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") }
    }

    private func unverified(_ request: SlackRequest, _ failure: SignatureFailure) -> EdgeAnswer {
        if request.signatures.isEmpty, SlackDelivery.isUnsignedSSLCheck(request.body) {
            counters.count("ssl_check")
            return .empty
        }
        let count = counters.count("refused.\(failure.rawValue)")
        // A wrong secret or clock must show, a flood must not fill the log; who sends no signature at all is not Slack.
        let isTold = !request.signatures.isEmpty && Self.isPowerOfTen(count)
        logger.log(
            level: isTold ? .warning : .debug,
            "a request was not signed by Slack",
            metadata: ["reason": "\(failure.rawValue)", "count": "\(count)"]
        )
        return .problem(.unauthorized, code: "slack.signature_invalid", "the request is not signed by Slack")
    }

    private func acknowledge(_ reception: Reception, now: Timestamp, to asker: any Asker) {
        switch reception {
        case .answer(let acknowledgement, let counted):
            counters.count(counted)
            asker.hear(acknowledgement.answer)

        case .look(let counted, let body, let failing):
            counters.count(counted)
            let (store, logger) = (store, logger)
            Task {
                do {
                    asker.hear(try await store.read(body).answer)
                } catch {
                    logger.error("the store cannot be read", metadata: ["error": "\(error)"])
                    asker.hear(failing.answer.with(.failed))
                }
            }

        case .record(let key, let counted, let body, let duplicate, let failing):
            let delivery = Delivery(
                key: key,
                counted: counted,
                receivedAt: now,
                body: body,
                duplicate: duplicate,
                failing: failing,
                counters: counters,
                refusals: refusals,
                asker: asker
            )
            store.submit(delivery, to: .acknowledge)
        }
    }
}

/// Who waits for the answer to a request.
protocol Asker: AnyObject, Sendable {
    /// Where it waits; `nil` where it can be told from everywhere and does not hold up who tells it.
    var messenger: Messenger? { get }
    /// What it will hear if the delivery becomes durable: only with a messenger, and there.
    func prepare(_ answer: EdgeAnswer)
    /// Once a request; from any thread.
    func hear(_ answer: EdgeAnswer)
}

extension Asker {
    var messenger: Messenger? { nil }
    func prepare(_ answer: EdgeAnswer) {}
}

/// A delivery on its way through the store: one object for all that its commit and its answer need.
private final class Delivery: Submission {
    private let key: String
    private let counted: String
    private let receivedAt: Timestamp
    private let body: @Sendable (any StoreTransaction) throws -> Acknowledgement
    private let duplicate: Acknowledgement
    private let failing: Acknowledgement?
    private let counters: DeliveryCounters
    private let refusals: RefusalLog
    private let asker: any Asker
    /// Stays empty for a duplicate.
    private let acknowledgement = Mutex<Acknowledgement?>(nil)

    init(
        key: String,
        counted: String,
        receivedAt: Timestamp,
        body: @escaping @Sendable (any StoreTransaction) throws -> Acknowledgement,
        duplicate: Acknowledgement,
        failing: Acknowledgement?,
        counters: DeliveryCounters,
        refusals: RefusalLog,
        asker: any Asker
    ) {
        self.key = key
        self.counted = counted
        self.receivedAt = receivedAt
        self.body = body
        self.duplicate = duplicate
        self.failing = failing
        self.counters = counters
        self.refusals = refusals
        self.asker = asker
    }

    var messenger: Messenger? { asker.messenger }

    /// Claims the delivery and does its work, unless that was done before.
    func run(in store: any StoreTransaction) throws {
        guard try store.claimDelivery(key: key, kind: counted, at: receivedAt) else { return }
        let acknowledgement = try body(store)
        self.acknowledgement.withLock { $0 = acknowledgement }
    }

    func committing() { asker.prepare(answer) }

    func ended(_ error: (any Error)?) {
        guard let error else {
            let answer = answer
            counters.count(answer.outcome == .recorded ? counted : "duplicate.\(counted)")
            return asker.hear(answer)
        }
        counters.count("not_recorded.\(counted)")
        refusals.tell("a delivery could not be recorded", error, at: receivedAt)
        asker.hear((failing?.answer ?? .notStored).with(.notRecorded))
    }

    /// To a delivery that is durable.
    private var answer: EdgeAnswer {
        acknowledgement.withLock { $0 }?.answer.with(.recorded) ?? duplicate.answer.with(.duplicate)
    }
}

extension Acknowledgement {
    fileprivate var answer: EdgeAnswer {
        switch self {
        case .empty: .empty
        case .text(let text): .text(text)
        case .message(let message): .json(.ok, message.bytes)
        case .view(let body): .json(.ok, JSONValue.object(body).bytes())
        }
    }
}
