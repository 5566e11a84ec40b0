// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What happens to people and where they belong.
extension Playground {
    func add(_ body: JSONValue) async -> EdgeResponse {
        guard let name = body["real_name"]?.string, !name.allSatisfy(\.isWhitespace) else {
            return Self.refused("a name is needed")
        }
        let email = body["email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let isGuest = body["guest"] == true
        let person = await workspace.join(realName: name, email: email) { $0.isRestricted = isGuest }
        return .json(["ok": true, "id": .string(person.id)])
    }

    func change(_ id: String, _ body: JSONValue) async -> EdgeResponse {
        guard let known = await workspace.person(id) else { return Self.refused("no such person") }
        if let name = body["real_name"]?.string, !name.isEmpty, name != known.realName {
            await workspace.rename(id, to: name)
        }
        if let email = body["email"]?.string, !email.isEmpty { await workspace.changeAddress(id, to: email) }
        switch body["deleted"]?.bool {
        case true?: await workspace.deactivate(id)
        case false?: await workspace.reactivate(id)
        case nil: break
        }
        if let isGuest = body["guest"]?.bool { await workspace.setGuest(id, isGuest) }
        if let isAdmin = body["admin"]?.bool { await workspace.change(id) { $0.isAdmin = isAdmin } }
        if let locale = body["locale"]?.string, !locale.isEmpty { await workspace.change(id) { $0.locale = locale } }
        return Self.done
    }

    /// Puts a person into a channel or user group, or takes them out.
    func changeMembership(_ body: JSONValue) async -> EdgeResponse {
        guard let person = body["person"]?.string, await workspace.person(person) != nil,
            let isMember = body["member"]?.bool
        else { return Self.refused("person and member are needed") }
        if let channel = body["channel"]?.string, await workspace.conversation(channel) != nil {
            if isMember {
                await workspace.add(person, to: channel)
            } else {
                await workspace.remove(person, from: channel)
            }
            return Self.done
        }
        guard let id = body["group"]?.string, let group = await workspace.userGroups.first(where: { $0.id == id })
        else { return Self.refused("no such channel or group") }
        let others = group.members.filter { $0 != person }
        await workspace.setMembers(isMember ? others + [person] : others, ofUserGroup: id)
        return Self.done
    }

    func makeChannel(_ body: JSONValue) async -> EdgeResponse {
        guard let name = body["name"]?.string, let person = body["person"]?.string,
            await workspace.person(person) != nil
        else { return Self.refused("name and person are needed") }
        let isAllowed = name.allSatisfy { letter in
            letter == "-" || letter == "_" || (letter.isLetter && !letter.isUppercase) || letter.isNumber
        }
        guard !name.isEmpty, name.count <= 80, isAllowed else {
            return Self.refused("a channel's name is small letters, digits, - and _")
        }
        guard await workspace.channel(named: name) == nil else { return Self.refused("the name is taken") }
        let made = await workspace.makeChannel(name, members: [person], isPrivate: body["private"] == true)
        await workspace.tell(.channelCreated, of: made, by: person)
        return .json(["ok": true, "id": .string(made.id)])
    }

    func control(_ body: JSONValue) -> EdgeResponse {
        guard let system = body["system"]?.string else { return Self.refused("a system is needed") }
        if body["wipe"] == true { simulator.accounts.wipe(system) }
        if let isDown = body["down"]?.bool { simulator.accounts.setDown(isDown, system) }
        if let isSlow = body["slow"]?.bool { simulator.accounts.setDelay(isSlow ? .seconds(2) : .zero, system) }
        return Self.done
    }
}
