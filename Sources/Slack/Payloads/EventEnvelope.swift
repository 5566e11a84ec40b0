// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The outer wrapper of an Events API delivery (docs.slack.dev, "Events API").
package struct EventEnvelope: Sendable {
    /// Globally unique; the same in every retry.
    package let eventID: String
    package let teamID: String
    package let appID: String?
    /// Type of the inner event, such as `team_join`.
    package let type: String
    package let event: JSONValue

    init(_ value: JSONValue) throws(UnreadableDelivery) {
        guard let eventID = value["event_id"]?.string, !eventID.isEmpty else {
            throw UnreadableDelivery("event_id is missing")
        }
        guard let event = value["event"], let type = event["type"]?.string else {
            throw UnreadableDelivery("event.type is missing")
        }
        self.eventID = eventID
        self.event = event
        self.type = type
        // In a shared channel the outer team may be a foreign one; the context names the workspace of our installation.
        teamID = value["context_team_id"]?.string ?? value["team_id"]?.string ?? ""
        appID = value["api_app_id"]?.string
    }
}
