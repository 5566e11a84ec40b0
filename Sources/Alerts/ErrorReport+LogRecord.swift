// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension ErrorReport {
    /// Reads a record as Python's `logging.handlers.HTTPHandler` posts it: the record's attributes as a form.
    ///
    /// The message comes as a template with its arguments beside it as Python prints them, and an exception without its
    /// stack; a handler of one's own that sends JSON says more.
    /// - Throws: when there is no `msg`.
    package init(logRecord fields: [String: String], makeEventID: () -> String) throws(InvalidReport) {
        func text(_ name: String) -> String? {
            guard let value = fields[name]?.ifNotBlank, value != "None" else { return nil }
            return value
        }
        guard let template = text("msg") else { throw InvalidReport("must have a field \"payload\", or \"msg\"") }
        let arguments = text("args").flatMap { $0 == "()" ? nil : $0 }
        let frame = Frame(
            filename: (text("pathname") ?? text("filename"))?.keptOnOneLine(ReportLimits.address),
            function: text("funcName")?.keptOnOneLine(ReportLimits.name),
            module: text("module")?.keptOnOneLine(ReportLimits.name), line: text("lineno").flatMap { Int($0) })
        self.init(
            eventID: makeEventID(),
            level: text("levelname").flatMap(ErrorLevel.init(named:))
                ?? text("levelno").flatMap { Int($0) }.map { ErrorLevel(pythonLevel: $0) } ?? .error,
            message: (template + (arguments.map { " \($0)" } ?? "")).kept(ReportLimits.message),
            messageTemplate: arguments == nil ? nil : template.kept(ReportLimits.message),
            exceptions: Self.exception(text("exc_info"), trace: text("exc_text")),
            frames: [frame],
            logger: text("name")?.keptOnOneLine(ReportLimits.name))
        if let created = text("created").flatMap({ Double($0) }), created > 0, created < 1e11 {
            occurredAt = Int64(created * 1000)
        }
    }

    /// `(<class 'app.Bad'>, Bad('no'), <traceback object at 0x…>)`.
    private static func exception(_ info: String?, trace: String?) -> [Exception] {
        guard let info else { return [] }
        let parts = info.dropFirst().split(separator: ", ", maxSplits: 1, omittingEmptySubsequences: false)
        var type = parts.first.map(String.init) ?? ""
        if type.hasPrefix("<class '"), type.hasSuffix("'>") { type = String(type.dropFirst(8).dropLast(2)) }
        var value = parts.count > 1 ? String(parts[1]) : info
        if let end = value.range(ofLast: ", <traceback") { value = String(value[..<end]) }
        return [
            Exception(
                type: type.ifNotBlank?.keptOnOneLine(ReportLimits.name), value: value.kept(ReportLimits.message),
                stacktraceText: trace?.keptAtBothEnds(ReportLimits.stacktraceText))
        ]
    }
}

extension String {
    /// Where the last occurrence of an ASCII text begins.
    fileprivate func range(ofLast wanted: String) -> Index? {
        let pattern = Array(wanted.utf8)
        return utf8.indices.reversed().first { utf8[$0...].starts(with: pattern) }
    }
}
