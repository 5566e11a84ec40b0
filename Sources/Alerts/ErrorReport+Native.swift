// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension ErrorReport {
    /// Reads the body of `POST /errors`.
    ///
    /// Only `message` or `exception` is required. A field of the wrong type is a problem, `null` is an absent field, an
    /// unknown field is ignored, and what is too long is cut.
    /// - Parameter makeEventID: called when the report brings no `event_id`; 32 lower-case hex digits.
    /// - Throws: all problems at once.
    package init(native body: JSONValue, makeEventID: () -> String) throws(InvalidReport) {
        guard let object = body.object else { throw InvalidReport("must be a JSON object") }
        var reader = NativeReader()
        let message = reader.text(object, "message", limit: ReportLimits.message)
        let exceptions = reader.exceptions(object)
        let eventID = reader.eventID(object)
        let level = reader.level(object)
        self.init(
            eventID: eventID ?? makeEventID(), level: level, message: message,
            service: reader.name(object, "service"), environment: reader.name(object, "environment"),
            release: reader.name(object, "release"), code: reader.scalar(object, "code"),
            status: reader.status(object), exceptions: exceptions, request: reader.request(object),
            user: reader.user(object), fingerprint: reader.fingerprint(object), tags: reader.tags(object),
            occurredAt: reader.time(object), transaction: reader.extra(object, "transaction"),
            serverName: reader.extra(object, "server_name"), platform: reader.extra(object, "platform"),
            logger: reader.extra(object, "logger"), traceID: reader.extra(object, "trace_id"))
        if message == nil, exceptions.isEmpty, reader.problems.isEmpty {
            reader.problem("", "must have a \"message\" or an \"exception\"")
        }
        guard reader.problems.isEmpty else { throw InvalidReport(reader.problems) }
    }
}

/// Reads members and collects what is wrong with them.
private struct NativeReader {
    private(set) var problems: [InvalidReport.Problem] = []

    /// As many as help; a body can be made to hold a hundred thousand.
    private static let mostProblems = 50

    mutating func problem(_ pointer: String, _ message: String) {
        guard problems.count < Self.mostProblems else { return }
        problems.append(.init(pointer: pointer, message: message))
    }

    private func member(_ object: JSONObject, _ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// - Returns: `nil` when it is absent, blank or a problem.
    mutating func text(_ object: JSONObject, _ key: String, below base: String = "", limit: Int) -> String? {
        guard let value = member(object, key) else { return nil }
        guard let text = value.string else {
            problem("\(base)/\(key)", "must be a string")
            return nil
        }
        return text.ifNotBlank?.kept(limit)
    }

    mutating func name(_ object: JSONObject, _ key: String, below base: String = "") -> String? {
        text(object, key, below: base, limit: ReportLimits.name)?.keptOnOneLine(ReportLimits.name)
    }

    mutating func scalar(
        _ object: JSONObject, _ key: String, below base: String = "", limit: Int = ReportLimits.name
    ) -> String? {
        guard let value = member(object, key) else { return nil }
        guard let text = value.scalarText else {
            problem("\(base)/\(key)", "must be a string or a number")
            return nil
        }
        return text.ifNotBlank?.keptOnOneLine(limit)
    }

    /// A field beyond the documented ones: used when it fits, never a problem.
    func extra(_ object: JSONObject, _ key: String) -> String? {
        object[key]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.name)
    }

    mutating func eventID(_ object: JSONObject) -> String? {
        guard let value = member(object, "event_id") else { return nil }
        guard let id = value.string.flatMap(EventID.normalised) else {
            problem("/event_id", "must be 32 hex digits or a UUID")
            return nil
        }
        return id
    }

    mutating func level(_ object: JSONObject) -> ErrorLevel {
        guard let value = member(object, "level") else { return .error }
        guard let level = value.string.flatMap(ErrorLevel.init(named:)) else {
            problem("/level", "must be one of fatal, error, warning, info, debug")
            return .error
        }
        return level
    }

    mutating func status(_ object: JSONObject) -> Int? {
        guard let value = member(object, "status") else { return nil }
        guard let status = value.int, (100...599).contains(status) else {
            problem("/status", "must be an HTTP status: a whole number from 100 to 599")
            return nil
        }
        return status
    }

    mutating func time(_ object: JSONObject) -> Int64? {
        guard let value = member(object, "occurred_at") else { return nil }
        guard let time = ReportTime.milliseconds(value) else {
            problem("/occurred_at", "must be an RFC 3339 time or seconds since 1970")
            return nil
        }
        return time
    }

    mutating func exceptions(_ object: JSONObject) -> [ErrorReport.Exception] {
        switch member(object, "exception") {
        case nil: return []
        case .object(let exception): return readException(exception, "/exception").map { [$0] } ?? []
        case .array(let chain):
            var exceptions: [ErrorReport.Exception] = []
            for (place, element) in chain.enumerated() where !element.isNull {
                guard let object = element.object else {
                    problem("/exception/\(place)", "must be an object")
                    continue
                }
                if let exception = readException(object, "/exception/\(place)") { exceptions.append(exception) }
            }
            return exceptions.keptAtBothEnds(ReportLimits.exceptions)
        default:
            problem("/exception", "must be an object, or a list of objects with the root cause first")
            return []
        }
    }

    private mutating func readException(_ object: JSONObject, _ base: String) -> ErrorReport.Exception? {
        let before = problems.count
        var exception = ErrorReport.Exception(
            type: name(object, "type", below: base),
            value: text(object, "value", below: base, limit: ReportLimits.message),
            module: name(object, "module", below: base))
        if let handled = member(object, "handled") {
            exception.handled = handled.bool
            if handled.bool == nil { problem("\(base)/handled", "must be true or false") }
        }
        stack(object, base, into: &exception)
        guard exception.type != nil || exception.value != nil else {
            if problems.count == before { problem(base, "must have a \"type\" or a \"value\"") }
            return nil
        }
        return exception
    }

    private mutating func stack(_ object: JSONObject, _ base: String, into exception: inout ErrorReport.Exception) {
        switch member(object, "stacktrace") {
        case nil: return
        case .string(let text): exception.stacktraceText = text.ifNotBlank?.keptAtBothEnds(ReportLimits.stacktraceText)
        case .array(let frames) where !frames.isEmpty && frames.allSatisfy({ $0.string != nil }):
            // Lines of text, as many languages give them.
            let lines = frames.compactMap(\.string)
            exception.stacktraceText = lines.joined(separator: "\n").keptAtBothEnds(ReportLimits.stacktraceText)
        case .array(let elements):
            var frames: [ErrorReport.Frame] = []
            for (place, element) in elements.enumerated() where !element.isNull {
                guard let frame = element.object else {
                    problem("\(base)/stacktrace/\(place)", "must be an object")
                    continue
                }
                frames.append(.init(loose: frame))
            }
            exception.frames = frames.keptAtBothEnds(ReportLimits.frames)
        default: problem("\(base)/stacktrace", "must be text, or a list of frames with the newest last")
        }
    }

    mutating func request(_ object: JSONObject) -> ErrorReport.Request? {
        guard let value = member(object, "request") else { return nil }
        guard let members = value.object else {
            problem("/request", "must be an object")
            return nil
        }
        let url = text(members, "url", below: "/request", limit: ReportLimits.address)
        var request = ErrorReport.Request(
            method: name(members, "method", below: "/request")?.uppercased(),
            path: text(members, "path", below: "/request", limit: ReportLimits.address)?
                .keptOnOneLine(ReportLimits.address),
            query: text(members, "query", below: "/request", limit: ReportLimits.address),
            url: url, id: scalar(members, "id", below: "/request"))
        request.completeFromURL()
        return request.isEmpty ? nil : request
    }

    mutating func user(_ object: JSONObject) -> ErrorReport.User? {
        guard let value = member(object, "user") else { return nil }
        guard let members = value.object else {
            problem("/user", "must be an object")
            return nil
        }
        let user = ErrorReport.User(
            id: scalar(members, "id", below: "/user"), name: name(members, "name", below: "/user"),
            email: name(members, "email", below: "/user"), ip: name(members, "ip", below: "/user"))
        return user.isEmpty ? nil : user
    }

    mutating func fingerprint(_ object: JSONObject) -> [String] {
        guard let value = member(object, "fingerprint") else { return [] }
        guard let elements = value.array else {
            problem("/fingerprint", "must be a list of strings")
            return []
        }
        var parts: [String] = []
        for (place, element) in elements.enumerated() {
            guard let text = element.scalarText else {
                problem("/fingerprint/\(place)", "must be a string")
                continue
            }
            if parts.count < ReportLimits.fingerprintParts { parts.append(text.kept(ReportLimits.tagValue)) }
        }
        return parts
    }

    mutating func tags(_ object: JSONObject) -> [String: String] {
        guard let value = member(object, "tags") else { return [:] }
        guard let members = value.object else {
            problem("/tags", "must be an object of strings")
            return [:]
        }
        var tags: [String: String] = [:]
        for (key, value) in members where !value.isNull {
            guard let text = value.scalarText else {
                problem("/tags/\(Self.escaped(key))", "must be a string, a number or a boolean")
                continue
            }
            guard tags.count < ReportLimits.tags else { continue }
            tags[key.keptOnOneLine(ReportLimits.tagKey)] = text.keptOnOneLine(ReportLimits.tagValue)
        }
        return tags
    }

    /// A member's name as a step of a JSON pointer.
    private static func escaped(_ key: String) -> String {
        var step = ""
        for scalar in key.kept(ReportLimits.tagKey).unicodeScalars {
            switch scalar {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(scalar)
            }
        }
        return step
    }
}

extension ErrorReport.Frame {
    /// Reads a frame in the words that SDKs use; what does not fit is left out.
    init(loose frame: JSONObject) {
        func name(_ keys: String...) -> String? {
            for key in keys {
                if let text = frame[key]?.scalarText?.ifNotBlank { return text.keptOnOneLine(ReportLimits.name) }
            }
            return nil
        }
        self.init(
            filename: name("filename", "file", "abs_path"), function: name("function", "method", "name"),
            module: name("module", "package"),
            line: (frame["lineno"] ?? frame["line"] ?? frame["line_number"])?.looseInt,
            inApp: frame["in_app"]?.bool,
            source: (frame["context_line"] ?? frame["code"])?.string?.ifNotBlank?
                .keptOnOneLine(ReportLimits.sourceLine))
    }
}

extension JSONValue {
    /// A whole number, also one that was written as text.
    var looseInt: Int? { int ?? string.flatMap { Int($0) } }
}

extension ErrorReport.Request {
    /// Fills in path and query from the URL when the sender gave only that, and takes the query out of the URL.
    mutating func completeFromURL() {
        guard let whole = url else { return }
        let beforeFragment = whole.prefix { $0 != "#" }
        let base = beforeFragment.prefix { $0 != "?" }
        if query == nil, base.endIndex < beforeFragment.endIndex {
            query = String(beforeFragment[beforeFragment.index(after: base.endIndex)...]).ifNotBlank
        }
        url = String(base)
        guard path == nil else { return }
        if base.hasPrefix("/") {
            path = String(base)
        } else if let scheme = base.utf8.firstIndex(of: UInt8(ascii: ":")), base[scheme...].hasPrefix("://") {
            let authority = base[scheme...].dropFirst(3)
            path = authority.firstIndex(of: "/").map { String(authority[$0...]) } ?? "/"
        }
    }
}
