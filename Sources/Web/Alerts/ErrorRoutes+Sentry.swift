// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Compression
import FoundationEssentials
import HTTPTypes
import Hummingbird
import JSON
import Slack
import Time

/// What any Sentry SDK sends (develop.sentry.dev, "Envelopes", "Authentication", "Rate Limiting").
///
/// SDKs send nothing twice: an answer other than 200 is a lost report. So everything that can be read is taken, and what
/// is of no use is dropped with a 200 that asks not to send it.
extension ErrorRoutes {
    func sentry(
        _ endpoint: AlertRoute.SentryEndpoint, project: Int?, _ request: Request
    ) async throws -> EdgeAnswer {
        var answer =
            request.method == .options
            ? EdgeAnswer(status: .noContent, headers: [:], body: [])
            : try await self.answer(endpoint, project: project, request)
        if answer.status == .ok, let name = Self.rateLimits { answer.headers[name] = SentryEnvelope.rateLimits }
        if answer.status.code >= 400, let name = Self.error {
            answer.headers[name] = "\(answer.status.code) \(answer.status.reasonPhrase)"
        }
        for (name, value) in Self.crossOrigin { answer.headers[name] = value }
        return answer
    }

    private static let sentryAuth = HTTPField.Name("X-Sentry-Auth")
    private static let rateLimits = HTTPField.Name("X-Sentry-Rate-Limits")
    private static let error = HTTPField.Name("X-Sentry-Error")

    /// Browsers send from any page: the key is no secret there, and nothing is ever read back.
    private static let crossOrigin: [(HTTPField.Name, String)] = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "POST, OPTIONS"),
        (
            "Access-Control-Allow-Headers",
            "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, "
                + "authorization, content-encoding, transfer-encoding, sentry-trace, baggage, traceparent"
        ),
        ("Access-Control-Expose-Headers", "x-sentry-error, x-sentry-rate-limits, retry-after"),
        ("Access-Control-Max-Age", "3600"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    private static var forbidden: EdgeAnswer {
        .problem(.forbidden, code: "errors.unknown_dsn", "no source has this key and project; compare the DSN")
    }

    /// Everything that the head of a request shows.
    private static func credentials(_ request: Request) -> SentryCredentials {
        var credentials = SentryCredentials()
        if let name = sentryAuth {
            for value in request.headers[values: name] { credentials.take(header: value, isOwnHeader: true) }
        }
        for value in request.headers[values: .authorization] { credentials.take(header: value, isOwnHeader: false) }
        if let fields = FormFields(Array((request.uri.query ?? "").utf8)) {
            for field in fields where field.name == "sentry_key" { credentials.take(queryKey: field.value) }
        }
        return credentials
    }

    private func answer(
        _ endpoint: AlertRoute.SentryEndpoint, project: Int?, _ request: Request
    ) async throws -> EdgeAnswer {
        let credentials = Self.credentials(request)
        if credentials.isEmpty, endpoint == .envelope, project != nil {
            return try await selfAuthenticated(project: project, request)
        }
        guard let source = intake.source(project: project, credentials: credentials) else {
            counters.count("refused.unknown_dsn")
            return Self.forbidden
        }
        switch endpoint {
        case .store:
            return try await reading(request, from: source, BodyLimit(sent: Self.report), as: "store") { body in
                try await event(
                    Self.unwrapped(body), beside: ErrorDelivery(source: source), as: "store", now: clock.now())
            }
        case .envelope:
            return try await reading(request, from: source, Self.envelope, as: "envelope") { body in
                guard let envelope = try? SentryEnvelope(parsing: body) else {
                    return await broken(.header, source)
                }
                if let dsn = envelope.dsn {
                    // A DSN within must be of the same place; one that cannot be read says nothing.
                    var both = credentials
                    both.take(dsn: dsn)
                    if !both.isUnreadable, intake.source(project: project, credentials: both) == nil {
                        return Self.forbidden
                    }
                }
                return try await items(envelope, from: source)
            }
        }
    }

    /// An envelope that brings its DSN, as tunnels and stored ones do: its sender is known only when it has been read,
    /// so that less of it is.
    private func selfAuthenticated(project: Int?, _ request: Request) async throws -> EdgeAnswer {
        do {
            return try await bodies.read(request, BodyLimit(sent: Self.report, unpacked: 2 * Self.report)) { body in
                var credentials = SentryCredentials()
                guard let envelope = try? SentryEnvelope(parsing: body), let dsn = envelope.dsn else {
                    return Self.forbidden
                }
                credentials.take(dsn: dsn)
                guard let source = intake.source(project: project, credentials: credentials) else {
                    counters.count("refused.unknown_dsn")
                    return Self.forbidden
                }
                return try await items(envelope, from: source)
            }
        } catch let problem as BodyProblem {
            return .unusable(problem)
        }
    }

    private func broken(_ defect: SentryEnvelope.Defect, _ source: AlertSource) async -> EdgeAnswer {
        await refused(source, "envelope")
        return .problem(.badRequest, code: defect.rawValue, "the envelope is not framed as it should be")
    }

    /// Takes what an envelope holds: one event, what users say, how cron jobs went, and what the SDK says it lost.
    private func items(_ envelope: SentryEnvelope, from source: AlertSource) async throws -> EdgeAnswer {
        let now = clock.now()
        var delivery = ErrorDelivery(source: source)
        for item in envelope.items { try take(item, into: &delivery, now: now) }
        guard let event = envelope.event else {
            if let defect = envelope.defect, delivery.reports.isEmpty { return await broken(defect, source) }
            guard let receipts = await record(delivery, as: "envelope", now: now) else { return .notStored }
            return .json(.ok, .object(envelope.eventID.map { ["id": .string($0)] } ?? [:])).to(receipts)
        }
        guard event.payload.count <= Self.report else {
            await refused(source, "envelope")
            return .tooLarge(Self.report)
        }
        return try await self.event(
            Array(event.payload), envelopeID: envelope.eventID, beside: delivery, as: "envelope", now: now)
    }

    /// Takes an item that is no event; what cannot be read is left out.
    private func take(_ item: SentryEnvelope.Item, into delivery: inout ErrorDelivery, now: Timestamp) throws {
        let limit: Int
        switch item.kind {
        case .event, .ignored: return
        case .clientReport: limit = Self.clientReport
        case .feedback, .userReport: limit = Self.report
        case .checkIn: limit = SentryCheckIn.limit
        }
        guard item.payload.count <= limit, let body = try? JSONValue(lenientlyParsing: Array(item.payload)) else {
            return
        }
        switch item.kind {
        case .event, .ignored: break
        case .clientReport: delivery.losses.merge(ClientReport(body).losses) { $0.addingSaturated($1) }
        case .feedback, .userReport:
            let feedback =
                item.kind == .feedback ? SentryFeedback(feedback: body) : SentryFeedback(userReport: body)
            guard let feedback else { return }
            delivery.reports.append(try intake.prepare(feedback, from: delivery.source, now: now))
        case .checkIn:
            guard let checkIn = SentryCheckIn(body), checkIn.status != .inProgress else { return }
            let prepared = try intake.prepare(checkIn, eventID: try makeEventID(), from: delivery.source, now: now)
            if checkIn.status.isFailure { delivery.reports.append(prepared) } else { delivery.ended.append(prepared) }
        }
    }

    /// Sentry's own limit is 4 KiB.
    private static let clientReport = 64 << 10

    /// - Parameter delivery: What came with the event.
    private func event(
        _ bytes: [UInt8],
        envelopeID: String? = nil,
        beside delivery: ErrorDelivery,
        as name: String,
        now: Timestamp
    ) async throws -> EdgeAnswer {
        var delivery = delivery
        let source = delivery.source
        var problem: EdgeAnswer?
        do {
            let id = try makeEventID()
            let body = try JSONValue(lenientlyParsing: bytes, omitting: ErrorReport.unreadOfSentryEvent)
            let report = try ErrorReport(sentryEvent: body, envelopeID: envelopeID, makeEventID: { id })
            delivery.reports.insert(try intake.prepare(report, from: source, now: now), at: 0)
        } catch let error as JSONError {
            problem = .unreadable(error)
        } catch let error as InvalidReport {
            problem = .unreadable(error)
        }
        if problem != nil { delivery.refused = 1 }
        guard let receipts = await record(delivery, as: name, now: now) else { return .notStored }
        if let problem { return problem }
        return .json(.ok, ["id": JSONValue(receipts.first?.eventID)]).to(receipts)
    }

    /// The body of an old client: JSON in base64, perhaps packed before that.
    private static func unwrapped(_ body: [UInt8]) -> [UInt8] {
        let first = body.first { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        guard let first, first != UInt8(ascii: "{"), first != UInt8(ascii: "["), first != 0xEF,
            let decoded = Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters), !decoded.isEmpty
        else { return body }
        let bytes = Array(decoded)
        if bytes.first == UInt8(ascii: "{") { return bytes }
        let limits = DecompressionLimits(bytes: report)
        return (try? Decompressor.decompress(bytes, [.deflate], limits: limits)) ?? body
    }
}
