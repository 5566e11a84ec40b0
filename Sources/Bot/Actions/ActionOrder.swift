// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning

/// A click: rights are read afresh, then what it asks for is carried out.
package struct ActionOrder: Order {
    package static let kind = "action"

    /// The message whose element was used.
    package struct Place: Codable, Sendable, Hashable {
        package var channel: ChannelID
        package var timestamp: String

        package init(channel: ChannelID, timestamp: String) {
            self.channel = channel
            self.timestamp = timestamp
        }
    }

    package var request: ActionRequest
    package var reply: ReplyAddress
    /// `nil` for a click in the App Home or a modal.
    package var message: Place?
    /// What opens a window, within three seconds of the click.
    package var trigger: String?

    /// The second of two clicks sees what the first one did.
    package var exclusionKey: String? { "action:\(request.subject)" }

    package init(request: ActionRequest, reply: ReplyAddress, message: Place?, trigger: String? = nil) {
        self.request = request
        self.reply = reply
        self.message = message
        self.trigger = trigger
    }
}
