// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
import Signing

/// A webhook notification of Prometheus Alertmanager (version 4), or of Grafana, which adds links to it.
package struct AlertmanagerNotification: Sendable {
    /// One alert of the notification.
    package struct Alert: Sendable, Hashable {
        package let lifecycle: AlertLifecycle
        /// The alert as a report.
        ///
        /// Its event id is derived from the alert's fingerprint, start and state, so that an alert that is sent again
        /// because it still fires, or because an answer got lost, counts once.
        package let report: ErrorReport
        /// When the condition ended by the sender's clock: milliseconds since 1970; `nil` while it holds.
        package let endedAt: Int64?
    }

    package let alerts: [Alert]
    /// Elements that are no alerts; the others count all the same, because nobody sends a notification again that was
    /// answered with 4xx.
    package let unreadable: Int
    /// Alerts that Alertmanager left out of the notification.
    package let truncated: Int

    /// Labels that a report shows as something else than a tag.
    private static let meantLabels: Set<String> = [
        "alertname", "instance", "job", "service", "severity", "priority", "environment", "env",
    ]

    /// The labels that tell one alert from another of its name, in order, such as `mountpoint`; none of another report.
    package static func labels(of report: ErrorReport) -> [(name: String, value: String)] {
        guard report.logger == logger else { return [] }
        return report.tags.filter { !meantLabels.contains($0.key) }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
    }

    private static let logger = "alertmanager"

    /// Alerts of one notification that are read.
    package static let alertLimit = 500

    /// - Parameter makeEventID: called only when libcrypto cannot hash.
    /// - Throws: when there is nothing but problems: all of them at once.
    package init(_ body: JSONValue, makeEventID: () -> String) throws(InvalidReport) {
        guard let object = body.object else { throw InvalidReport("must be a JSON object") }
        guard let elements = object["alerts"]?.array else {
            throw InvalidReport("must be a list of alerts", at: "/alerts")
        }
        var problems: [InvalidReport.Problem] = []
        var alerts: [Alert] = []
        for (place, element) in elements.prefix(Self.alertLimit).enumerated() {
            guard let alert = element.object else {
                problems.append(.init(pointer: "/alerts/\(place)", message: "must be an object"))
                continue
            }
            let status = (alert["status"] ?? object["status"])?.string?.lowercased()
            guard let lifecycle = AlertLifecycle(rawValue: status ?? "firing") else {
                let message = "must be \"firing\" or \"resolved\""
                problems.append(.init(pointer: "/alerts/\(place)/status", message: message))
                continue
            }
            let report = Self.report(alert, lifecycle, common: object, makeEventID: makeEventID)
            let end = lifecycle == .resolved ? alert["endsAt"]?.string.flatMap(ReportTime.milliseconds) : nil
            alerts.append(Alert(lifecycle: lifecycle, report: report, endedAt: end))
        }
        guard problems.isEmpty || !alerts.isEmpty else { throw InvalidReport(problems) }
        self.alerts = alerts
        unreadable = problems.count
        let cut = max(0, object["truncatedAlerts"]?.looseInt ?? 0)
        truncated = cut.addingSaturated(max(0, elements.count - Self.alertLimit))
    }

    private static func report(
        _ alert: JSONObject, _ lifecycle: AlertLifecycle, common: JSONObject, makeEventID: () -> String
    ) -> ErrorReport {
        let labels = texts(alert["labels"] ?? common["commonLabels"], limit: ReportLimits.tagValue)
        let annotations = texts(alert["annotations"] ?? common["commonAnnotations"], limit: ReportLimits.message)
        let name = labels["alertname"]
        let texts = ["summary", "description", "message"].compactMap { annotations[$0]?.ifNotBlank }
        let summary = texts.first
        let fingerprint =
            alert["fingerprint"]?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name)
            ?? labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        let start = alert["startsAt"]?.string ?? ""
        let identity = [fingerprint, start, lifecycle.rawValue].joined(separator: "\n")
        let digest = try? SHA256.digest(Array(identity.utf8))
        return ErrorReport(
            eventID: digest.map { Hex.encode($0.prefix(16)) } ?? makeEventID(),
            level: (labels["severity"] ?? labels["priority"]).flatMap(ErrorLevel.init(named:)) ?? .error,
            // What says more than the summary, which is the exception's; else that.
            message: (texts.dropFirst().first ?? summary ?? name ?? "an alert without a name").kept(
                ReportLimits.message),
            service: labels["service"] ?? labels["job"],
            environment: labels["environment"] ?? labels["env"],
            exceptions: name.map { [.init(type: $0, value: summary?.kept(ReportLimits.message))] } ?? [],
            fingerprint: ["alertmanager", fingerprint.kept(ReportLimits.message)], tags: labels,
            occurredAt: ReportTime.milliseconds(start), serverName: labels["instance"], logger: logger,
            links: links(alert, annotations: annotations))
    }

    private static func links(_ alert: JSONObject, annotations: [String: String]) -> [ErrorReport.Link] {
        let places: [(String, String?)] = [
            ("Runbook", annotations["runbook_url"]), ("Dashboard", alert["dashboardURL"]?.string),
            ("Panel", alert["panelURL"]?.string), ("Source", alert["generatorURL"]?.string),
            ("Silence", alert["silenceURL"]?.string),
        ]
        return places.compactMap { title, url in url.flatMap { ErrorReport.Link(title: title, url: $0) } }
    }

    private static func texts(_ value: JSONValue?, limit: Int) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in value?.object ?? [:] {
            guard texts.count < ReportLimits.tags, let text = value.scalarText else { continue }
            texts[key.keptOnOneLine(ReportLimits.tagKey)] = text.kept(limit)
        }
        return texts
    }
}

/// Whether a condition holds or is over.
package enum AlertLifecycle: String, Codable, Sendable, Hashable {
    case firing, resolved
}
