// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Playground {
    /// Everything the page shows, except the bytes of deliveries and calls.
    func state() async -> JSONValue {
        var modals = JSONObject()
        for (person, ids) in await workspace.modalStacks {
            var stack: [JSONValue] = []
            for id in ids {
                if let modal = await workspace.modals[id] { stack.append(await workspace.modalObject(modal)) }
            }
            modals[person] = .array(stack)
        }
        let homes = await workspace.homes
        return [
            "version": .init(workspace.feed.version),
            "now": .init(simulator.surroundings.now() / 1_000),
            "ahead": .init((simulator.surroundings.now() - simulator.surroundings.wireNow()) / 1_000_000),
            "can_advance": .bool(simulator.surroundings.advance != nil),
            "team": ["id": .string(workspace.team.id), "name": .string(workspace.team.name)],
            "app": await app(),
            "people": .array(await workspace.people.map { $0.userObject(withEmail: true, withLocale: true) }),
            "channels": .array(await workspace.conversations.map(shown)),
            "groups": .array(
                await workspace.userGroups.map { group in
                    [
                        "id": .string(group.id), "handle": .string(group.handle), "name": .string(group.name),
                        "members": .array(group.members.map { .string($0) }), "disabled": .bool(group.isDisabled),
                    ]
                }
            ),
            "messages": .array(await workspace.messages.suffix(400).map(shown)),
            "refusals": .array(await workspace.refusals.map(\.object)),
            "scheduled": .array(await workspace.scheduled.map(\.object)),
            "modals": .object(modals),
            "homes": .object(JSONObject(homes.map { ($0.key, $0.value) })),
            "systems": .array(simulator.accounts.systems.map(shown)),
            "deliveries": .array(simulator.deliveries.suffix(120).map(\.object)),
            "calls": .array(simulator.calls.all.suffix(120).map(\.object)),
            "faults": .array(
                workspace.faults.all.map { method, fault, remaining in
                    [
                        "method": .string(method), "words": .string(fault.words),
                        "remaining": remaining.map { .init($0) } ?? .null,
                    ]
                }
            ),
            "liberties": [
                "twice": .bool(simulator.liberties.settings.sendsTwice),
                "swapped": .bool(simulator.liberties.settings.swapsNeighbours),
                "short_pages": .bool(simulator.liberties.settings.shortensPages),
            ],
        ]
    }

    private func app() async -> JSONValue {
        let app = simulator.configuration.app
        let urls = simulator.urls
        let counts = simulator.health.counts(now: simulator.surroundings.seconds)
        return [
            "name": .string(workspace.app.name), "id": .string(workspace.app.appID),
            "bot_user_id": .string(workspace.app.botUserID),
            "connected": .bool(urls.commands != nil || urls.events != nil),
            "installed": .bool(await workspace.isInstalled), "takes_errors": .bool(urls.errors != nil),
            // Where it listens: what its request URLs have in common.
            "url": .init((urls.events ?? urls.commands).map { InstalledApp.split($0).origin }),
            "urls": [
                "commands": .init(urls.commands), "events": .init(urls.events),
                "interactions": .init(urls.interactions),
            ],
            "takes_every_command": .bool(app.commands == nil),
            "commands": .array((app.commands ?? []).map(\.object)),
            "shortcuts": .array(app.shortcuts.map(\.object)),
            "home_tab": .bool(app.hasHomeTab), "messages_tab": .bool(app.hasMessagesTab),
            "scopes": .array(await workspace.scopes.map { .string($0) }),
            "events": .array((app.events ?? Set(WorkspaceEvent.allCases.map(\.rawValue))).sorted().map { .string($0) }),
            "methods": .array(WebAPIMethod.allCases.map { .string($0.rawValue) }),
            "events_disabled": .bool(simulator.health.isDisabled),
            "events_withheld": .init(simulator.health.withheld),
            "attempts": .init(counts.attempts), "failed_attempts": .init(counts.failed),
        ]
    }

    private func shown(_ conversation: Conversation) -> JSONValue {
        [
            "id": .string(conversation.id), "name": .string(conversation.name),
            "kind": .string(conversation.kind.rawValue), "topic": .string(conversation.topic),
            "archived": .bool(conversation.isArchived),
            "members": .array(conversation.members.map { .string($0) }),
        ]
    }

    private func shown(_ message: Message) -> JSONValue {
        var object = message.object(team: workspace.team, app: workspace.app).object ?? [:]
        object["bot_profile"] = nil
        object["channel"] = .string(message.channel)
        object["by_app"] = .bool(message.isByApp)
        object["visible_to"] = .init(message.visibleTo)
        object["broadcast"] = .bool(message.isBroadcast)
        return .object(object)
    }

    private func shown(_ system: AccountsService.System) -> JSONValue {
        [
            "name": .string(system.name), "key": .string(system.keyField),
            "down": .bool(simulator.accounts.isDown(system.name)),
            "slow": .bool(simulator.accounts.delay(system.name) > .zero),
            "accounts": .array(simulator.accounts.accounts(in: system.name).map { .object($0) }),
        ]
    }
}
