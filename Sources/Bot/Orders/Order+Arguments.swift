// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Time

// What an acknowledgement waits for is written by hand, as `JSONEncoder` would, in a tenth of its time.

extension CommandOrder {
    package func arguments() -> String {
        JSONValue.object(["reply": reply.json, "request": request.json]).text
    }
}

extension SyncMemberOrder {
    package func arguments() -> String {
        var json: JSONObject = ["actor": .string(actor), "member": .string(member.rawValue)]
        json["reply"] = reply?.json
        json["trigger"] = .string(trigger.rawValue)
        return JSONValue.object(json).text
    }
}

extension ReplyAddress {
    fileprivate var json: JSONValue {
        var json: JSONObject = ["channel": .string(channel.rawValue), "language": .string(language.rawValue)]
        json["responseURL"] = responseURL.map { .string($0) }
        json["until"] = JSONValue(Int(until.milliseconds))
        json["user"] = .string(user.rawValue)
        return .object(json)
    }
}

extension CommandOrder.Request {
    /// The case's name over its values, those without a label as `_0`.
    fileprivate var json: JSONValue {
        switch self {
        case .sync(let target): ["sync": .object(target.map { ["target": .string($0.rawValue)] } ?? [:])]
        case .plan(let target): ["plan": .object(target.map { ["target": .string($0.rawValue)] } ?? [:])]
        case .syncMember(let member): ["syncMember": ["_0": .string(member.rawValue)]]
        case .pause(let target): ["pause": ["target": .string(target.rawValue)]]
        case .resume(let target): ["resume": ["target": .string(target.rawValue)]]
        case .why(let member): ["why": ["_0": .string(member.rawValue)]]
        case .password(let target): ["password": ["target": .string(target.rawValue)]]
        case .adopt(let target): ["adopt": ["target": .string(target.rawValue)]]
        case .restore(let member): ["restore": ["_0": .string(member.rawValue)]]
        }
    }
}
