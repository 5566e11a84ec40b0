// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Time

/// The line to one target that speaks HTTP: its headers, its limits, and what its refusals mean.
///
/// Every request of a target goes through one line, so that its pace and its pauses count for all of them.
struct TargetLine: Sendable {
    let limits: RESTTargetConfiguration.Limits
    private let hosts: Set<String>
    private let headers: [(name: String, value: String)]
    private let http: OutboundHTTP
    private let clock: WallClock
    private let pacer: Pacer

    /// - Throws: ``TargetError/Code/misconfigured`` when a header cannot be sent as it is.
    init(
        hosts: Set<String>,
        headers: [(name: String, value: String)],
        limits: RESTTargetConfiguration.Limits,
        http: OutboundHTTP,
        clock: WallClock
    ) {
        self.limits = limits
        self.hosts = hosts
        self.headers = headers
        self.http = http
        self.clock = clock
        pacer = Pacer(
            concurrency: limits.concurrency,
            perSecond: limits.perSecond,
            burst: max(1, limits.concurrency),
            clock: clock
        )
    }

    /// Where answers from the address arrive.
    func executor(for url: String) -> (any TaskExecutor)? { http.executor(for: url) }

    /// One request, paced, repeated where that is safe.
    /// - Parameters:
    ///   - extra: Headers of this request alone.
    ///   - retries: Tries after the first; `nil` takes the target's.
    ///   - isStillMeant: Asked before each of them.
    func send(
        _ method: String,
        _ url: String,
        body: JSONValue? = nil,
        extra: [(name: String, value: String)] = [],
        isRepeatable: Bool = true,
        retries: Int? = nil,
        isStillMeant: (@Sendable () async -> Bool)? = nil
    ) async -> Result<OutboundAnswer, OutboundError> {
        var headers = headers
        if body == nil { headers.removeAll { $0.name.lowercased() == "content-type" } }
        let request = OutboundRequest(
            method: method.uppercased(),
            url: url,
            headers: headers + extra,
            body: body?.bytes(),
            timeout: limits.timeout,
            answerBytes: limits.answerBytes,
            isRepeatable: isRepeatable
        )
        do throws(OutboundError) {
            let rule = RetryRule(retries: retries ?? limits.retries)
            return .success(
                try await http.send(request, to: hosts, retry: rule, pacer: pacer, isStillMeant: isStillMeant))
        } catch {
            return .failure(error)
        }
    }

    /// The answer of a request that may be repeated.
    static func answered(_ outcome: Result<OutboundAnswer, OutboundError>) throws(TargetError) -> OutboundAnswer {
        switch outcome {
        case .success(let answer): return answer
        case .failure(let error): throw TargetError(error, isRepeatable: true)
        }
    }

    static func json(_ answer: OutboundAnswer) throws(TargetError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw TargetError(
                .misconfigured,
                answer.looksLikeHTML ? "the target answered with a web page" : "the target's answer is not JSON",
                status: answer.status
            )
        }
    }

    /// Refuses a yes that comes as a web page: a proxy's, or a login's, which did nothing.
    static func refusePage(_ answer: OutboundAnswer) throws(TargetError) {
        guard answer.isSuccess, answer.isWebPage else { return }
        throw TargetError(.misconfigured, "the target answered with a web page", status: answer.status)
    }

    /// What a status other than 2xx means, when nothing special is known about the operation.
    /// - Parameter reason: The target's own word for it, if there is one that is safe to show.
    func refusal(_ answer: OutboundAnswer, isListing: Bool = false, reason: String? = nil) -> TargetError {
        let status = answer.status
        let retryAfter = answer.retryAfter(at: clock.now())
        let reason = reason.map { ": \($0)" } ?? ""
        switch status {
        case 401, 403:
            return TargetError(.unauthorized, "the target refuses our credentials (\(status))", status: status)
        case 404 where isListing, 410 where isListing:
            return TargetError(.misconfigured, "listing was answered \(status): the address is wrong", status: status)
        case 405, 501:
            return TargetError(.unsupported, "the target does not offer this operation (\(status))", status: status)
        case 429:
            let wait = retryAfter.flatMap { $0 > TargetError.longestWait ? $0.components.seconds : nil }
            return TargetError(
                .rateLimited,
                "the target asks for fewer requests (429)" + (wait.map { ", and to wait \($0) s" } ?? ""),
                status: status,
                retryAfter: retryAfter
            )
        default:
            if answer.isTransient || status >= 500 {
                let detail = "the target answered \(status)"
                return TargetError(.unreachable, detail, status: status, retryAfter: retryAfter)
            }
            if isListing {
                return TargetError(.misconfigured, "listing was answered \(status)\(reason)", status: status)
            }
            return TargetError(.rejected, "the target refused with \(status)\(reason)", status: status)
        }
    }

    /// What the refusal of a creation means, where a server that fails may have done half of it.
    func creationRefusal(_ answer: OutboundAnswer, reason: String? = nil) -> TargetError {
        if answer.status == 404 {
            return TargetError(.misconfigured, "creating was answered 404: the address is wrong", status: 404)
        }
        // Only "not now" says that nothing was done.
        let isNotNow = answer.status == 429 || answer.status == 503 && answer.header("retry-after") != nil
        if answer.isTransient, !isNotNow {
            return TargetError(
                .uncertain,
                "creating was answered \(answer.status): it may have been carried out",
                status: answer.status
            )
        }
        return refusal(answer, reason: reason)
    }
}

extension OutboundError {
    /// Whether the target had answered yes before the trouble came.
    var saysYes: Bool { status.map { (200..<300).contains($0) } ?? false }
}

extension TargetError {
    init(_ error: OutboundError, isRepeatable: Bool) {
        switch error.code {
        case .redirected, .tooLarge, .forbiddenHost:
            self.init(.misconfigured, error.detail, status: error.status)
        case .notSent, .noAnswer, .timedOut, .withdrawn, .cancelled:
            let isUncertain = !isRepeatable && error.mayHaveHappened
            self.init(isUncertain ? .uncertain : .unreachable, error.detail, status: error.status)
        }
    }
}
