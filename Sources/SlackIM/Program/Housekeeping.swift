// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import Time

/// Forgets what retention no longer asks for, in small pieces, so that nobody waits for it.
struct Housekeeping: Service {
    let store: any Store
    let retention: RetentionConfiguration
    let clock: WallClock
    let logger: Logger

    /// Slack repeats a delayed event for a day, and a report's id counts once for 25 hours: both are remembered longer.
    ///
    /// Finished jobs and messages that were said are of no use after it.
    private static let shortestMemory = Duration.seconds(25 * 3600 + 600)
    private static let interval = Duration.seconds(3600)
    private static let piece = 500

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sweep()
                try? await clock.sleep(Self.interval)
            }
            try? await gracefulShutdown()
        }
    }

    private func sweep() async {
        let now = clock.now()
        let events = now - max(retention.events, Self.shortestMemory)
        let (runs, alerts) = (now - retention.runs, now - retention.alerts)
        let yesterday = now - Self.shortestMemory
        let prunes: [@Sendable (any StoreTransaction) throws -> Int] = [
            { try $0.pruneDeliveries(before: events, limit: Self.piece) },
            { try $0.pruneErrorEvents(before: yesterday, limit: Self.piece) },
            { try $0.pruneJobs(before: yesterday, limit: Self.piece) },
            { try $0.pruneOutbox(before: events, limit: Self.piece) },
            { try $0.pruneSaidOutbox(before: yesterday, limit: Self.piece) },
            { try $0.pruneRuns(before: runs, limit: Self.piece) },
            { try $0.pruneAlertSamples(before: alerts, limit: Self.piece) },
            { try $0.pruneAlertGroups(before: alerts, limit: Self.piece) },
            { try $0.pruneStorms(before: alerts, limit: Self.piece) },
            { try $0.prunePullRequests(before: alerts, limit: Self.piece) },
        ]
        for prune in prunes {
            do {
                while try await store.transaction(.work, prune) == Self.piece { try Task.checkCancellation() }
            } catch is CancellationError {
                return
            } catch {
                logger.error("old rows could not be removed", metadata: ["error": "\(error)"])
            }
        }
    }
}
