// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Bot
import Hummingbird
package import JSON
import Time

extension ErrorRoutes {
    /// `POST /errors`: 202 with the report's id once it is durable.
    func native(_ request: Request) async throws -> EdgeAnswer {
        guard let source = bearer(request.headers) else { return .unauthorized }
        return try await reading(request, from: source, BodyLimit(sent: Self.report), as: "errors") { body in
            do {
                guard let taken = try await take(try JSONValue(parsing: body), from: source) else { return .notStored }
                return .json(.accepted, ["id": .string(taken.receipt.eventID)]).to([taken.receipt])
            } catch let error as InvalidReport {
                await refused(source, "errors")
                return .unreadable(error)
            } catch let error as JSONError {
                await refused(source, "errors")
                return .unreadable(error)
            }
        }
    }

    /// Takes in one report, whoever brings it.
    /// - Returns: `nil` when it could not be stored.
    /// - Throws: `InvalidReport` when it is none, `SigningError`.
    package func take(
        _ body: JSONValue, from source: AlertSource
    ) async throws -> (prepared: ErrorIntake.Prepared, receipt: ErrorIntake.Receipt)? {
        let now = clock.now()
        let id = try makeEventID()
        let report = try ErrorReport(native: body, makeEventID: { id })
        let prepared = try intake.prepare(report, from: source, now: now)
        var delivery = ErrorDelivery(source: source)
        delivery.reports = [prepared]
        guard let receipt = await record(delivery, as: "errors", now: now)?.first else { return nil }
        return (prepared, receipt)
    }
}
