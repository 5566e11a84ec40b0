// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Slack

extension Texts {
    /// What can be decided about a group as it is; each button names the version that it was drawn for.
    func buttons(_ group: AlertGroup, id: Int64) -> [Button] {
        func button(_ action: AlertAction, _ text: String, style: Button.Style? = nil) -> Button {
            Button(text, .alert(action, group: id, version: group.version), style: style)
        }
        let resolve = say("Resolve", "해결")
        let ten = shown(group.count.multipliedSaturated(AlertAction.tenfold), group)
        let mutes = [
            button(.mute(.hour), say("Mute 1 h", "1시간 끄기")), button(.mute(.day), say("Mute 1 day", "하루 끄기")),
            button(.mute(.tenfold), say("Mute until ×\(ten)", "\(ten)번까지 끄기")),
        ]
        return switch group.state {
        case .open:
            [button(.acknowledge, say("Acknowledge", "확인"), style: .primary), button(.resolve, resolve)] + mutes
        case .acknowledged: [button(.resolve, resolve, style: .primary)] + mutes
        case .resolved: [button(.reopen, say("Reopen", "다시 열기"))]
        case .muted: [button(.reopen, say("Unmute", "알림 켜기")), button(.resolve, resolve)]
        }
    }

    /// What a click did, for whom the message they clicked on does not tell.
    package func alertDone(_ group: AlertGroup) -> Message {
        line("\(subject(group))\n\(state(group))")
    }

    /// What happened already to a group that somebody decides about.
    package func alertDecided(_ group: AlertGroup) -> Message {
        line(
            say(
                ":information_source: Nothing was changed, this has been decided meanwhile. \(subject(group))\n\(state(group))",
                ":information_source: 이미 처리되어 변경하지 않았습니다. \(subject(group))\n\(state(group))"
            )
        )
    }
}
