// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Hummingbird
import JSON
import Time

extension ErrorRoutes {
    /// `POST /webhooks/alertmanager`: Alertmanager's notification and Grafana's.
    ///
    /// Any 4xx ends the sender's tries for good: whatever of it can be read is taken.
    func alertmanager(_ request: Request) async throws -> EdgeAnswer {
        guard let source = bearer(request.headers) else { return .unauthorized }
        return try await reading(request, from: source, Self.notification, as: "alertmanager") { body in
            let now = clock.now()
            let id = try makeEventID()
            let notification: AlertmanagerNotification
            do {
                notification = try AlertmanagerNotification(try JSONValue(lenientlyParsing: body), makeEventID: { id })
            } catch let error as InvalidReport {
                await refused(source, "alertmanager")
                return .unreadable(error)
            } catch let error as JSONError {
                await refused(source, "alertmanager")
                return .unreadable(error)
            }
            var delivery = ErrorDelivery(source: source)
            delivery.refused = notification.unreadable
            if notification.truncated > 0 { delivery.losses = ["truncated": notification.truncated] }
            for alert in notification.alerts {
                delivery.reports.append(
                    try intake.prepare(
                        alert.report, from: source, lifecycle: alert.lifecycle, endedAt: alert.endedAt, now: now))
            }
            guard let receipts = await record(delivery, as: "alertmanager", now: now) else { return .notStored }
            return .json(.ok, ["alerts": JSONValue(notification.alerts.count)]).to(receipts)
        }
    }

    /// A notification of some hundred alerts.
    private static let notification = BodyLimit(sent: 4 << 20)
}
