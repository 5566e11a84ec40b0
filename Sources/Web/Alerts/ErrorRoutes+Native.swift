// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Hummingbird
import JSON
import Time

extension ErrorRoutes {
    /// `POST /errors`: 202 with the report's id once it is durable.
    func native(_ request: Request) async throws -> EdgeAnswer {
        guard let source = bearer(request.headers) else { return .unauthorized }
        return try await reading(request, from: source, BodyLimit(sent: Self.report), as: "errors") { body in
            let now = clock.now()
            let id = try makeEventID()
            let report: ErrorReport
            do {
                report = try ErrorReport(native: try JSONValue(parsing: body), makeEventID: { id })
            } catch let error as InvalidReport {
                await refused(source, "errors")
                return .unreadable(error)
            } catch let error as JSONError {
                await refused(source, "errors")
                return .unreadable(error)
            }
            var delivery = ErrorDelivery(source: source)
            delivery.reports = [try intake.prepare(report, from: source, now: now)]
            guard let receipts = await record(delivery, as: "errors", now: now) else { return .notStored }
            return .json(.accepted, ["id": JSONValue(receipts.first?.eventID)]).to(receipts)
        }
    }
}
