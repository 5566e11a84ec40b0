// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store

/// Somebody who counts what the reconciler does, such as the metrics.
package protocol ReconcileObserver: Sendable {
    /// A full run has ended and is recorded; shown plans are no runs.
    func finished(_ run: Run)

    /// A change was carried out and recorded, or failed.
    func changed(_ target: TargetName, _ kind: Change.Kind, error: TargetError?)
}

/// For tests and commands that count nothing.
package struct NobodyWatches: ReconcileObserver {
    package init() {}
    package func finished(_ run: Run) {}
    package func changed(_ target: TargetName, _ kind: Change.Kind, error: TargetError?) {}
}
