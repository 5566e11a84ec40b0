// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a user says about the application, mostly after an error (develop.sentry.dev, "Feedbacks", "User Report").
package struct SentryFeedback: Sendable, Hashable {
    /// Its own id, normalised; older SDKs send none.
    package let id: String?
    /// The event that it is about, normalised.
    package let event: String?
    package let message: String
    package let name: String?
    package let email: String?
    package let url: String?
    package let environment: String?
    package let release: String?

    /// Reads a `feedback` item: an event with a context of its own.
    /// - Returns: `nil` when it says nothing.
    package init?(feedback event: JSONValue) {
        let context = event["contexts"]?["feedback"]
        guard let message = context?["message"]?.string?.ifNotBlank else { return nil }
        func line(_ value: JSONValue?) -> String? { value?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name) }
        id = event["event_id"]?.string.flatMap(EventID.normalised)
        self.event = context?["associated_event_id"]?.string.flatMap(EventID.normalised)
        self.message = message.kept(ReportLimits.message)
        name = line(context?["name"]) ?? line(event["user"]?["name"]) ?? line(event["user"]?["username"])
        email = line(context?["contact_email"]) ?? line(event["user"]?["email"])
        url = context?["url"]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.address)
        environment = line(event["environment"])
        release = line(event["release"])
    }

    /// Reads a `user_report` item.
    /// - Returns: `nil` when it says nothing.
    package init?(userReport body: JSONValue) {
        guard let message = body["comments"]?.string?.ifNotBlank else { return nil }
        func line(_ key: String) -> String? { body[key]?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name) }
        id = nil
        event = body["event_id"]?.string.flatMap(EventID.normalised)
        self.message = message.kept(ReportLimits.message)
        name = line("name")
        email = line("email")
        url = nil
        environment = nil
        release = nil
    }

    /// The report of it.
    /// - Parameters:
    ///   - eventID: 32 lower-case hex digits.
    ///   - kind: what it is called, in the reader's language.
    package func report(eventID: String, kind: String) -> ErrorReport {
        var request = ErrorReport.Request(url: url)
        request.completeFromURL()
        return ErrorReport(
            eventID: eventID,
            level: .info,
            message: message,
            environment: environment ?? "production",
            release: release,
            exceptions: [.init(type: kind, value: message)],
            request: url == nil ? nil : request,
            user: name == nil && email == nil ? nil : .init(name: name, email: email),
            fingerprint: ["feedback", event ?? eventID]
        )
    }
}
