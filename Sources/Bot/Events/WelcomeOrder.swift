// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning

/// Tell a newcomer which accounts they have been given.
package struct WelcomeOrder: Order {
    package static let kind = "welcome"

    package var member: MemberID

    package var uniqueKey: String? { "welcome:\(member)" }

    package init(member: MemberID) { self.member = member }
}
