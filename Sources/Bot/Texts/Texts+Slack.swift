// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Slack
package import Time

/// What Slack itself refuses.
extension Texts {
    package func slackRefuses(_ trouble: SlackTrouble) -> Message {
        line(
            say(
                ":warning: Slack refuses something until an administrator repairs it: \(code: trouble.detail). `slack-im check` says what to do.",
                ":warning: Slack 이 거부하고 있어 관리자의 조치가 필요합니다: \(code: trouble.detail). `slack-im check` 로 확인해 주세요."
            )
        )
    }

    package func slackAccepts(since: Timestamp) -> Message {
        line(
            say(
                ":electric_plug: Back: Slack had refused my token since \(since). What was to be said meanwhile follows.",
                ":electric_plug: 다시 연결되었습니다. \(since) 부터 Slack 이 토큰을 거부했습니다. 그동안 밀린 메시지를 보냅니다."
            )
        )
    }
}
