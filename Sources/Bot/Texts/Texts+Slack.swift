// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
package import Slack
package import Time

/// What Slack itself refuses.
extension Texts {
    /// - Parameter name: What is refused, such as ``SlackTrouble/channel(_:)``.
    package func slackRefuses(_ name: String, _ trouble: SlackTrouble) -> Message {
        let what: Mrkdwn =
            SlackTrouble.channelID(of: name).map { "\(channel: ChannelID($0)) \(code: trouble.code)" }
            ?? "\(code: trouble.detail)"
        return line(
            say(
                ":warning: Slack refuses something until an administrator repairs it: \(what). `slack-im check` says what to do.",
                ":warning: Slack이 요청을 거부하고 있어 관리자의 조치가 필요합니다: \(what). `slack-im check` 명령으로 확인해 주세요."
            )
        )
    }

    package func slackAccepts(since: Timestamp) -> Message {
        line(
            say(
                ":electric_plug: Back: Slack had refused my token since \(since). What was to be said meanwhile follows.",
                ":electric_plug: 다시 연결되었습니다. \(since)부터 Slack이 토큰을 거부했습니다. 그동안 밀린 메시지를 보냅니다."
            )
        )
    }
}
