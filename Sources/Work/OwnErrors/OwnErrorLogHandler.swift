// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Logging

/// Writes to the log as another handler does, and notes what slack-im gave up.
struct OwnErrorLogHandler: LogHandler {
    private var base: any LogHandler
    private let errors: OwnErrors

    init(_ base: any LogHandler, _ errors: OwnErrors) {
        self.base = base
        self.errors = errors
    }

    /// Errors come here also when the log is quieter.
    var logLevel: Logger.Level {
        get { min(base.logLevel, .error) }
        set { base.logLevel = newValue }
    }
    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }
    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        if event.level >= base.logLevel { base.log(event: event) }
        guard event.level >= .error else { return }
        errors.note(
            OwnError(
                isFatal: event.level >= .critical,
                message: event.message.description,
                facts: base.metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" },
                file: event.file,
                line: Int(clamping: event.line),
                function: event.function
            )
        )
    }
}
