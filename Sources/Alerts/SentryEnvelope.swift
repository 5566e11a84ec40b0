// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The body of `POST /api/{project}/envelope/`: a header line, then items of a header line and a payload each.
///
/// A line ends with LF; a carriage return belongs to the payload. Items of unknown types are carried like any other.
/// Total and linear: what could be read before a defect is kept, because the event mostly comes first.
package struct SentryEnvelope: Sendable {
    /// One item.
    package struct Item: Sendable {
        /// `event`, `session`, `client_report` …; empty when the header names none.
        package let type: String
        package let headers: JSONObject
        /// A part of the envelope's own bytes.
        package let payload: ArraySlice<UInt8>

        /// What to do with it.
        package var kind: Kind { Kind(rawValue: type) ?? .ignored }
    }

    /// The items that mean something to us.
    package enum Kind: String, Sendable {
        case event
        /// What the SDK itself threw away, see ``ClientReport``.
        case clientReport = "client_report"
        /// What a user says, see ``SentryFeedback``.
        case feedback
        /// The same as older SDKs send it.
        case userReport = "user_report"
        /// How a cron job went, see ``SentryCheckIn``.
        case checkIn = "check_in"
        /// Sessions, transactions, replays, attachments and whatever comes next: accepted and dropped.
        case ignored
    }

    /// What is wrong with an envelope.
    package enum Defect: String, Error, Sendable {
        case header = "alerts.envelope_header"
        case itemHeader = "alerts.envelope_item_header"
        case itemLength = "alerts.envelope_item_length"
        case tooManyItems = "alerts.envelope_too_many_items"
    }

    package let headers: JSONObject
    package let items: [Item]
    /// Why reading stopped before the end; the items are those before it.
    package let defect: Defect?

    /// Bytes of a header line that are read.
    package static let headerLimit = 8192
    /// SDKs send at most a handful.
    package static let itemLimit = 500
    /// The value of `X-Sentry-Rate-Limits` on every 200: asks SDKs for an hour not to send what would be dropped, and
    /// keeps errors coming.
    ///
    /// Whole seconds only: the Python SDK ignores fractions.
    package static let rateLimits =
        "3600:transaction;span;session;profile;profile_chunk;replay;log_item;trace_metric;attachment:organization"

    /// The event's id by the envelope's header, normalised.
    package var eventID: String? { headers["event_id"]?.string.flatMap(EventID.normalised) }

    /// The DSN by which an envelope says on its own where it belongs.
    package var dsn: String? { headers["dsn"]?.string }

    /// The first event.
    ///
    /// One more in the same envelope is against the protocol and not read.
    package var event: Item? { items.first { $0.kind == .event } }

    /// - Throws: ``Defect/header`` when the first line is no JSON object; later defects are in ``defect``.
    package init(parsing bytes: [UInt8]) throws(Defect) {
        var position = 0
        guard let headers = Self.header(bytes, &position) else { throw .header }
        var items: [Item] = []
        var defect: Defect?
        while position < bytes.count {
            // Some SDKs end with more than one line feed.
            if bytes[position] == UInt8(ascii: "\n") {
                position += 1
                continue
            }
            guard items.count < Self.itemLimit else {
                defect = .tooManyItems
                break
            }
            guard let header = Self.header(bytes, &position) else {
                defect = .itemHeader
                break
            }
            guard let payload = Self.payload(bytes, &position, length: header["length"]?.int) else {
                defect = .itemLength
                break
            }
            items.append(Item(type: header["type"]?.string ?? "", headers: header, payload: payload))
        }
        self.headers = headers
        self.items = items
        self.defect = defect
    }

    /// Reads one line as a JSON object and goes behind its line feed.
    private static func header(_ bytes: [UInt8], _ position: inout Int) -> JSONObject? {
        let end = lineEnd(bytes, from: position)
        guard end - position <= headerLimit,
            let value = try? JSONValue(parsing: Array(bytes[position..<end])), let object = value.object
        else { return nil }
        position = min(end + 1, bytes.count)
        return object
    }

    /// Without a length a payload goes to the end of its line.
    private static func payload(_ bytes: [UInt8], _ position: inout Int, length: Int?) -> ArraySlice<UInt8>? {
        let start = position
        let end: Int
        if let length {
            guard length >= 0, length <= bytes.count - start else { return nil }
            end = start + length
            guard end == bytes.count || bytes[end] == UInt8(ascii: "\n") else { return nil }
        } else {
            end = lineEnd(bytes, from: start)
        }
        position = min(end + 1, bytes.count)
        return bytes[start..<end]
    }

    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    }
}
