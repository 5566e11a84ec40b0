// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Provisioning

/// A try of a target that failed as a whole, by itself: see `Quarantine`.
///
/// Not a ``SyncTargetOrder``, because a sync that a person asks for must not join one that waits for hours.
package struct RetryTargetOrder: Order {
    package static let kind = "retry_target"
    package static let queue = JobQueue.runs
    /// Who asked for a run that nobody asked for.
    package static let actor = "quarantine"

    package var target: TargetName

    package var uniqueKey: String? { "retry_target:\(target)" }
    package var exclusionKey: String? { "run:\(target)" }

    package init(target: TargetName) { self.target = target }
}
