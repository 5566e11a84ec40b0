// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What Slack sends to a request URL, read after its signature was verified.
package enum SlackDelivery: Sendable {
    case command(SlashCommand)
    case event(EventEnvelope)
    case interaction(Interaction)
    /// Slack asks whether the URL is ours; answered with the challenge.
    case urlVerification(challenge: String)
    /// Slack holds back events: more than 30,000 in an hour.
    case rateLimited(teamID: String?)
    /// Slack checks the certificate.
    case sslCheck
    /// Signed and well formed, of a kind we have no use for.
    case other(type: String)

    /// Reads a body by its shape: JSON for events, form for commands and interactions, on whichever route it came, as
    /// Bolt's single endpoint does.
    /// - Throws: ``UnreadableDelivery``.
    package init(body: [UInt8]) throws(UnreadableDelivery) {
        let first = body.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        if first == UInt8(ascii: "{") {
            self = try Self.json(body)
        } else {
            self = try Self.form(body)
        }
    }

    private static func json(_ body: [UInt8]) throws(UnreadableDelivery) -> SlackDelivery {
        let value: JSONValue
        do { value = try JSONValue(parsing: body) } catch { throw UnreadableDelivery("\(error)") }
        guard let type = value["type"]?.string else { throw UnreadableDelivery("the JSON has no type") }
        switch type {
        case "url_verification":
            guard let challenge = value["challenge"]?.string else { throw UnreadableDelivery("no challenge") }
            return .urlVerification(challenge: challenge)
        case "event_callback":
            return .event(try EventEnvelope(value))
        case "app_rate_limited":
            return .rateLimited(teamID: value["team_id"]?.string)
        default:
            return .other(type: type)
        }
    }

    private static func form(_ body: [UInt8]) throws(UnreadableDelivery) -> SlackDelivery {
        guard let fields = FormFields(body) else { throw UnreadableDelivery("too many form fields") }
        if let payload = fields.first("payload") {
            do {
                return .interaction(try Interaction(try JSONValue(parsing: payload)))
            } catch let error as UnreadableDelivery {
                throw error
            } catch {
                throw UnreadableDelivery("\(error)")
            }
        }
        if let command = fields.first("command") { return .command(try SlashCommand(command, fields)) }
        if fields.first("ssl_check") == "1" { return .sslCheck }
        throw UnreadableDelivery("neither a command nor a payload")
    }

    /// Whether an unsigned body is Slack's certificate check: a form with exactly one `ssl_check=1` and neither
    /// `command` nor `payload`.
    ///
    /// It is answered 200 and does nothing; anything more must be signed.
    package static func isUnsignedSSLCheck(_ body: [UInt8]) -> Bool {
        guard body.count <= 1024, let fields = FormFields(body) else { return false }
        let checks = fields.filter { $0.name == "ssl_check" }
        return checks.count == 1 && checks[0].value == "1"
            && !fields.contains { $0.name == "command" || $0.name == "payload" }
    }
}

/// A delivery that was signed but cannot be read (HTTP 400).
package struct UnreadableDelivery: Error, Sendable, CustomStringConvertible {
    /// Safe to show: where, never what.
    package let description: String
    init(_ description: String) { self.description = description }
}
