// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Logging
import Provisioning
package import Signing
package import Slack
package import Time

/// Slack's Web API over HTTP.
///
/// Keeps to each method's calls a minute, and stays away from a method for as long as `Retry-After` asks. Methods that
/// only read wait for that and try again, for a bounded time. Methods that post are tried once: their caller keeps what
/// is to be said and knows when to come back.
package struct SlackWebAPIClient: SlackWebAPI {
    /// How patient a reading method is.
    package struct Patience: Sendable, Hashable {
        /// Tries after the first.
        package var retries: Int
        /// For all waits of a call together.
        package var total: Duration

        package init(retries: Int = 3, total: Duration = .seconds(60)) {
            self.retries = retries
            self.total = total
        }
    }

    /// What Slack may answer at most: a page of a large workspace's members is a few MB.
    private static let answerBytes = 32 << 20

    private let token: Secret
    /// Ends with a slash.
    private let apiURL: String
    private let apiHosts: Set<String>
    private let policy: ResponseURLPolicy
    private let http: OutboundHTTP
    private let pacers: [WebAPIMethod: Pacer]
    private let patience: Patience
    private let timeout: Duration
    private let clock: WallClock
    private let random: @Sendable () -> Double
    private let observe: @Sendable (WebAPIObservation) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - apiURL: `https://slack.com/api/`, or that of a server that stands in for Slack.
    ///   - responseHosts: Slack's hosts that a `response_url` may name.
    ///   - random: In `0..<1`.
    ///   - observe: Told of every try that was made.
    /// - Throws: ``WebAPIError/Code/forbiddenHost`` when `apiURL` is no web address.
    package init(
        token: Secret,
        apiURL: String,
        responseHosts: Set<String>,
        http: OutboundHTTP,
        patience: Patience = Patience(),
        timeout: Duration = .seconds(30),
        clock: WallClock = .system,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        observe: @escaping @Sendable (WebAPIObservation) -> Void = { _ in },
        logger: Logger
    ) throws(WebAPIError) {
        guard let address = HTTPAddress(apiURL), !apiURL.contains("?"), !apiURL.contains("#") else {
            throw WebAPIError(.forbiddenHost, detail: "slack.api_url is no http or https address")
        }
        self.token = token
        self.apiURL = apiURL.hasSuffix("/") ? apiURL : apiURL + "/"
        apiHosts = ["\(address.host):\(address.port)"]
        policy = ResponseURLPolicy(hosts: responseHosts, api: address)
        self.http = http
        pacers = Dictionary(
            uniqueKeysWithValues: WebAPIMethod.allCases.map { method in
                let perMinute = method.callsPerMinute
                // Slack publishes no burst; a quarter of a minute's worth makes small workspaces quick. A list is read as
                // fast as Slack gives it, until it has said once that this is too fast: a refused page is read again.
                let pacer = Pacer(
                    concurrency: 8,
                    perSecond: Double(perMinute) / 60,
                    burst: max(1, perMinute / 4),
                    isHeld: !method.isListing,
                    clock: clock
                )
                return (method, pacer)
            }
        )
        self.patience = patience
        self.timeout = timeout
        self.clock = clock
        self.random = random
        self.observe = observe
        self.logger = logger
    }

    package func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject {
        try await patiently(method, arguments).body
    }

    package func page(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String
    ) async throws(WebAPIError) -> WebAPIPage {
        let answer = try await patiently(method, arguments, omitting: JSONOmissions(ofDocument: [field]))
        let bytes = answer.bytes
        return WebAPIPage(answer: answer.body) {
            (try? JSONValue(parsing: bytes, omitting: Member.unreadOfSlackUsers))?[field]?.array
        }
    }

    /// Asks who we are and which scopes the token has.
    package func authTest() async throws(WebAPIError) -> WorkspaceIdentity {
        let answer = try await patiently(.authTest, [:])
        guard let teamID = answer.body["team_id"]?.string, let userID = answer.body["user_id"]?.string else {
            throw WebAPIError(.server, detail: "auth.test answered without team_id and user_id")
        }
        return WorkspaceIdentity(
            teamID: teamID,
            userID: userID,
            botID: answer.body["bot_id"]?.string,
            url: answer.body["url"]?.string,
            team: answer.body["team"]?.string,
            user: answer.body["user"]?.string,
            scopes: answer.scopes,
            date: answer.date
        )
    }
}

// MARK: - Calls

extension SlackWebAPIClient {
    private struct Answer {
        let body: JSONObject
        let bytes: [UInt8]
        let scopes: Set<String>?
        let date: Timestamp?
    }

    /// - Parameter omissions: What of the answer is not read.
    private func patiently(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        omitting omissions: JSONOmissions = .none
    ) async throws(WebAPIError) -> Answer {
        guard method.isReading else { return try await once(method, arguments, omissions) }
        let backoff = RetryRule(retries: patience.retries)
        var attempt = 0
        var waited = Duration.zero
        while true {
            attempt += 1
            let failure: WebAPIError
            do throws(WebAPIError) {
                return try await once(method, arguments, omissions)
            } catch {
                failure = error
            }
            guard failure.isTransient, attempt <= patience.retries else { throw failure }
            let wait = failure.retryAfter ?? backoff.delay(after: attempt, random: random())
            waited += wait
            guard waited <= patience.total else { throw failure }
            logger.warning(
                "Slack did not answer, will try again",
                metadata: [
                    "slack.method": "\(method.rawValue)", "attempt": "\(attempt)",
                    "retry.wait_ms": "\(wait.milliseconds)",
                    "error": "\(failure.detail)",
                ]
            )
            do {
                try await clock.sleep(wait)
            } catch {
                throw failure
            }
        }
    }

    private func once(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ omissions: JSONOmissions
    ) async throws(WebAPIError) -> Answer {
        let pacer = pacers[method]
        // A post is not kept waiting through a pause: whoever posts has other things to say meanwhile.
        if let rest = pacer?.pause, !method.isReading || rest > patience.total {
            throw WebAPIError(.rateLimited, detail: "\(method.rawValue): paused by Slack", retryAfter: rest)
        }
        let asked = clock.now()
        do {
            try await pacer?.start()
        } catch {
            throw WebAPIError(.unreachable(mayHaveHappened: false), detail: "\(method.rawValue): cancelled")
        }
        defer { pacer?.finish() }
        let begun = clock.now()
        do throws(WebAPIError) {
            let answer = try await send(method, arguments, omissions, pacer)
            observe(WebAPIObservation(method.rawValue, nil, paced: begun - asked, took: clock.now() - begun))
            return answer
        } catch {
            observe(WebAPIObservation(method.rawValue, error, paced: begun - asked, took: clock.now() - begun))
            throw error
        }
    }

    private func send(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ omissions: JSONOmissions,
        _ pacer: Pacer?
    ) async throws(WebAPIError) -> Answer {
        let body = WebAPIArguments.body(method, arguments)
        let request = OutboundRequest(
            method: "POST",
            url: apiURL + method.rawValue,
            headers: [
                ("Authorization", "Bearer \(token.revealed)"), ("Content-Type", body.contentType),
                ("Accept", "application/json"),
            ],
            body: body.bytes,
            timeout: timeout,
            answerBytes: Self.answerBytes,
            isRepeatable: method.isReading
        )
        let answer: OutboundAnswer
        do throws(OutboundError) {
            answer = try await http.send(request, to: apiHosts)
        } catch {
            throw WebAPIError(error, method.rawValue)
        }
        do throws(WebAPIError) {
            return try read(answer, method, omissions)
        } catch {
            if error.code == .rateLimited, let rest = error.retryAfter { pacer?.pause(for: rest) }
            throw error
        }
    }

    private func read(
        _ answer: OutboundAnswer,
        _ method: WebAPIMethod,
        _ omissions: JSONOmissions
    ) throws(WebAPIError) -> Answer {
        let name = method.rawValue
        let body = (try? JSONValue(parsing: answer.body, omitting: omissions))?.object
        let word = body?["error"]?.string ?? ""
        if answer.status == 429 || word == "ratelimited" || word == "rate_limited" {
            let rest = answer.retryAfter(at: clock.now())
            // Nothing said means a minute at most; asking at once would only be refused again.
            let wait = rest.map { max($0, .seconds(1)) } ?? .seconds(30)
            throw WebAPIError(.rateLimited, detail: "\(name): too many requests", retryAfter: wait)
        }
        if answer.status >= 500 {
            throw WebAPIError(
                .server,
                detail: "\(name): HTTP \(answer.status)",
                retryAfter: answer.retryAfter(at: clock.now())
            )
        }
        guard let body, let ok = body["ok"]?.bool else {
            let what = answer.looksLikeHTML ? "a web page" : "something that is not a Web API answer"
            throw WebAPIError(.server, detail: "\(name): HTTP \(answer.status) with \(what)")
        }
        guard ok else {
            switch word {
            case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
                throw WebAPIError(.server, detail: "\(name): \(word)")
            default:
                let needed = body["needed"]?.string.flatMap(ErrorWord.list)
                let shown = ErrorWord(word)?.text ?? "unknown_error"
                let detail = needed.map { "\(name): \(shown), needed: \($0)" } ?? "\(name): \(shown)"
                throw WebAPIError(.refused(shown), detail: detail, needed: needed)
            }
        }
        warn(of: body, method)
        let scopes = answer.header("x-oauth-scopes").map { header in
            Set(header.split { $0 == "," || $0 == " " }.map(String.init))
        }
        return Answer(
            body: body, bytes: answer.body, scopes: scopes, date: answer.header("date").flatMap(HTTPDate.parse))
    }

    /// Slack's warnings are about how we call it: ours to repair, and no reason to fail.
    private func warn(of body: JSONObject, _ method: WebAPIMethod) {
        guard let warning = body["warning"]?.string.flatMap(ErrorWord.list) else { return }
        logger.debug(
            "Slack answered with a warning",
            metadata: ["slack.method": "\(method.rawValue)", "slack.warning": "\(warning)"]
        )
    }
}

// MARK: - Response URLs

extension SlackWebAPIClient {
    package func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError) {
        let begun = clock.now()
        do throws(WebAPIError) {
            try await post(body, to: responseURL)
            observe(WebAPIObservation("response_url", nil, took: clock.now() - begun))
        } catch {
            observe(WebAPIObservation("response_url", error, took: clock.now() - begun))
            throw error
        }
    }

    private func post(_ body: JSONObject, to responseURL: String) async throws(WebAPIError) {
        guard policy.allows(responseURL), let address = HTTPAddress(responseURL) else {
            throw WebAPIError(.forbiddenHost, detail: "response_url: the address is not Slack's")
        }
        let request = OutboundRequest(
            method: "POST",
            url: responseURL,
            headers: [("Content-Type", "application/json; charset=utf-8")],
            body: JSONValue.object(body).bytes(),
            timeout: timeout,
            answerBytes: 1 << 20,
            isRepeatable: false
        )
        let answer: OutboundAnswer
        do throws(OutboundError) {
            answer = try await http.send(request, to: ["\(address.host):\(address.port)"])
        } catch {
            // It was taken; what it answered besides is of no use.
            if let status = error.status, (200..<300).contains(status) { return }
            throw WebAPIError(error, "response_url")
        }
        let object = (try? JSONValue(parsing: answer.body))?.object
        let text = String(decoding: answer.body.prefix(256), as: UTF8.self)
        let word = ErrorWord(object?["error"]?.string ?? (object == nil ? text : ""))?.text
        switch answer.status {
        case 200..<300:
            // A plain `ok`, or the Web API's shape. Anything else with a 2xx was taken all the same.
            guard object?["ok"]?.bool == false else { return }
            throw WebAPIError(.refused(word ?? "unknown_error"), detail: "response_url: \(word ?? "unknown_error")")
        case 429:
            throw WebAPIError(
                .rateLimited,
                detail: "response_url: too many requests",
                retryAfter: answer.retryAfter(at: clock.now()) ?? .seconds(1)
            )
        case 404, 410:
            // `used_url` after its five uses; else it is older than 30 minutes, in whatever words.
            let reason = word == "used_url" ? "used_url" : "expired_url"
            throw WebAPIError(.refused(reason), detail: "response_url: \(reason)")
        case 500...:
            throw WebAPIError(.server, detail: "response_url: HTTP \(answer.status)")
        default:
            let reason = word ?? "http_\(answer.status)"
            throw WebAPIError(.refused(reason), detail: "response_url: \(reason)")
        }
    }
}

/// One of Slack's words for why not, such as `missing_scope`: letters, digits and underscores, so safe to show.
private struct ErrorWord {
    let text: String

    init?(_ text: String) {
        let isWord = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isWord, !text.isEmpty, text.utf8.count <= 80 else { return nil }
        self.text = text
    }

    /// Scopes or warnings between commas, such as `users:read,users:read.email`; `nil` for anything else.
    static func list(_ text: String) -> String? {
        let isList = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") }
        return isList && !text.isEmpty && text.utf8.count <= 400 ? text : nil
    }
}

extension WebAPIError {
    fileprivate init(_ error: OutboundError, _ name: String) {
        switch error.code {
        case .forbiddenHost: self.init(.forbiddenHost, detail: "\(name): \(error.detail)")
        case .redirected, .tooLarge: self.init(.server, detail: "\(name): \(error.detail)")
        case .notSent, .noAnswer, .timedOut, .withdrawn, .cancelled:
            self.init(.unreachable(mayHaveHappened: error.mayHaveHappened), detail: "\(name): \(error.detail)")
        }
    }

    fileprivate var isTransient: Bool {
        switch code {
        case .unreachable, .rateLimited, .server: !Task.isCancelled
        case .refused, .forbiddenHost: false
        }
    }
}
