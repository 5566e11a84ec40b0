// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import UnixSignals

/// Ctrl-C, and a build server that stops its step: what runs is told, and may end properly.
enum Interruption {
    /// Runs the body; the first SIGINT or SIGTERM cancels it, a second one ends the process.
    ///
    /// - Parameter said: What to say when it is cancelled.
    static func cancelling<Result: Sendable>(
        _ said: String,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let work = Task { try await body() }
        let watch = Task {
            var count = 0
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                count += 1
                guard count == 1 else { Terminal.end(130) }
                Terminal.say(said)
                work.cancel()
            }
        }
        defer { watch.cancel() }
        return try await work.value
    }
}
