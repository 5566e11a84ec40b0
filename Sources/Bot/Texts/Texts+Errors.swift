// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
import Slack
import Time

extension Texts {
    /// A group with its id, as `errors` lists it.
    typealias ListedGroup = (id: Int64, group: AlertGroup)

    /// Groups that `errors` lists in one message.
    static let errorsLimit = 8

    /// The answer to `errors`.
    /// - Parameter groups: One more than are listed when there are more.
    func openErrors(_ groups: [ListedGroup], sources: [String], _ name: String?) -> Message {
        if let name, !sources.contains(name) {
            let known = sources.isEmpty ? say("none", "없음") : Mrkdwn.joined(sources.map { "\(code: $0)" }, by: ", ")
            return line(
                say(
                    "There is no error source \(code: name). There are: \(known)",
                    "\(code: name) 이라는 오류 출처가 없습니다. 목록: \(known)"
                )
            )
        }
        guard !groups.isEmpty else {
            return line(say(":white_check_mark: No open errors.", ":white_check_mark: 열린 오류가 없습니다."))
        }
        let shown = groups.prefix(Self.errorsLimit)
        let more = groups.count > shown.count
        var blocks: [Block] = [.header(say("Open errors", "열린 오류"))]
        for (id, group) in shown {
            let last = Timestamp(milliseconds: group.lastSeen)
            let state = group.state == .open ? "" : "  ·  " + state(group)
            blocks.append(
                .section(
                    "\(emoji(group.highestLevel)) *×\(group.count)*  \(subject(group))\n\(group.source)  ·  \(last)\(state)"
                )
            )
            blocks.append(.actions(buttons(group, id: id)))
        }
        if more { blocks.append(.context(say("… and more, not seen for longer", "… 더 오래된 오류가 더 있습니다"))) }
        let count: Mrkdwn = more ? "\(shown.count)+" : "\(shown.count)"
        return Message(text: say("Open errors: \(count)", "열린 오류: \(count)"), blocks: blocks)
    }

    /// What a group is about, on one line.
    func subject(_ group: AlertGroup) -> Mrkdwn {
        if let subject = ownSubject(group) { return "\(subject)" }
        return "\(code: excerpt(group.sample?.what ?? "", 160))"
    }

    /// What a group is about that is our own word on errors, and none of an application's.
    package func ownSubject(_ group: AlertGroup) -> String? {
        if let watch = group.watch { return say("\(watch.actor) is refused again and again", "\(watch.actor) 반복 거부") }
        if group.overflows != nil { return say("more errors than are told apart", "구분 한도를 넘은 오류") }
        if group.losses != nil { return say("errors lost before they reached us", "전송 전에 유실된 오류") }
        return nil
    }
}
