// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// One error that an application reported, in one shape whatever format it came in.
///
/// Every text is within ``ReportLimits``. A report is not scrubbed by being parsed: see ``Scrubber``.
package struct ErrorReport: Codable, Sendable, Hashable {
    /// 32 lower-case hex digits.
    ///
    /// The same id counts once per source.
    package var eventID: String
    package var level: ErrorLevel
    package var message: String?
    /// The message before its parameters were filled in, when the client sent it so.
    package var messageTemplate: String?
    package var service: String?
    package var environment: String?
    package var release: String?
    /// The application's own code for this kind of error.
    package var code: String?
    /// The HTTP status that was answered.
    package var status: Int?
    /// The chain, root cause first; the last one is what was raised last.
    package var exceptions: [Exception]
    /// The stack of a report that has no exception, newest frame last.
    package var frames: [Frame]
    package var request: Request?
    package var user: User?
    /// The sender's own grouping; empty when it left that to us.
    ///
    /// A part may be `{{ default }}`.
    package var fingerprint: [String]
    package var tags: [String: String]
    /// When it happened by the sender's clock: milliseconds since 1970.
    package var occurredAt: Int64?
    /// The route, view or task, as the framework names it.
    package var transaction: String?
    package var serverName: String?
    package var platform: String?
    package var logger: String?
    package var traceID: String?
    /// Pages that tell more, `http` or `https` only.
    package var links: [Link]

    package init(
        eventID: String, level: ErrorLevel = .error, message: String? = nil, messageTemplate: String? = nil,
        service: String? = nil, environment: String? = nil, release: String? = nil, code: String? = nil,
        status: Int? = nil, exceptions: [Exception] = [], frames: [Frame] = [], request: Request? = nil,
        user: User? = nil, fingerprint: [String] = [], tags: [String: String] = [:], occurredAt: Int64? = nil,
        transaction: String? = nil, serverName: String? = nil, platform: String? = nil, logger: String? = nil,
        traceID: String? = nil, links: [Link] = []
    ) {
        self.eventID = eventID
        self.level = level
        self.message = message
        self.messageTemplate = messageTemplate
        self.service = service
        self.environment = environment
        self.release = release
        self.code = code
        self.status = status
        self.exceptions = exceptions
        self.frames = frames
        self.request = request
        self.user = user
        self.fingerprint = fingerprint
        self.tags = tags
        self.occurredAt = occurredAt
        self.transaction = transaction
        self.serverName = serverName
        self.platform = platform
        self.logger = logger
        self.traceID = traceID
        self.links = links
    }
}

extension ErrorReport {
    /// One exception of the chain.
    package struct Exception: Codable, Sendable, Hashable {
        package var type: String?
        package var value: String?
        package var module: String?
        /// Whether the application caught it; `nil` when the sender does not say.
        package var handled: Bool?
        /// Whether the type is made up by the SDK and says nothing.
        package var synthetic: Bool
        /// Newest last.
        package var frames: [Frame]
        /// The stack as the sender's own text, when it sent no frames.
        package var stacktraceText: String?

        package init(
            type: String? = nil, value: String? = nil, module: String? = nil, handled: Bool? = nil,
            synthetic: Bool = false, frames: [Frame] = [], stacktraceText: String? = nil
        ) {
            self.type = type
            self.value = value
            self.module = module
            self.handled = handled
            self.synthetic = synthetic
            self.frames = frames
            self.stacktraceText = stacktraceText
        }
    }

    /// One call on a stack.
    ///
    /// Local variables are never kept.
    package struct Frame: Codable, Sendable, Hashable {
        package var filename: String?
        package var function: String?
        package var module: String?
        package var line: Int?
        /// Whether it is the application's own code; `nil` when the sender does not say.
        package var inApp: Bool?
        /// The source line.
        package var source: String?

        package init(
            filename: String? = nil, function: String? = nil, module: String? = nil, line: Int? = nil,
            inApp: Bool? = nil, source: String? = nil
        ) {
            self.filename = filename
            self.function = function
            self.module = module
            self.line = line
            self.inApp = inApp
            self.source = source
        }

        /// `app/orders.py:42 in create`.
        package var location: String {
            var text = filename ?? module ?? ""
            if let line, !text.isEmpty { text += ":\(line)" }
            guard let function else { return text }
            return text.isEmpty ? function : "\(text) in \(function)"
        }
    }

    /// The HTTP request that failed.
    package struct Request: Codable, Sendable, Hashable {
        package var method: String?
        package var path: String?
        package var query: String?
        package var url: String?
        package var id: String?

        package init(
            method: String? = nil, path: String? = nil, query: String? = nil, url: String? = nil, id: String? = nil
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.url = url
            self.id = id
        }

        var isEmpty: Bool { self == Request() }
    }

    /// The person whom the error hit.
    package struct User: Codable, Sendable, Hashable {
        package var id: String?
        package var name: String?
        package var email: String?
        package var ip: String?

        package init(id: String? = nil, name: String? = nil, email: String? = nil, ip: String? = nil) {
            self.id = id
            self.name = name
            self.email = email
            self.ip = ip
        }

        var isEmpty: Bool { self == User() }
    }

    /// A page that tells more.
    package struct Link: Codable, Sendable, Hashable {
        package var title: String
        package var url: String

        /// - Returns: `nil` unless the address is `http` or `https`.
        package init?(title: String, url: String) {
            let lower = url.prefix(8).lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), url.utf8.count <= ReportLimits.address,
                !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
            else { return nil }
            self.title = title.keptOnOneLine(ReportLimits.name)
            self.url = url
        }
    }
}

// MARK: What a message says first

extension ErrorReport {
    /// What was raised last.
    package var exception: Exception? { exceptions.last }

    /// The stack that tells most: of the exception raised last that has one, else the report's own.
    ///
    /// Newest frame last.
    package var crashStack: [Frame] { exceptions.last { !$0.frames.isEmpty }?.frames ?? frames }

    /// Where it broke: the newest frame of the application's own code, else the newest one.
    package var crashFrame: Frame? {
        let stack = crashStack
        return stack.last { $0.inApp == true } ?? stack.last { $0.inApp == nil && !$0.isInLibrary } ?? stack.last
    }

    /// The stack trace that came as text, of the newest exception that has one.
    package var stacktraceText: String? { exceptions.last { $0.stacktraceText != nil }?.stacktraceText }

    /// The route, view or task, else where it broke.
    package var culprit: String? {
        if let transaction { return transaction }
        guard let frame = crashFrame else { return nil }
        let location = Frame(filename: frame.module ?? frame.filename, function: frame.function).location
        return location.isEmpty ? nil : location
    }

    /// Whom it hit: `Kim (42, kim@example.com)`; `nil` when the report does not say.
    package var who: String? {
        guard let user else { return nil }
        let known = [user.name, user.email, user.id].compactMap(\.self)
        guard let first = known.first else { return user.ip }
        // Name, then id, then e-mail: as one reads it out.
        let rest = [user.id, user.email].compactMap(\.self).filter { $0 != first }
        return rest.isEmpty ? first : "\(first) (\(rest.joined(separator: ", ")))"
    }

    /// Where it happened: `POST /v1/orders`, else the transaction; `nil` when the report does not say.
    package var `where`: String? {
        guard let place = request?.path ?? request?.url ?? transaction else { return request?.method }
        guard let method = request?.method else { return place }
        return "\(method) \(place)"
    }

    /// What happened, on one line: `IntegrityError: duplicate key`, else the message.
    ///
    /// Never empty.
    package var what: String { what { $0.firstLines(1) } }

    /// As ``what``, with every line of it.
    package var wholeWhat: String { what { String(Substring($0).trimmed) } }

    private func what(_ shorten: (String) -> String) -> String {
        let type = exception.flatMap { $0.synthetic ? crashFrame?.function ?? $0.type : $0.type }
        let value = (exception?.value ?? message).map(shorten)?.ifNotBlank
        switch (type, value) {
        case (let type?, let value?): return "\(type): \(value)"
        case (let type?, nil): return type
        case (nil, let value?): return value
        case (nil, nil): return transaction ?? logger ?? "an error without a message"
        }
    }
}
