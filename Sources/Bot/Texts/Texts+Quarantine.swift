// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
package import Slack
package import Store

/// Targets that fail as a whole.
extension Texts {
    package func quarantined(_ quarantine: Quarantine) -> Message {
        let name = quarantine.target.rawValue
        let detail = trouble(quarantine.code, quarantine.detail)
        let head: Mrkdwn = say(
            ":hospital: \(code: name) fails as a whole: \(detail)",
            ":hospital: \(code: name) 전체에 장애가 있습니다: \(detail)"
        )
        return Message(
            text: head,
            blocks: [
                .section(head),
                .section(
                    say(
                        "I try it again by myself, ever more rarely, next at \(quarantine.nextTry). You hear of it when it works, or when something else is the matter. \(code: "slack-im check") says what to do; a sync by hand tries at once.",
                        "점점 간격을 늘려 가며 자동으로 다시 시도합니다. 다음 시도: \(quarantine.nextTry). 복구되거나 원인이 바뀌면 알려 드립니다. \(code: "slack-im check") 로 조치 방법을 확인하세요. 직접 동기화하면 바로 시도합니다."
                    )),
                .context("\(code: quarantine.code)"),
            ]
        )
    }

    package func released(_ quarantine: Quarantine) -> Message {
        line(
            say(
                ":sunny: \(code: quarantine.target.rawValue) works again. It had failed since \(quarantine.since).",
                ":sunny: \(code: quarantine.target.rawValue) 복구되었습니다. \(quarantine.since) 부터 장애가 있었습니다."
            )
        )
    }
}
