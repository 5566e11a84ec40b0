// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// What makes two reports the same error: they are folded into one alert group of their source.
///
/// The sender's own grouping comes first, then the application's part of the stack, then the exception's type with the
/// pattern of its message. Service and environment belong to it, so that an error of production never hides in a group
/// that was opened, and perhaps muted, for staging. The algorithm is part of the text, and older ones stay: a report
/// whose group was made by an older slack-im finds it by ``earlier(than:)``, so that an upgrade does not split history.
package struct Fingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The ways of grouping that there were, the oldest first.
    package enum Algorithm: String, Sendable, Hashable, CaseIterable, Comparable {
        case v1
        /// A cycle of calls counts once however often it went round, library code is told by where it lies when the
        /// sender does not say, and a type that an SDK made up does not count.
        case v2

        /// The one for new groups.
        package static let current = Algorithm.v2

        package static func < (left: Algorithm, right: Algorithm) -> Bool { left.rawValue < right.rawValue }
    }

    /// The algorithm's name, a colon and 64 hex digits.
    package let description: String

    /// Reads a stored fingerprint; of whatever version.
    package init(stored text: String) { description = text }

    /// - Throws: `SigningError` when libcrypto cannot hash.
    package init(of report: ErrorReport, by algorithm: Algorithm = .current) throws(SigningError) {
        description = "\(algorithm.rawValue):\(try Self.digest(Grouping(algorithm).parts(of: report)))"
    }

    /// That of a group which is about something else than one error, such as a person who is refused again and again.
    /// - Throws: `SigningError` when libcrypto cannot hash.
    package init(named name: String, _ parts: String...) throws(SigningError) {
        description = "\(name):\(try Self.digest(parts))"
    }

    /// Those that older versions gave the report, the newest first.
    /// - Throws: `SigningError` when libcrypto cannot hash.
    package static func earlier(of report: ErrorReport) throws(SigningError) -> [Fingerprint] {
        var earlier: [Fingerprint] = []
        for algorithm in Algorithm.allCases.reversed() where algorithm < .current {
            earlier.append(try Fingerprint(of: report, by: algorithm))
        }
        return earlier
    }

    private static func digest(_ parts: [String]) throws(SigningError) -> String {
        var content: [UInt8] = []
        content.reserveCapacity(1024)
        for part in parts {
            // The length in front keeps ["ab", "c"] and ["a", "bc"] apart.
            content += String(part.utf8.count).utf8
            content.append(UInt8(ascii: ":"))
            content += part.utf8
        }
        return Hex.encode(try SHA256.digest(content))
    }

    package init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What of a report goes into its fingerprint.
///
/// What an algorithm gives for a report never changes: a better way is a new algorithm.
private struct Grouping {
    let algorithm: Fingerprint.Algorithm

    init(_ algorithm: Fingerprint.Algorithm) { self.algorithm = algorithm }

    private var isFirst: Bool { algorithm == .v1 }

    func parts(of report: ErrorReport) -> [String] {
        let ours = ourParts(of: report)
        // Asking for nothing but the default is the default.
        if report.fingerprint.allSatisfy(isDefault) { return ours }
        return ["own"] + report.fingerprint.flatMap { isDefault($0) ? ours : [$0] }
    }

    /// `{{ default }}`, with or without its blanks.
    private func isDefault(_ part: String) -> Bool {
        guard part.hasPrefix("{{"), part.hasSuffix("}}"), part.utf8.count < 32 else { return false }
        return part.dropFirst(2).dropLast(2).trimmed == "default"
    }

    private func ourParts(of report: ErrorReport) -> [String] {
        let place = [
            "service", report.service ?? "", "environment", report.environment ?? "", "code", report.code ?? "",
        ]
        let stacks = report.exceptions.map { ($0, ownFrames($0.frames)) }
        if stacks.contains(where: { !$0.1.isEmpty }) {
            return place + stacks.flatMap { exception, frames in ["exception", type(exception)] + lines(frames) }
        }
        if report.exceptions.isEmpty {
            let frames = ownFrames(report.frames)
            if !frames.isEmpty { return place + ["stack"] + lines(frames) }
        }
        let text = report.exception?.value ?? report.messageTemplate ?? report.message ?? report.transaction ?? ""
        let pattern = MessagePattern(text.firstLines(2)).description
        let status = report.status.map(String.init) ?? ""
        return place + ["status", status, "type", report.exception.map(type) ?? "", "message", pattern]
    }

    private func type(_ exception: ErrorReport.Exception) -> String {
        !isFirst && exception.synthetic ? "" : exception.type ?? ""
    }

    /// The application's own calls; all of them when there is no telling.
    private func ownFrames(_ frames: [ErrorReport.Frame]) -> [ErrorReport.Frame] {
        let own = frames.filter { $0.inApp == true }
        if !own.isEmpty { return own }
        guard frames.allSatisfy({ $0.inApp == nil }) else { return [] }
        if isFirst { return frames }
        let outsideLibraries = frames.filter { !$0.isInLibrary }
        return outsideLibraries.isEmpty ? frames : outsideLibraries
    }

    /// What survives an edit above the line and a new release: no line numbers, no versions, no hashes.
    ///
    /// A call that repeats counts once, or every depth of a recursion would be its own error.
    private func lines(_ frames: [ErrorReport.Frame]) -> [String] {
        var lines: [String] = []
        for frame in frames {
            let file = frame.module ?? frame.filename ?? ""
            let call = frame.function ?? frame.source ?? ""
            let line = MessagePattern(file).description + " in " + MessagePattern(call).description
            if isFirst ? lines.last != line : !lines.contains(line) { lines.append(line) }
        }
        return lines
    }
}

extension ErrorReport.Frame {
    /// Whether the file lies where package managers and languages put code that is not the application's.
    package var isInLibrary: Bool {
        guard let filename else { return false }
        return Self.libraryPlaces.contains { filename.contains($0) }
    }

    private static let libraryPlaces = [
        "site-packages/", "dist-packages/", "node_modules/", "/lib/python", "<frozen ", "node:internal", "/vendor/",
        "/gems/", "/usr/lib/", "/usr/local/lib/", "/rustc/", "/.cargo/", "/go/pkg/mod/", "/usr/local/go/",
    ]
}
