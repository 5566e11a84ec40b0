// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
package import Bot
import HTTPTypes
import Hummingbird
import JSON
package import Logging
import Signing
package import Store
package import Time

/// The routes by which applications, Alertmanager and GitHub tell of what happened: who sends, what it says, durable,
/// answered.
///
/// Volume is never a reason to refuse. Whatever a known sender sends is in its ledger, also what could not be read.
package struct ErrorRoutes: Sendable {
    let intake: ErrorIntake
    let github: GitHubIntake
    let store: any Store
    let counters: DeliveryCounters
    let bodies = BodyReader()
    let clock: WallClock
    let refusals: RefusalLog

    package init(
        intake: ErrorIntake,
        github: GitHubIntake,
        store: any Store,
        counters: DeliveryCounters,
        clock: WallClock,
        logger: Logger
    ) {
        self.intake = intake
        self.github = github
        self.store = store
        self.counters = counters
        self.clock = clock
        refusals = RefusalLog(logger)
    }

    /// The largest report; also that of one event within an envelope.
    static let report = 1 << 20
    /// An envelope, which may carry attachments beside its event.
    static let envelope = BodyLimit(sent: 16 << 20, unpacked: 32 << 20)
    /// GitHub sends no larger payload.
    static let delivery = BodyLimit(sent: 25 << 20)

    func answer(_ route: AlertRoute, _ request: Request) async throws -> EdgeAnswer {
        switch route {
        case .native: try await native(request)
        case .sentry(let endpoint, let project): try await sentry(endpoint, project: project, request)
        case .hook(let key): try await hook(key, request)
        case .alertmanager: try await alertmanager(request)
        case .github: try await github(request)
        }
    }

    // MARK: What they share

    /// The source whose key a request brings as a bearer.
    func bearer(_ headers: HTTPFields) -> AlertSource? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return intake.source(forKey: String(parts[1].drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }

    /// A fresh id for a report that brings none: 32 lower-case hex digits.
    func makeEventID() throws -> String { Hex.encode(try RandomBytes.generate(16)) }

    /// Reads the body of a known sender and answers it; what is wrong with it is in the ledger.
    func reading(
        _ request: Request,
        from source: AlertSource,
        _ limit: BodyLimit,
        as name: String,
        _ answer: ([UInt8]) async throws -> EdgeAnswer
    ) async throws -> EdgeAnswer {
        do {
            return try await bodies.read(request, limit, answer)
        } catch let problem as BodyProblem {
            await refused(source, name)
            return .unusable(problem)
        }
    }

    /// Makes a delivery durable.
    /// - Returns: A receipt for each of its reports; `nil` when it could not be stored.
    func record(_ delivery: ErrorDelivery, as name: String, now: Timestamp) async -> [ErrorIntake.Receipt]? {
        if delivery.isEmpty { return [] }
        do {
            let intake = intake
            let receipts = try await store.transaction(.acknowledge) { try intake.record(delivery, in: $0, now: now) }
            let duplicates = receipts.count { $0.isDuplicate }
            counters.count(name, receipts.count - duplicates)
            counters.count("duplicate.\(name)", duplicates)
            counters.count("refused.\(name)", delivery.refused)
            return receipts
        } catch {
            counters.count("not_recorded.\(name)")
            refusals.tell("an error report could not be recorded", error, at: now)
            return nil
        }
    }

    /// Counts a body of a known source that was of no use.
    func refused(_ source: AlertSource, _ name: String) async {
        var delivery = ErrorDelivery(source: source)
        delivery.refused = 1
        _ = await record(delivery, as: name, now: clock.now())
    }
}

extension EdgeAnswer {
    /// The same answer, to reports of which these are the receipts.
    func to(_ receipts: [ErrorIntake.Receipt]) -> EdgeAnswer {
        if receipts.isEmpty { return self }
        return with(receipts.allSatisfy(\.isDuplicate) ? .duplicate : .recorded)
    }

    /// The answer to a body that is not looked at.
    static func unusable(_ problem: BodyProblem) -> EdgeAnswer {
        switch problem {
        case .tooLarge(let limit): .tooLarge(limit)
        case .unsupportedCoding:
            .problem(
                .unsupportedMediaType, code: "web.unsupported_encoding",
                "Content-Encoding must be gzip, deflate or br, at most two of them")
        case .corrupt: .problem(.badRequest, code: "web.bad_encoding", "the body is not what Content-Encoding says")
        }
    }

    /// The answer to a body that is no report.
    static func unreadable(_ error: JSONError) -> EdgeAnswer {
        .problem(
            .badRequest, code: error.code.rawValue, error.description,
            errors: [["pointer": "", "detail": .string(error.description)]])
    }

    /// The answer to a report that cannot be used.
    static func unreadable(_ error: InvalidReport) -> EdgeAnswer {
        .problem(
            .badRequest, code: InvalidReport.code, "the report cannot be used",
            errors: error.problems.map { ["pointer": .string($0.pointer), "detail": .string($0.message)] })
    }
}
