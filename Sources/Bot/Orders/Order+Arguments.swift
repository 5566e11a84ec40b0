// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Time

// What an acknowledgement waits for is written by hand, as `JSONEncoder` would, in a tenth of its time.

extension CommandOrder {
    package func arguments() -> String {
        JSONObjectText.text { order in
            order.add("reply", reply.write)
            order.add("request", request.write)
        }
    }
}

extension SyncMemberOrder {
    package func arguments() -> String {
        JSONObjectText.text { order in
            order.add("actor", actor)
            order.add("member", member.rawValue)
            if let reply { order.add("reply", reply.write) }
            order.add("trigger", trigger.rawValue)
        }
    }
}

extension ReplyAddress {
    fileprivate func write(to address: inout JSONObjectText) {
        address.add("channel", channel.rawValue)
        address.add("language", language.rawValue)
        address.add("responseURL", responseURL)
        address.add("until", until.milliseconds)
        address.add("user", user.rawValue)
    }
}

extension CommandOrder.Request {
    /// The case's name over its values, those without a label as `_0`.
    fileprivate func write(to request: inout JSONObjectText) {
        switch self {
        case .sync(let target): request.add("sync") { $0.add("target", target?.rawValue) }
        case .plan(let target): request.add("plan") { $0.add("target", target?.rawValue) }
        case .syncMember(let member): request.add("syncMember") { $0.add("_0", member.rawValue) }
        case .pause(let target): request.add("pause") { $0.add("target", target.rawValue) }
        case .resume(let target): request.add("resume") { $0.add("target", target.rawValue) }
        case .why(let member): request.add("why") { $0.add("_0", member.rawValue) }
        case .password(let target): request.add("password") { $0.add("target", target.rawValue) }
        case .adopt(let target): request.add("adopt") { $0.add("target", target.rawValue) }
        case .link(let member, let target, let key):
            request.add("link") { Self.write(member, target, key, to: &$0) }
        case .unlink(let member, let target, let key):
            request.add("unlink") { Self.write(member, target, key, to: &$0) }
        case .restore(let member): request.add("restore") { $0.add("_0", member.rawValue) }
        }
    }

    private static func write(
        _ member: MemberID,
        _ target: TargetName,
        _ key: AccountKey?,
        to link: inout JSONObjectText
    ) {
        link.add("key", key?.rawValue)
        link.add("member", member.rawValue)
        link.add("target", target.rawValue)
    }
}
