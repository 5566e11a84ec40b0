// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How bad an error is, in Sentry's words; ordered from ``debug`` to ``fatal``.
package enum ErrorLevel: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case debug, info, warning, error, fatal

    /// Reads the names that loggers use, in any case: `warn`, `critical`, `ERR`, `notice` and others.
    /// - Returns: `nil` for a word that is no level.
    package init?(named name: String) {
        switch name.lowercased() {
        case "debug", "trace", "verbose", "fine", "sample": self = .debug
        case "info", "information", "informational", "notice", "log", "none": self = .info
        case "warning", "warn": self = .warning
        case "error", "err", "severe", "exception": self = .error
        case "fatal", "critical", "crit", "emergency", "emerg", "alert", "panic", "page": self = .fatal
        default: return nil
        }
    }

    /// Reads a number as Python's `logging` counts: 10 is debug, 50 is critical.
    init(pythonLevel number: Int) {
        switch number {
        case ..<20: self = .debug
        case ..<30: self = .info
        case ..<40: self = .warning
        case ..<50: self = .error
        default: self = .fatal
        }
    }

    package static func < (left: ErrorLevel, right: ErrorLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        case .fatal: 4
        }
    }
}
