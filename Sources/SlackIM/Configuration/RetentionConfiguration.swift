// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How long finished things are kept.
package struct RetentionConfiguration: Sendable, Hashable {
    package var runs: Duration
    package var events: Duration
    package var alerts: Duration
}
