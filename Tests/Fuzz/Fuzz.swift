// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Compression
import GitHub
import JSON
import Signing
import Slack

@testable import StoreSQLite

/// What libFuzzer calls with bytes of its own making; `scripts/fuzz` builds and runs it.
///
/// The first byte says which reader the rest is for, so that one corpus serves them all. A trap, a hang, a broken promise
/// (scrubbing twice changes nothing, what was written reads as it was) is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start = unsafe start, count > 0 else { return 0 }
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let bytes = Array(input.dropFirst())
    switch Character(Unicode.Scalar(input[0])) {
    case "e": Reading.envelope(bytes)
    case "s": Reading.event(bytes)
    case "n": Reading.native(bytes)
    case "h": Reading.hook(bytes)
    case "f": Reading.form(bytes)
    case "a": Reading.alertmanager(bytes)
    case "g": Reading.github(bytes)
    case "d": Reading.slack(bytes)
    case "j": Reading.json(bytes)
    case "t": Reading.text(bytes)
    case "c": Reading.credentials(bytes)
    case "z": Reading.packed(bytes)
    case "i": Reading.intakeRow(bytes)
    case "m": Reading.memberRecord(bytes)
    default: return -1
    }
    return 0
}

/// The program's entry, by the name that the package manager gives to a main function: hands over to libFuzzer.
@_cdecl("slack_im_fuzz_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runDriver(&count, &arguments) { start, count in unsafe fuzz(start, count) }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// One way of reading foreign bytes each, as the routes go it.
private enum Reading {
    static let id = String(repeating: "0", count: 32)
    static let scrubber = Scrubber(additionalNames: ["customer_code"])

    /// Everything that happens to a report before it is stored.
    static func take(_ raw: ErrorReport) {
        let report = scrubber.scrub(raw)
        precondition(scrubber.scrub(report) == report, "scrubbing twice changes something")
        _ = try? Fingerprint(of: report)
        _ = (report.who, report.where, report.what, report.culprit, report.crashFrame, report.stacktraceText)
        _ = AlertTitle.standard.text(for: report, source: "fuzz")
        var group = AlertGroup(source: "fuzz", fingerprint: Fingerprint(stored: "v1:fuzz"), now: 0)
        _ = group.receive(report, now: 0)
        _ = group.receive(report, now: 1, isSample: false)
    }

    static func envelope(_ bytes: [UInt8]) {
        guard let envelope = try? SentryEnvelope(parsing: bytes) else { return }
        if let dsn = envelope.dsn {
            var credentials = SentryCredentials()
            credentials.take(dsn: dsn)
        }
        for item in envelope.items where item.kind == .clientReport {
            guard let body = try? JSONValue(lenientlyParsing: Array(item.payload)) else { continue }
            precondition(ClientReport(body).losses.values.allSatisfy { $0 > 0 }, "a loss of nothing")
        }
        if let event = envelope.event { self.event(Array(event.payload), envelopeID: envelope.eventID) }
    }

    static func event(_ bytes: [UInt8], envelopeID: String? = nil) {
        guard let body = try? JSONValue(lenientlyParsing: bytes) else { return }
        _ = scrubber.scrub(body)
        let short = try? JSONValue(lenientlyParsing: bytes, omitting: ErrorReport.unreadOfSentryEvent)
        guard let short else { preconditionFailure("what can be read whole cannot be read in part") }
        let report = try? ErrorReport(sentryEvent: body, envelopeID: envelopeID, makeEventID: { id })
        let same = try? ErrorReport(sentryEvent: short, envelopeID: envelopeID, makeEventID: { id })
        precondition(same == report, "something is read of what is left out")
        if let report { take(report) }
    }

    static func native(_ bytes: [UInt8]) {
        guard let body = try? JSONValue(parsing: bytes),
            let report = try? ErrorReport(native: body, makeEventID: { id })
        else { return }
        take(report)
    }

    static func hook(_ bytes: [UInt8]) {
        guard let body = try? JSONValue(lenientlyParsing: bytes),
            let report = try? ErrorReport(incomingWebhook: body, makeEventID: { id })
        else { return }
        take(report)
    }

    static func form(_ bytes: [UInt8]) {
        guard let fields = FormFields(bytes) else { return }
        if let payload = fields.last(where: { $0.name == "payload" }) { hook(Array(payload.value.utf8)) }
        let record = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
        if let report = try? ErrorReport(logRecord: record, makeEventID: { id }) { take(report) }
    }

    static func alertmanager(_ bytes: [UInt8]) {
        guard let body = try? JSONValue(lenientlyParsing: bytes),
            let notification = try? AlertmanagerNotification(body, makeEventID: { id })
        else { return }
        for alert in notification.alerts { take(alert.report) }
    }

    static func github(_ bytes: [UInt8]) {
        guard let body = try? JSONValue(lenientlyParsing: bytes) else { return }
        let scrubbed = scrubber.scrub(body)
        for event in ["push", "pull_request", "pull_request_review", "pull_request_review_comment", "issue_comment"] {
            guard case .pullRequest(let event) = GitHubDelivery(event: event, body: scrubbed) else { continue }
            guard var card = event.pullRequest.map({ PullRequestCard($0) }) else { continue }
            card.apply(event)
        }
        _ = GitHubSignature.tag(in: String(decoding: bytes, as: UTF8.self))
    }

    static func slack(_ bytes: [UInt8]) {
        _ = SlackDelivery.isUnsignedSSLCheck(bytes)
        _ = try? SlackDelivery(body: bytes)
    }

    static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        let again = try? JSONValue(parsing: value.bytes())
        precondition(again == value, "what was written does not read as it was")
    }

    /// Text that people read, on its way into a message.
    static func text(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let scrubbed = scrubber.scrub(text)
        precondition(scrubber.scrub(scrubbed) == scrubbed, "scrubbing a text twice changes something")
        let address = scrubber.scrub(url: text)
        precondition(scrubber.scrub(url: address) == address, "scrubbing an address twice changes something")
        for limit in [40, 150, 3000] {
            let markup: Mrkdwn = "*\(text)* \(code: text) \(block: text) \(link: text, text)"
            precondition(markup.rendered(limit: limit).utf16.count <= limit, "a text is longer than it may be")
        }
        _ = MessagePattern(text).description
    }

    static func credentials(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        var credentials = SentryCredentials()
        credentials.take(header: text, isOwnHeader: true)
        credentials.take(header: text, isOwnHeader: false)
        credentials.take(dsn: text)
        _ = try? ContentCoding.read([text])
        _ = EventID.normalised(text)
        _ = ReportTime.milliseconds(text)
    }

    static func packed(_ bytes: [UInt8]) {
        let limits = DecompressionLimits(bytes: 1 << 18, ratio: 100, free: 1 << 12)
        for coding in ContentCoding.allCases {
            guard let content = try? Decompressor.decompress(bytes, [coding], limits: limits) else { continue }
            precondition(content.count <= limits.bytes, "more came out than may")
        }
    }

    /// A row of the table `intake`, out of a database that may be damaged.
    static func intakeRow(_ bytes: [UInt8]) {
        guard let entries = try? IntakeRow.entries(bytes) else { return }
        var again: [UInt8] = []
        for entry in entries { IntakeRow.write(entry, to: &again) }
        precondition(again == bytes, "what was read is not written as it was")
    }

    static func memberRecord(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), let member = try? MemberRecord.read(text) else {
            return
        }
        let again = try? MemberRecord.read(MemberRecord.text(member))
        precondition(again == member, "what was written does not read as it was")
    }
}
