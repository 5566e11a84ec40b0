// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Slack

extension Texts {
    /// A message's payload with a note at its end that it was meant for another channel.
    package func rerouted(_ payload: String, from channel: String) -> String {
        guard var message = (try? JSONValue(parsing: payload))?.object, let blocks = message["blocks"]?.array,
            blocks.count < Message.blockLimit
        else { return payload }
        let note = Block.context(
            say(
                ":leftwards_arrow_with_hook: meant for \(channel: ChannelID(channel))",
                ":leftwards_arrow_with_hook: 원래 채널: \(channel: ChannelID(channel))"
            )
        )
        message["blocks"] = .array(blocks + [note.json])
        return JSONValue.object(message).text
    }

    /// What is said in place of a message that cannot be read.
    package var unsayable: String { say("An error that cannot be shown", "표시할 수 없는 오류") }
}
