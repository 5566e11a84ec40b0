// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Templates
import Time

/// The first line of an alert as a source words it: a template over the report.
package struct AlertTitle: Sendable, Hashable {
    /// Names that a title may not use.
    package struct UnknownNames: Error, Hashable, Sendable, CustomStringConvertible {
        /// In alphabetical order, never empty.
        package let names: [String]

        package var description: String {
            let unknown = names.map { "\"\($0)\"" }.joined(separator: ", ")
            return "unknown template name \(unknown); known are \(AlertTitle.names.sorted().joined(separator: ", "))"
        }
    }

    /// What ``template`` may ask for, besides `tags.NAME`.
    package static let names: Set<String> = [
        "code", "status", "level", "service", "environment", "release", "message", "source", "what", "who", "where",
        "transaction", "server_name", "logger", "platform", "event_id", "culprit", "exception.type", "exception.value",
        "user.id", "user.name", "user.email", "user.ip", "request.method", "request.path", "request.query",
        "request.url",
        "request.id", "occurred_at", "trace_id",
    ]

    /// What a source without a title says: the error itself.
    package static let standard = AlertTitle(unchecked: "{{what}}")

    package let template: Template?

    /// - Throws: ``UnknownNames``.
    package init(_ template: Template) throws(UnknownNames) {
        let unknown = template.names.subtracting(Self.names).filter { !$0.hasPrefix("tags.") }
        guard unknown.isEmpty else { throw UnknownNames(names: unknown.sorted()) }
        self.template = template
    }

    private init(unchecked source: String) { template = try? Template(source) }

    /// The same words for every report; without a `{{`.
    package init(fixed words: String) { self.init(unchecked: words) }

    /// The title of a report on one line; never empty.
    ///
    /// `{{code}}` is the application's code, and of a report that brings none its status or the type of its exception,
    /// so that a title which is built around the code never has a hole.
    /// - Parameter foreign: What is done with each text of the report that is put into it.
    package func text(
        for report: ErrorReport, source: String, foreign: (String) -> String = { $0 }
    ) -> String {
        let text = template?.text { JSONValue(Self.value($0, report, source).map(foreign)) } ?? ""
        return text.ifNotBlank?.keptOnOneLine(ReportLimits.message) ?? foreign(report.what)
    }

    private static func value(_ name: String, _ report: ErrorReport, _ source: String) -> String? {
        switch name {
        case "code":
            report.code ?? report.status.map(String.init) ?? report.exception?.type ?? report.level.rawValue
        case "status": report.status.map(String.init)
        case "level": report.level.rawValue
        case "service": report.service ?? source
        case "environment": report.environment
        case "release": report.release
        case "message": report.message ?? report.exception?.value
        case "source": source
        case "what": report.what
        case "who": report.who
        case "where": report.where
        case "transaction": report.transaction
        case "server_name": report.serverName
        case "logger": report.logger
        case "platform": report.platform
        case "event_id": report.eventID
        case "culprit": report.culprit
        case "exception.type": report.exception?.type
        case "exception.value": report.exception?.value
        case "user.id": report.user?.id
        case "user.name": report.user?.name
        case "user.email": report.user?.email
        case "user.ip": report.user?.ip
        case "request.method": report.request?.method
        case "request.path": report.request?.path
        case "request.query": report.request?.query
        case "request.url": report.request?.url
        case "request.id": report.request?.id
        case "occurred_at": report.occurredAt.map { Timestamp(milliseconds: $0).description }
        case "trace_id": report.traceID
        case _ where name.hasPrefix("tags."): report.tags[String(name.dropFirst(5))]
        default: nil
        }
    }
}
