// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Takes secrets out of reports before they are stored, even when the sender promised to have done so.
///
/// Under a name that stands for a secret the whole value goes; inside sentences, addresses and stack traces only the
/// part that is one. What goes is replaced by ``placeholder``; scrubbing twice changes nothing. Linear in the size of
/// the text, whatever it holds.
package struct Scrubber: Sendable, Hashable {
    /// What stands where a secret stood.
    package static let placeholder = "[Filtered]"

    let names: SensitiveNames

    /// - Parameter additionalNames: further names of fields that a source holds to be secret, in any style of writing.
    package init(additionalNames: [String] = []) {
        names = SensitiveNames(additional: additionalNames)
    }

    /// Whether a field of this name holds a secret.
    package func isSensitive(name: String) -> Bool { names.weight(name) != .none }

    // MARK: Reports

    /// The report without secrets.
    package func scrub(_ report: ErrorReport) -> ErrorReport {
        var report = report
        scrub(&report.message)
        scrub(&report.messageTemplate)
        scrub(&report.code)
        scrub(&report.transaction)
        // Names hold no secrets, but nobody keeps a sender from putting one there.
        scrub(&report.service)
        scrub(&report.environment)
        scrub(&report.release)
        scrub(&report.serverName)
        scrub(&report.platform)
        scrub(&report.logger)
        scrub(&report.traceID)
        for place in report.exceptions.indices {
            scrub(&report.exceptions[place].type)
            scrub(&report.exceptions[place].module)
            scrub(&report.exceptions[place].value)
            scrub(&report.exceptions[place].stacktraceText)
            scrub(&report.exceptions[place].frames)
        }
        scrub(&report.frames)
        if var request = report.request {
            scrub(&request.method)
            scrub(&request.id)
            scrub(&request.path)
            request.query = request.query.map(scrub(query:))
            request.url = request.url.map(scrub(url:))
            report.request = request
        }
        scrub(&report.user)
        for place in report.fingerprint.indices { report.fingerprint[place] = scrub(report.fingerprint[place]) }
        for (key, value) in report.tags {
            let name = scrub(key)
            if name != key { report.tags[key] = nil }
            report.tags[name] = isSensitive(name: key) ? Self.placeholder : scrub(value)
        }
        for place in report.links.indices {
            report.links[place].title = scrub(report.links[place].title)
            report.links[place].url = scrub(url: report.links[place].url)
        }
        return report
    }

    private func scrub(_ text: inout String?) {
        guard let old = text else { return }
        text = scrub(old)
    }

    private func scrub(_ frames: inout [ErrorReport.Frame]) {
        for place in frames.indices {
            // The file may be an address, with a user and a password in it.
            frames[place].filename = frames[place].filename.map(scrub(url:))
            scrub(&frames[place].function)
            scrub(&frames[place].module)
            guard let source = frames[place].source else { continue }
            var scan = SecretScan(bytes: Array(source.utf8), names: names, isCode: true)
            if let scrubbed = scan.run() { frames[place].source = scrubbed }
        }
    }

    /// Who it hit is what a report is for; only a secret in the wrong place goes.
    private func scrub(_ user: inout ErrorReport.User?) {
        guard var person = user else { return }
        scrub(&person.id)
        scrub(&person.name)
        scrub(&person.email)
        scrub(&person.ip)
        user = person
    }

    // MARK: JSON

    /// The document without secrets, its shape kept: also in lists of pairs, headers, query strings and local
    /// variables.
    package func scrub(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let text): return .string(scrub(text))
        case .array(let elements):
            // A pair, as headers and query strings are often written.
            if elements.count == 2, let name = elements[0].string, isSensitive(name: name) {
                return [.string(name), hidden(elements[1])]
            }
            return .array(elements.map { scrub($0) })
        case .object(let members):
            let name = members["key"]?.string ?? members["name"]?.string
            let isPair = name.map(isSensitive(name:)) ?? false
            var scrubbed = JSONObject()
            for (key, value) in members {
                scrubbed[key] = scrub(value, key: key, isValueOfPair: isPair && key == "value")
            }
            return .object(scrubbed)
        }
    }

    private func scrub(_ value: JSONValue, key: String, isValueOfPair: Bool) -> JSONValue {
        if isValueOfPair || isSensitive(name: key) { return hidden(value) }
        guard let text = value.string else { return scrub(value) }
        switch key {
        case "query_string", "query": return .string(scrub(query: text))
        case "url": return .string(scrub(url: text))
        default: return .string(scrub(text))
        }
    }

    /// Nothing and yes-or-no are no secrets and tell a reader something.
    private func hidden(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: value
        default: .string(Self.placeholder)
        }
    }

    // MARK: Addresses

    /// A query string or form, read parameter by parameter with percent signs decoded.
    package func scrub(query: String) -> String {
        let bytes = Array(query.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var start = 0
        while start <= bytes.count {
            let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") } ?? bytes.count
            scrub(parameter: bytes[start..<end], into: &output)
            if end < bytes.count { output.append(bytes[end]) }
            start = end + 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func scrub(parameter: ArraySlice<UInt8>, into output: inout [UInt8]) {
        guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else {
            let decoded = Self.percentDecoded(parameter)
            let text = String(decoding: decoded, as: UTF8.self)
            if scrub(text) == text { output += parameter } else { output += Self.placeholder.utf8 }
            return
        }
        output += parameter[...equals]
        let value = parameter[(equals + 1)...]
        guard !value.isEmpty else { return }
        if names.weight(Self.percentDecoded(parameter[..<equals])[...]) != .none {
            output += Self.placeholder.utf8
            return
        }
        let text = String(decoding: Self.percentDecoded(value), as: UTF8.self)
        if scrub(text) == text { output += value } else { output += Self.placeholder.utf8 }
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            if byte == UInt8(ascii: "%"), position + 2 < bytes.endIndex, let high = hexValue(bytes[position + 1]),
                let low = hexValue(bytes[position + 2])
            {
                output.append(high << 4 | low)
                position += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                position += 1
            }
        }
        return output
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        guard byte.isHexDigit else { return nil }
        return byte.isDigit ? byte - 0x30 : byte.lowercased - 0x61 + 10
    }

    /// An address: its credentials, and its query and fragment parameter by parameter.
    package func scrub(url: String) -> String {
        // By bytes: with an accent behind it, a sign is no character of its own.
        guard let mark = url.utf8.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
            return scrub(url)
        }
        let rest = url[url.utf8.index(after: mark)...]
        let base = scrub(String(url[..<mark])) + String(Unicode.Scalar(url.utf8[mark]))
        guard let hash = rest.utf8.firstIndex(of: UInt8(ascii: "#")) else { return base + scrub(query: String(rest)) }
        let fragment = String(rest[rest.utf8.index(after: hash)...])
        return base + scrub(query: String(rest[..<hash])) + "#" + scrub(query: fragment)
    }

    // MARK: Text

    /// A sentence, a stack trace, a line of code: only what is a secret goes.
    package func scrub(_ text: String) -> String {
        var scan = SecretScan(bytes: Array(text.utf8), names: names)
        return scan.run() ?? text
    }
}
