// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning

/// Who counts at all, for every target.
package struct MembersConfiguration: Sendable, Hashable {
    package var scope: MemberScope
    /// A list of members smaller than this part of the last one, from 0 to 1, is refused.
    package var floor: Double
}
