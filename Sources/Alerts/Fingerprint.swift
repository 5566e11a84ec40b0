// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// What makes two reports the same error: they are folded into one alert group of their source.
///
/// The sender's own grouping comes first, then the application's part of the stack, then the exception's type with the
/// pattern of its message. Service and environment belong to it, so that an error of production never hides in a group
/// that was opened, and perhaps muted, for staging. The version is part of the text: a group that an older version
/// made is kept and never matched by accident.
package struct Fingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The algorithm in use.
    package static let version = "v1"

    /// `v1:` and 64 hex digits.
    package let description: String

    /// Reads a stored fingerprint; of whatever version.
    package init(stored text: String) { description = text }

    /// - Throws: ``SigningError/openSSL`` when libcrypto cannot hash.
    package init(of report: ErrorReport) throws(SigningError) {
        var content: [UInt8] = []
        content.reserveCapacity(1024)
        for part in Self.parts(of: report) {
            // The length in front keeps ["ab", "c"] and ["a", "bc"] apart.
            content += String(part.utf8.count).utf8
            content.append(UInt8(ascii: ":"))
            content += part.utf8
        }
        description = "\(Self.version):\(Hex.encode(try SHA256.digest(content)))"
    }

    package init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    // MARK: Parts

    private static func parts(of report: ErrorReport) -> [String] {
        let ours = ourParts(of: report)
        // Asking for nothing but the default is the default.
        if report.fingerprint.allSatisfy(isDefault) { return ours }
        return ["own"] + report.fingerprint.flatMap { isDefault($0) ? ours : [$0] }
    }

    /// `{{ default }}`, with or without its blanks.
    private static func isDefault(_ part: String) -> Bool {
        guard part.hasPrefix("{{"), part.hasSuffix("}}"), part.utf8.count < 32 else { return false }
        return part.dropFirst(2).dropLast(2).trimmed == "default"
    }

    private static func ourParts(of report: ErrorReport) -> [String] {
        let place = [
            "service", report.service ?? "", "environment", report.environment ?? "", "code", report.code ?? "",
        ]
        let stacks = report.exceptions.map { ($0, ownFrames($0.frames)) }
        if stacks.contains(where: { !$0.1.isEmpty }) {
            return place + stacks.flatMap { exception, frames in ["exception", exception.type ?? ""] + lines(frames) }
        }
        if report.exceptions.isEmpty {
            let frames = ownFrames(report.frames)
            if !frames.isEmpty { return place + ["stack"] + lines(frames) }
        }
        let text = report.exception?.value ?? report.messageTemplate ?? report.message ?? report.transaction ?? ""
        let pattern = MessagePattern(text.firstLines(2)).description
        let status = report.status.map(String.init) ?? ""
        return place + ["status", status, "type", report.exception?.type ?? "", "message", pattern]
    }

    /// The application's own calls; all of them when the sender makes no difference.
    private static func ownFrames(_ frames: [ErrorReport.Frame]) -> [ErrorReport.Frame] {
        let own = frames.filter { $0.inApp == true }
        if !own.isEmpty { return own }
        return frames.allSatisfy { $0.inApp == nil } ? frames : []
    }

    /// What survives an edit above the line and a new release: no line numbers, no versions, no hashes.
    ///
    /// A call that repeats counts once, or every depth of a recursion would be its own error.
    private static func lines(_ frames: [ErrorReport.Frame]) -> [String] {
        var lines: [String] = []
        for frame in frames {
            let file = frame.module ?? frame.filename ?? ""
            let call = frame.function ?? frame.source ?? ""
            let line = MessagePattern(file).description + " in " + MessagePattern(call).description
            if lines.last != line { lines.append(line) }
        }
        return lines
    }
}
