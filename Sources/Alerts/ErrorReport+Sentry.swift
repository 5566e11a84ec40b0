// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension ErrorReport {
    /// What of a Sentry event is never read, and is most of it: local variables, the lines around a call, breadcrumbs.
    ///
    /// For `JSONValue(lenientlyParsing:omitting:)`.
    package static let unreadOfSentryEvent = JSONOmissions(
        ofDocument: [
            "breadcrumbs", "sentry.interfaces.Breadcrumbs", "extra", "modules", "sdk", "_meta", "debug_meta", "spans",
            "measurements", "_metrics_summary",
        ],
        below: [
            "frames": ["vars", "pre_context", "post_context"],
            // A stack that is a list itself.
            "stacktrace": ["vars", "pre_context", "post_context"],
            "request": ["data", "cookies"],
            "sentry.interfaces.Http": ["data", "cookies"],
        ])

    /// Reads an event as Sentry's SDKs send it, in all the shapes that they and their ancestors use.
    ///
    /// Lenient on purpose: whatever does not fit is left out, because a refused event is a lost one.
    /// - Parameter envelopeID: the id in the envelope's header, which wins over the event's own.
    /// - Parameter makeEventID: called when neither brings an id.
    /// - Throws: when it is no JSON object.
    package init(
        sentryEvent body: JSONValue, envelopeID: String? = nil, makeEventID: () -> String
    ) throws(InvalidReport) {
        guard let event = body.object else { throw InvalidReport("must be a JSON object") }
        func name(_ key: String) -> String? {
            event[key]?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name)
        }
        self.init(
            eventID: (envelopeID ?? event["event_id"]?.string).flatMap(EventID.normalised)
                ?? event["event_id"]?.string.flatMap(EventID.normalised) ?? makeEventID())
        level = SentryEvent.level(event["level"])
        (message, messageTemplate) = SentryEvent.message(event)
        exceptions = SentryEvent.exceptions(event)
        if exceptions.isEmpty { frames = SentryEvent.looseFrames(event) }
        tags = SentryEvent.tags(event["tags"])
        request = SentryEvent.request(event["request"] ?? event["sentry.interfaces.Http"])
        user = SentryEvent.user(event["user"] ?? event["sentry.interfaces.User"], request: event["request"])
        fingerprint = SentryEvent.fingerprint(event["fingerprint"])
        let contexts = event["contexts"]
        status =
            [contexts?["response"]?["status_code"]?.looseInt, tags["http.status_code"].flatMap { Int($0) }]
            .lazy.compactMap(\.self).first { (100...599).contains($0) }
        code = tags["code"] ?? tags["error_code"]
        traceID = contexts?["trace"]?["trace_id"]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.name)
        occurredAt = event["timestamp"].flatMap(ReportTime.milliseconds)
        transaction = name("transaction") ?? name("culprit")
        service = tags["service"]
        // Sentry's own default for events that name none.
        environment = name("environment") ?? tags["environment"] ?? "production"
        release = name("release") ?? tags["release"]
        serverName = name("server_name") ?? tags["server_name"]
        platform = name("platform")
        logger = name("logger")
    }
}

/// The parts of a Sentry event.
private enum SentryEvent {
    static func level(_ value: JSONValue?) -> ErrorLevel {
        if let name = value?.string { return ErrorLevel(named: name) ?? .error }
        return value?.int.map { ErrorLevel(pythonLevel: $0) } ?? .error
    }

    // MARK: Message

    /// The finished message and, when the SDK sent it apart, its template.
    static func message(_ event: JSONObject) -> (String?, String?) {
        let entry = event["logentry"] ?? event["sentry.interfaces.Message"] ?? event["message"]
        guard let entry, !entry.isNull else { return (nil, nil) }
        guard let members = entry.object else { return (entry.scalarText?.ifNotBlank?.kept(ReportLimits.message), nil) }
        let template = (members["message"]?.string ?? members["template"]?.string)?.ifNotBlank
        let finished =
            members["formatted"]?.string?.ifNotBlank
            ?? template.map { fill($0, with: members["params"]) }
            ?? event["message"]?.string?.ifNotBlank
        return (
            finished?.kept(ReportLimits.message),
            template == finished ? nil : template?.kept(ReportLimits.message)
        )
    }

    /// Puts parameters for `%s`, `%(name)s`, `{}`, `{0}` and `{name}`.
    static func fill(_ template: String, with parameters: JSONValue?) -> String {
        guard let parameters, template.utf8.count <= ReportLimits.message else { return template }
        var positional = (parameters.array ?? []).makeIterator()
        func named(_ name: Substring) -> JSONValue? {
            if let elements = parameters.array {
                guard let place = Int(name), elements.indices.contains(place) else { return nil }
                return elements[place]
            }
            return parameters[String(name)]
        }
        var output = ""
        var rest = template[...]
        while let sign = rest.unicodeScalars.first {
            var parameter: JSONValue?
            var after = rest.dropFirst()
            if sign == "%", let next = after.first {
                if next == "%" {
                    output += "%"
                    rest = after.dropFirst()
                    continue
                }
                if next == "(", let close = after.prefix(64).firstIndex(of: ")") {
                    parameter = named(after[after.index(after: after.startIndex)..<close])
                    after = after[after.index(after: close)...].dropFirst()
                } else if next.isASCII, next.isLetter {
                    parameter = positional.next()
                    after = after.dropFirst()
                }
            } else if sign == "{", let close = after.prefix(64).firstIndex(of: "}") {
                let name = after[..<close]
                parameter = name.isEmpty ? positional.next() : named(name)
                after = after[after.index(after: close)...]
            }
            if let parameter {
                output += (parameter.scalarText ?? parameter.text).kept(ReportLimits.tagValue)
                rest = after
            } else {
                output.append(rest.removeFirst())
            }
        }
        return output
    }

    // MARK: Exceptions and stacks

    static func exceptions(_ event: JSONObject) -> [ErrorReport.Exception] {
        let value = event["exception"] ?? event["sentry.interfaces.Exception"]
        var exceptions = values(value).keptAtBothEnds(ReportLimits.exceptions).compactMap(exception)
        // An old place for the stack of the only exception.
        if let last = exceptions.indices.last, exceptions.allSatisfy(\.frames.isEmpty) {
            exceptions[last].frames = frames(event["stacktrace"] ?? event["sentry.interfaces.Stacktrace"])
            if exceptions[last].frames.isEmpty { exceptions[last].frames = threadFrames(event["threads"]) }
        }
        return exceptions
    }

    /// A list that is written `{"values": […]}`, as itself, or as its only element.
    static func values(_ value: JSONValue?) -> [JSONObject] {
        switch value {
        case .array(let elements): elements.compactMap(\.object)
        case .object(let object): object["values"].map { values($0) } ?? [object]
        default: []
        }
    }

    static func exception(_ object: JSONObject) -> ErrorReport.Exception? {
        let mechanism = object["mechanism"]
        let exception = ErrorReport.Exception(
            type: object["type"]?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name),
            value: object["value"].flatMap { $0.isNull ? nil : $0.scalarText ?? $0.text }?
                .ifNotBlank?.kept(ReportLimits.message),
            module: object["module"]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.name),
            handled: mechanism?["handled"]?.bool, synthetic: mechanism?["synthetic"]?.bool ?? false,
            frames: frames(object["stacktrace"] ?? object["raw_stacktrace"]),
            stacktraceText: object["stacktrace"]?.string?.ifNotBlank?.keptAtBothEnds(ReportLimits.stacktraceText))
        let saysNothing = exception.type == nil && exception.value == nil && exception.frames.isEmpty
        return saysNothing && exception.stacktraceText == nil ? nil : exception
    }

    static func frames(_ stacktrace: JSONValue?) -> [ErrorReport.Frame] {
        let list = stacktrace?["frames"]?.array ?? stacktrace?.array ?? []
        return list.keptAtBothEnds(ReportLimits.frames).compactMap { $0.object.map(ErrorReport.Frame.init(loose:)) }
    }

    /// The stack of an event that has no exception.
    static func looseFrames(_ event: JSONObject) -> [ErrorReport.Frame] {
        let own = frames(event["stacktrace"] ?? event["sentry.interfaces.Stacktrace"])
        return own.isEmpty ? threadFrames(event["threads"]) : own
    }

    static func threadFrames(_ threads: JSONValue?) -> [ErrorReport.Frame] {
        let threads = values(threads)
        let thread =
            threads.first { $0["crashed"]?.bool == true } ?? threads.first { $0["current"]?.bool == true }
            ?? threads.first
        return frames(thread?["stacktrace"])
    }

    // MARK: Who and where

    /// A map, or a list of pairs: `[["k", "v"]]`, `[{"key": "k", "value": "v"}]`.
    static func pairs(_ value: JSONValue?) -> [(String, JSONValue)] {
        switch value {
        case .object(let members): members.map { ($0.key, $0.value) }
        case .array(let elements):
            elements.compactMap { element in
                if let pair = element.array, pair.count == 2, let key = pair[0].scalarText { return (key, pair[1]) }
                if let key = element["key"]?.scalarText, let value = element["value"] { return (key, value) }
                return nil
            }
        default: []
        }
    }

    static func tags(_ value: JSONValue?) -> [String: String] {
        var tags: [String: String] = [:]
        for (key, value) in pairs(value) {
            guard tags.count < ReportLimits.tags else { break }
            guard let text = value.scalarText, let key = key.ifNotBlank else { continue }
            tags[key.keptOnOneLine(ReportLimits.tagKey)] = text.keptOnOneLine(ReportLimits.tagValue)
        }
        return tags
    }

    static func request(_ value: JSONValue?) -> ErrorReport.Request? {
        guard let members = value?.object else { return nil }
        func text(_ key: String) -> String? {
            members[key]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.address)
        }
        let headers = pairs(members["headers"])
        let id = headers.first { ["x-request-id", "x-correlation-id"].contains($0.0.lowercased()) }?.1
        var request = ErrorReport.Request(
            method: text("method")?.uppercased().keptOnOneLine(ReportLimits.name),
            query: query(members["query_string"]), url: text("url") ?? text("path"),
            // PHP sends every header as a list.
            id: (id?.scalarText ?? id?.array?.first?.scalarText)?.keptOnOneLine(ReportLimits.name))
        request.completeFromURL()
        return request.isEmpty ? nil : request
    }

    static func query(_ value: JSONValue?) -> String? {
        let text: String
        if let written = value?.string {
            text = written.hasPrefix("?") ? String(written.dropFirst()) : written
        } else {
            text = pairs(value).map { key, value in
                let values = value.array?.compactMap(\.scalarText) ?? [value.scalarText ?? ""]
                return values.map { "\(key)=\($0)" }.joined(separator: "&")
            }.joined(separator: "&")
        }
        return text.ifNotBlank?.keptOnOneLine(ReportLimits.address)
    }

    static func user(_ value: JSONValue?, request: JSONValue?) -> ErrorReport.User? {
        func text(_ keys: String...) -> String? {
            for key in keys {
                if let text = value?[key]?.scalarText?.ifNotBlank { return text.keptOnOneLine(ReportLimits.name) }
            }
            return nil
        }
        // "{{auto}}" asks the server for the address that it saw.
        var ip = text("ip_address", "ip")
        if ip?.hasPrefix("{{") ?? true {
            ip = request?["env"]?["REMOTE_ADDR"]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.name)
        }
        let user = ErrorReport.User(id: text("id"), name: text("name", "username"), email: text("email"), ip: ip)
        return user.isEmpty ? nil : user
    }

    static func fingerprint(_ value: JSONValue?) -> [String] {
        let parts = value?.array ?? value.map { [$0] } ?? []
        return parts.compactMap { $0.scalarText?.kept(ReportLimits.tagValue) }
            .prefix(ReportLimits.fingerprintParts).map(\.self)
    }
}
