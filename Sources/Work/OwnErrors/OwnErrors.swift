// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
package import Logging
import ServiceLifecycle
package import Store
import Synchronization
package import Time

/// Brings what slack-im itself gave up to the operators' channel, by the way that every application's errors take.
///
/// Whatever is logged as an error is noted by ``watching(_:)``. Three things end here, so that it never feeds itself:
/// what is about speaking in Slack (``OwnError/concernsSpeaking``, and whoever speaks there logs by a logger that is not
/// watched); what goes wrong while an own error is recorded; and what cannot be stored, which waits, folded and bounded,
/// until the store commits again.
package final class OwnErrors: Sendable {
    /// What became of an own error.
    package enum Outcome: String, Sendable {
        case recorded
        /// It is about speaking in Slack.
        case withheld
        /// It could not be recorded before the process ended, or not at all.
        case dropped
    }

    /// Different errors that wait at the same time; of others only the number is kept.
    package static let limit = 100

    private struct Pile {
        /// In the order of their first.
        var noted: [(error: OwnError, times: Int)] = []
        var further = 0
    }

    private let store: any Store
    private let intake: ErrorIntake
    private let release: String
    private let clock: WallClock
    private let observe: @Sendable (Outcome, Int) -> Void
    /// Never a watched one.
    private let logger: Logger
    private let pile = Mutex(Pile())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameter release: The version of slack-im.
    package init(
        store: any Store, intake: ErrorIntake, release: String, clock: WallClock,
        observe: @escaping @Sendable (Outcome, Int) -> Void = { _, _ in }, logger: Logger
    ) {
        self.store = store
        self.intake = intake
        self.release = release
        self.clock = clock
        self.observe = observe
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The same logger, and what it says as an error is noted.
    package func watching(_ logger: Logger) -> Logger {
        Logger(label: logger.label) { _ in OwnErrorLogHandler(logger.handler, self) }
    }

    /// Notes an error; costs its caller nothing, wherever that is.
    package func note(_ error: OwnError) {
        guard !error.concernsSpeaking else { return observe(.withheld, 1) }
        pile.withLock { pile in
            if let place = pile.noted.firstIndex(where: { $0.error.identity == error.identity }) {
                pile.noted[place].times += 1
            } else if pile.noted.count < Self.limit {
                pile.noted.append((error, 1))
            } else {
                pile.further += 1
            }
        }
        wake.yield()
    }

    private func takePile() -> [(error: OwnError, times: Int)] {
        let taken = pile.withLock { pile in
            defer { pile = Pile() }
            return pile
        }
        guard taken.further > 0 else { return taken.noted }
        return taken.noted + [(OwnError(message: "further errors of other kinds, which the log tells"), taken.further)]
    }
}

extension OwnErrors: Service {
    private static let slowestRetry = Duration.seconds(60)

    package func run() async throws {
        // Started first and stopped last: what goes wrong while the others stop is recorded, too.
        await withGracefulShutdownHandler {
            for await _ in wakes {
                await record()
                if Task.isShuttingDownGracefully { return }
            }
        } onGracefulShutdown: { [wake] in
            wake.yield()
        }
    }

    /// Records everything that was noted, however long the store takes.
    private func record() async {
        let now = clock.now()
        let prepared = takePile().compactMap { error, times -> (report: ErrorIntake.Prepared, times: Int)? in
            do {
                return try intake.prepare(error, release: release, now: now).map { ($0, times) }
            } catch {
                drop(times, error)
                return nil
            }
        }
        guard !prepared.isEmpty else { return }
        let times = prepared.reduce(0) { $0 + $1.times }
        var wait = Duration.seconds(1)
        while true {
            do {
                let now = clock.now()
                try await store.transaction(.work) { [intake] tx in
                    for (report, times) in prepared { try intake.record(report, times: times, in: tx, now: now) }
                }
                return observe(.recorded, times)
            } catch let error as StoreError
                where error.code != .closed && !Task.isCancelled && !Task.isShuttingDownGracefully
            {
                logger.warning("errors of our own wait for the store", metadata: ["error": "\(error)"])
                let pause = wait
                try? await cancelWhenGracefulShutdown { [clock] in try await clock.sleep(pause) }
                wait = min(wait * 2, Self.slowestRetry)
            } catch {
                return drop(times, error)
            }
        }
    }

    private func drop(_ times: Int, _ error: any Error) {
        observe(.dropped, times)
        logger.error(
            "errors of our own are in this log only", metadata: ["number": "\(times)", "error": "\(error)"])
    }
}
