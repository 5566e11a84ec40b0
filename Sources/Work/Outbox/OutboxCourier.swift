// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
package import Logging
import ServiceLifecycle
package import Slack
package import Store
package import Time

/// Says in Slack what waits in the outbox: in order within a lane, one message a second and channel, until it is said.
///
/// A message is marked as sent after Slack took it, so a crash in between says it twice: at most one for each lane.
/// What Slack does not take now waits; what it does not take in this form or in this place is said in another.
package struct OutboxCourier: Service {
    let store: any Store
    let slack: any SlackWebAPI
    /// Where messages go whose channel cannot be reached.
    let notifyChannel: String?
    let connection: SlackConnection
    let texts: Texts
    let clock: WallClock
    let logger: Logger

    /// Slack's pace for one channel.
    package static let pace = Duration.seconds(1)
    /// Lanes that are served at the same time.
    private static let laneLimit = 16
    /// How long a message that is on its way may take once the process stops.
    private static let drain = Duration.seconds(5)

    package init(
        store: any Store,
        slack: any SlackWebAPI,
        notifyChannel: String?,
        connection: SlackConnection = SlackConnection(),
        language: Language = .english,
        clock: WallClock,
        logger: Logger
    ) {
        self.store = store
        self.slack = slack
        self.notifyChannel = notifyChannel
        self.connection = connection
        texts = Texts(language: language)
        self.clock = clock
        self.logger = logger
    }

    private enum Event: Sendable {
        case wake
        case laneFree(String, at: Timestamp)
        case stop
        case drainOver
    }

    package func run() async throws {
        let (events, emit) = AsyncStream.makeStream(of: Event.self)
        // Asked for before the first look: a message that comes between the two must not wait for another one.
        let changes = store.changes(of: .outbox)
        emit.yield(.wake)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in changes { emit.yield(.wake) }
                }
                await serve(events, emit)
                emit.finish()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            emit.yield(.stop)
        }
    }

    private func serve(_ events: AsyncStream<Event>, _ emit: AsyncStream<Event>.Continuation) async {
        var sending: [String: Task<Void, Never>] = [:]
        var busy: Set<String> { Set(sending.keys) }
        /// Lanes that have just spoken, and until when they keep quiet.
        var resting: [String: Timestamp] = [:]
        var isStopping = false
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }

        for await event in events {
            switch event {
            case .wake: break
            case .laneFree(let lane, let at):
                sending[lane] = nil
                resting[lane] = at
            case .stop:
                isStopping = true
                let sleep = clock.sleep
                Task {
                    try? await sleep(Self.drain)
                    emit.yield(.drainOver)
                }
            case .drainOver:
                // Still pending: the next process says it, perhaps for the second time.
                for task in sending.values { task.cancel() }
            }
            if isStopping {
                if sending.isEmpty { return }
                continue
            }
            let now = clock.now()
            resting = resting.filter { $0.value > now }
            let except = busy.union(resting.keys)
            do {
                let room = Self.laneLimit - busy.count
                let due =
                    room > 0 ? try await store.read { try $0.dueOutbox(now: now, except: except, limit: room) } : []
                for message in due {
                    sending[message.lane] = Task {
                        let rest = await send(message)
                        emit.yield(.laneFree(message.lane, at: clock.now() + rest))
                    }
                }
                alarm?.cancel()
                let quiet = busy
                let next = try await store.read { try $0.nextOutboxAt(except: quiet) }
                let times = ([next] + resting.values.map(Optional.some)).compactMap(\.self)
                if let soonest = times.filter({ $0 > now }).min() {
                    let sleep = clock.sleep
                    alarm = Task {
                        guard (try? await sleep(max(soonest - clock.now(), .milliseconds(5)))) != nil else { return }
                        emit.yield(.wake)
                    }
                }
            } catch {
                logger.error("the outbox cannot be read", metadata: ["error": "\(error)"])
                let sleep = clock.sleep
                alarm?.cancel()
                alarm = Task {
                    try? await sleep(.seconds(5))
                    emit.yield(.wake)
                }
            }
        }
    }
}
