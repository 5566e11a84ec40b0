// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Synchronization

/// What Slack may do at any time, switched on on purpose: send an event twice, two the wrong way round, short pages.
final class Liberties: Sendable {
    struct Settings: Sendable, Hashable {
        var sendsTwice = false
        var swapsNeighbours = false
        /// Pages hold fewer items than asked for.
        var shortensPages = false
    }

    private struct State {
        var settings = Settings()
        var held: JSONValue?
    }

    private let state = Mutex(State())

    init(shortensPages: Bool) { state.withLock { $0.settings.shortensPages = shortensPages } }

    var settings: Settings {
        get { state.withLock { $0.settings } }
        set { state.withLock { $0.settings = newValue } }
    }

    /// Takes an envelope and tells what to send now; an envelope may be held back until the next one has gone.
    func take(_ envelope: JSONValue) -> [JSONValue] {
        state.withLock { state in
            guard state.settings.swapsNeighbours else {
                defer { state.held = nil }
                return [state.held, envelope].compactMap { $0 }
            }
            guard let held = state.held else {
                state.held = envelope
                return []
            }
            state.held = nil
            return [envelope, held]
        }
    }

    /// Gives up waiting for a neighbour.
    func release(_ envelope: JSONValue) -> JSONValue? {
        state.withLock { state in
            guard state.held == envelope else { return nil }
            state.held = nil
            return envelope
        }
    }
}
