// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import Signing
import Synchronization

/// Sends signed requests to the app as Slack does, and records each.
final class Dispatcher: Sendable {
    /// What an app answered.
    struct Answer: Sendable {
        let delivery: Delivery
        /// The `Content-Type`, without its parameters.
        let contentType: String
        let noRetry: Bool
    }

    /// What is sent, whatever the attempt.
    struct Parcel: Sendable {
        let kind: Delivery.Kind
        let title: String
        let url: String
        let contentType: String
        let body: [UInt8]
        var eventID: String?

        /// What was sent once, to be sent again.
        init(again delivery: Delivery) {
            kind = delivery.kind
            title = delivery.title
            url = delivery.url
            contentType = delivery.header("Content-Type") ?? ""
            body = delivery.body
            eventID = delivery.eventID
        }

        init(
            kind: Delivery.Kind, title: String, url: String, contentType: String, body: [UInt8], eventID: String? = nil
        ) {
            self.kind = kind
            self.title = title
            self.url = url
            self.contentType = contentType
            self.body = body
            self.eventID = eventID
        }

        /// A form with one `payload`, as interactions come.
        static func interaction(
            _ payload: JSONObject, title: String, url: String, kind: Delivery.Kind = .interaction
        ) -> Parcel {
            Parcel(
                kind: kind,
                title: title,
                url: url,
                contentType: "application/x-www-form-urlencoded",
                body: Array(FormCoding.encode([("payload", JSONValue.object(payload).text)]).utf8)
            )
        }
    }

    /// How a request is signed wrongly on purpose.
    struct Forgery: Sendable {
        /// Seconds added to the time stamp, and signed with it.
        var skew = 0
        /// Signs with another secret.
        var usesWrongSecret = false
    }

    private static let largestAnswer = 1 << 20

    let log: DeliveryLog
    private let hmac: HMACSHA256
    private let wrongHMAC: HMACSHA256
    private let configuration: SimulatorConfiguration
    private let surroundings: Surroundings
    private let client = Mutex<HTTPClient?>(nil)

    init(configuration: SimulatorConfiguration, surroundings: Surroundings, log: DeliveryLog) throws(SigningError) {
        hmac = try HMACSHA256(key: Array(configuration.signingSecret.utf8))
        wrongHMAC = try HMACSHA256(key: Array("not \(configuration.signingSecret)".utf8))
        self.configuration = configuration
        self.surroundings = surroundings
        self.log = log
    }

    /// Gives the client to send with; `nil` when the simulator stops.
    func use(_ client: HTTPClient?) { self.client.withLock { $0 = client } }

    var httpClient: HTTPClient? { client.withLock { $0 } }

    /// Sends once.
    /// - Parameter retry: The number and reason of a repetition.
    func send(
        _ parcel: Parcel, retry: (number: Int, reason: String)? = nil, forgery: Forgery = Forgery()
    ) async -> Answer {
        let sent = surroundings.now()
        let started = surroundings.wireNow()
        let headers = self.headers(for: parcel, at: started, retry: retry, forgery: forgery)
        var delivery = log.begin { number in
            Delivery(
                number: number,
                kind: parcel.kind,
                title: parcel.title,
                eventID: parcel.eventID,
                attempt: retry?.number ?? 0,
                url: parcel.url,
                headers: headers,
                body: parcel.body,
                sent: sent
            )
        }
        let reply = await exchange(parcel, headers)
        delivery.milliseconds = max(0, surroundings.wireNow() - started) / 1_000
        var contentType = ""
        var noRetry = false
        switch reply {
        case .answered(let status, let fields, let body):
            delivery.status = status
            delivery.answer = body
            delivery.outcome = (200..<300).contains(status) ? .acknowledged : .failed(reason: "http_error")
            contentType =
                (fields.first(name: "content-type") ?? "").lowercased()
                .prefix(while: { $0 != ";" }).trimmed
            noRetry = status != 200 && fields.first(name: "x-slack-no-retry") == "1"
        case .failed(let reason):
            delivery.outcome = .failed(reason: reason)
        }
        log.finish(delivery)
        return Answer(delivery: delivery, contentType: contentType, noRetry: noRetry)
    }

    /// Sends an event until it is acknowledged or Slack's schedule is over.
    /// - Parameter record: Told the outcome of every attempt; an answer of `false` ends the schedule.
    func sendEvent(_ parcel: Parcel, record: @Sendable (_ failed: Bool) -> Bool) async {
        var answer = await send(parcel)
        for (place, delay) in configuration.retryDelays.enumerated() {
            guard case .failed(let reason) = answer.delivery.outcome else {
                _ = record(false)
                return
            }
            guard record(true), !answer.noRetry else { return }
            if delay > .zero {
                var waiting = answer.delivery
                waiting.retryAt = surroundings.now() + AdvanceableClock.microseconds(delay)
                log.finish(waiting)
            }
            do {
                if delay > .zero { try await surroundings.sleep(delay) }
            } catch {
                return
            }
            if delay > .zero { log.finish(answer.delivery) }
            answer = await send(parcel, retry: (place + 1, reason))
        }
        _ = record(answer.delivery.outcome != .acknowledged)
    }

    // MARK: Signing

    private func headers(
        for parcel: Parcel,
        at sent: Int,
        retry: (number: Int, reason: String)?,
        forgery: Forgery
    ) -> [Delivery.Header] {
        // Each attempt is signed anew: the last retry would otherwise be older than the window.
        let timestamp = String(sent / 1_000_000 + forgery.skew)
        let key = forgery.usesWrongSecret ? wrongHMAC : hmac
        let tag = (try? key.tag(of: parcel.body, after: Array("v0:\(timestamp):".utf8))) ?? []
        var headers = [
            Delivery.Header(name: "User-Agent", value: "Slackbot 1.0 (+https://api.slack.com/robots)"),
            Delivery.Header(name: "Accept", value: "*/*"),
            Delivery.Header(name: "Accept-Encoding", value: "gzip,deflate"),
            Delivery.Header(name: "Content-Type", value: parcel.contentType),
            Delivery.Header(name: "X-Slack-Request-Timestamp", value: timestamp),
            Delivery.Header(name: "X-Slack-Signature", value: "v0=" + Hex.encode(tag)),
        ]
        if let retry {
            headers.append(Delivery.Header(name: "X-Slack-Retry-Num", value: String(retry.number)))
            headers.append(Delivery.Header(name: "X-Slack-Retry-Reason", value: retry.reason))
        }
        return headers
    }

    // MARK: The wire

    private enum Reply: Sendable {
        case answered(Int, HTTPHeaders, [UInt8])
        /// In the words of `X-Slack-Retry-Reason`.
        case failed(String)
    }

    private func exchange(_ parcel: Parcel, _ headers: [Delivery.Header]) async -> Reply {
        guard let client = httpClient else { return .failed("connection_failed") }
        var request = HTTPClientRequest(url: parcel.url)
        request.method = .POST
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: parcel.body))
        let limit = configuration.acknowledgementLimit
        return await withTaskGroup(of: Reply?.self) { group in
            group.addTask { [request] in await Self.fetch(request, client) }
            group.addTask { [surroundings] in
                try? await surroundings.wireSleep(limit)
                return Task.isCancelled ? nil : .failed("http_timeout")
            }
            var reply: Reply?
            while reply == nil, let next = await group.next() { reply = next }
            group.cancelAll()
            return reply ?? .failed("unknown_error")
        }
    }

    private static func fetch(_ request: HTTPClientRequest, _ client: HTTPClient) async -> Reply {
        do {
            // The time limit is the caller's; this one only ends what nobody waits for any more.
            let response = try await client.execute(request, timeout: .minutes(2))
            let body = try await response.body.collect(upTo: largestAnswer)
            return .answered(Int(response.status.code), response.headers, Array(buffer: body))
        } catch let error as HTTPClientError where error == .redirectLimitReached {
            return .failed("too_many_redirects")
        } catch is CancellationError {
            return .failed("http_timeout")
        } catch {
            let text = String(describing: error).lowercased()
            return .failed(text.contains("ssl") || text.contains("tls") ? "ssl_error" : "connection_failed")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { filter { $0 != " " } }
}
