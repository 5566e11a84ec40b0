// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension AccountTarget {
    /// Asks something that changes nothing, to see whether the target answers and takes our credentials.
    ///
    /// A target that can only create is not asked at all, unless it is ``PlainlyReachable``.
    /// - Throws: ``TargetError``
    package func reach() async throws(TargetError) {
        if operations.contains(.list) {
            _ = try await list()
        } else if operations.contains(.find) {
            _ = try await find("slack-im-check")
        } else if let plain = self as? any PlainlyReachable {
            try await plain.reachPlainly()
        }
    }
}

/// A target that can be tried although it shows no accounts.
package protocol PlainlyReachable {
    /// - Throws: ``TargetError/Code/unreachable`` when nobody answers, or somebody else in its place.
    func reachPlainly() async throws(TargetError)
}
