// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Slack
import Work

/// A channel that the configuration names.
struct NamedChannel: Sendable {
    let id: String
    /// Where it stands there, such as `slack.notify`.
    var keys: [String]
    /// Whether something is posted there, for which the bot must be in it.
    var isPostedTo: Bool
}

extension LocalOperations {
    /// Every channel that the configuration names, each once, in its order.
    var namedChannels: [NamedChannel] {
        var channels: [NamedChannel] = []
        func add(_ id: String?, _ key: String, isPostedTo: Bool) {
            guard let id else { return }
            if let place = channels.firstIndex(where: { $0.id == id }) {
                channels[place].keys.append(key)
                channels[place].isPostedTo = channels[place].isPostedTo || isPostedTo
            } else {
                channels.append(NamedChannel(id: id, keys: [key], isPostedTo: isPostedTo))
            }
        }
        add(configuration.slack.notify, "slack.notify", isPostedTo: true)
        for source in configuration.errorSources {
            add(source.channel, "error source \(source.name)", isPostedTo: true)
        }
        for hook in configuration.github { add(hook.channel, "github", isPostedTo: true) }
        for target in targets {
            for channel in target.rules.channels.sorted(by: { $0.rawValue < $1.rawValue }) {
                add(channel.rawValue, "members of target \(target.rules.name)", isPostedTo: false)
            }
        }
        return channels
    }

    /// What Slack says of a channel, and what to do when it cannot be used.
    func look(at channel: NamedChannel) async -> (detail: String, advice: String?) {
        let keys = channel.keys.joined(separator: ", ")
        let info: JSONValue
        do throws(WebAPIError) {
            info = try await slack.call(.conversationsInfo, ["channel": .string(channel.id)])["channel"] ?? .null
        } catch {
            let advice =
                switch error.disposition {
                case .retry: "try again when Slack answers"
                case .giveUp, .needsOperator, .tokenRefused, .unreachableChannel:
                    "correct the id; if it is a private channel, invite the bot to it: /invite @slack-im"
                }
            return ("\(error.detail); \(keys)", advice)
        }
        let name = info["name"]?.string.map { "#\($0); \(keys)" } ?? keys
        if info["is_archived"]?.bool == true { return (name, "it is archived: name another channel, or unarchive it") }
        if channel.isPostedTo, info["is_member"]?.bool != true {
            return (name, "the bot is not in it: /invite @slack-im there")
        }
        return (name, nil)
    }
}
