// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A Slack workspace in memory: people, channels, user groups and messages.
///
/// Whatever changes people or memberships also emits the events Slack would send. Nothing here knows HTTP.
package actor Workspace {
    /// The workspace itself.
    package nonisolated let team: Team
    /// The app that is installed in it.
    package nonisolated let app: AppIdentity
    /// What goes wrong on purpose in the Web API.
    package nonisolated let faults = FaultTable()
    /// Tells of every change.
    package nonisolated let feed: ChangeFeed

    /// The scopes of the app's token.
    package var scopes: [String]
    /// The events the app subscribes to, by their manifest names; `nil` sends every one.
    package var subscriptions: Set<String>?
    /// Whether the app is still installed; a token of an app that is not is worth nothing.
    package internal(set) var isInstalled = true
    /// Everybody, in the order they came; nobody is ever removed, as in Slack.
    package private(set) var people: [Person] = []
    /// Channels and direct messages, in the order they were made.
    package internal(set) var conversations: [Conversation] = []
    /// User groups, in the order they were made.
    package internal(set) var userGroups: [UserGroup] = []
    /// What was said everywhere, oldest first.
    package internal(set) var messages: [Message] = []
    /// The published App Home of each person.
    package internal(set) var homes: [String: JSONValue] = [:]
    /// Every modal that is open, by its id.
    package internal(set) var modals: [String: Modal] = [:]
    /// The ids of the modals each person has open, the one in front last.
    package internal(set) var modalStacks: [String: [String]] = [:]
    /// What the app said and Slack refused, newest last.
    package internal(set) var refusals: [Refusal] = []
    /// What the app asked to be said later.
    package internal(set) var scheduled: [ScheduledMessage] = []

    /// What a seed puts in was always there: nobody is told of it.
    var isBeingSeeded = false
    let surroundings: Surroundings
    private let emit: @Sendable (JSONValue) -> Void
    private var lastTS = 0
    private var lastID = 0

    /// - Parameter emit: Takes every inner event the app subscribes to; must not block.
    package init(
        team: Team = Team(),
        app: AppIdentity = AppIdentity(),
        scopes: [String] = InstalledApp.slackIM.scopes,
        subscriptions: Set<String>? = InstalledApp.slackIM.events,
        surroundings: Surroundings,
        feed: ChangeFeed = ChangeFeed(),
        emit: @escaping @Sendable (JSONValue) -> Void = { _ in }
    ) {
        self.team = team
        self.app = app
        self.scopes = scopes
        self.subscriptions = subscriptions
        self.surroundings = surroundings
        self.feed = feed
        self.emit = emit
    }

    /// Replaces the scopes of the app's token, as a re-installation does.
    package func grant(_ scopes: [String]) {
        self.scopes = scopes
        feed.bump()
    }

    /// Replaces the events the app subscribes to.
    package func subscribe(to events: Set<String>?) { subscriptions = events }

    // MARK: Names of things

    /// A time stamp no other message has, in Slack's shape.
    func nextTS() -> String {
        lastTS = max(surroundings.now(), lastTS + 1)
        let micros = String(lastTS % 1_000_000)
        return "\(lastTS / 1_000_000)." + String(repeating: "0", count: 6 - micros.count) + micros
    }

    /// An id no other thing has, behind a letter that says its kind.
    func nextID(_ prefix: String) -> String {
        lastID += 1
        let number = String(lastID, radix: 36).uppercased()
        return prefix + "0PG" + String(repeating: "0", count: max(0, 6 - number.count)) + number
    }

    /// Sends an event if the app subscribes to it and has a scope to see it.
    func send(_ event: JSONObject) {
        guard isInstalled, !isBeingSeeded, let type = event["type"]?.string,
            let kind = WorkspaceEvent(type: type, channelType: event["channel_type"]?.string),
            subscriptions?.contains(kind.rawValue) ?? true,
            kind.scopes.isEmpty || kind.scopes.contains(where: scopes.contains)
        else { return }
        var event = event
        if event["event_ts"] == nil { event["event_ts"] = .string(nextTS()) }
        emit(.object(event))
    }

    /// Takes the app out of the workspace: `app_uninstalled` and `tokens_revoked`, in no promised order.
    package func uninstallApp() {
        send(["type": "app_uninstalled"])
        send(["type": "tokens_revoked", "tokens": ["oauth": [], "bot": [.string(app.botUserID)]]])
        isInstalled = false
        feed.bump()
    }

    /// Installs the app again.
    package func installApp() {
        isInstalled = true
        feed.bump()
    }

    // MARK: People

    /// A person by member id, deactivated ones too.
    package func person(_ id: String) -> Person? { people.first { $0.id == id } }

    /// The active member with that address, in whatever case.
    package func person(email: String) -> Person? {
        people.first { $0.email?.lowercased() == email.lowercased() && !$0.isDeleted }
    }

    /// Puts a person in without any event, for a seed.
    package func seed(_ person: Person) {
        people.append(person)
        feed.bump()
    }

    /// A person joins: `team_join`, then `member_joined_channel` for every channel that everybody is in.
    /// - Parameter configure: Sets whatever flags the newcomer has.
    /// - Returns: The person with the new id.
    @discardableResult
    package func join(
        realName: String,
        email: String?,
        channels: [String] = ["general", "everyone"],
        configure: @Sendable (inout Person) -> Void = { _ in }
    ) -> Person {
        var person = Person(
            id: nextID("U"),
            teamID: team.id,
            name: email.flatMap { $0.split(separator: "@").first.map(String.init) } ?? realName.lowercased(),
            realName: realName,
            email: email
        )
        person.updated = surroundings.seconds
        let parts = realName.split(separator: " ").map(String.init)
        person.firstName = parts.first ?? ""
        person.lastName = parts.dropFirst().joined(separator: " ")
        configure(&person)
        people.append(person)
        send([
            "type": "team_join", "user": userObject(person), "cache_ts": .init(surroundings.seconds),
        ])
        for channel in channels {
            if let found = conversations.first(where: { $0.name == channel || $0.id == channel }) {
                add(person.id, to: found.id)
            }
        }
        feed.bump()
        return person
    }

    /// Changes a person: `user_change`, and `user_profile_changed` beside it when the profile is different.
    /// - Returns: The person as changed; `nil` when nobody has that id.
    @discardableResult
    package func change(_ id: String, _ body: @Sendable (inout Person) -> Void) -> Person? {
        guard let place = people.firstIndex(where: { $0.id == id }) else { return nil }
        let before = people[place]
        var after = before
        body(&after)
        guard after != before else { return before }
        after.updated = max(surroundings.seconds, before.updated + 1)
        people[place] = after
        if after.isDeleted, !before.isDeleted {
            for place in conversations.indices where conversations[place].kind != .direct {
                conversations[place].members.removeAll { $0 == id }
            }
        }
        let event: JSONObject = [
            "type": "user_change", "user": userObject(after), "cache_ts": .init(after.updated),
        ]
        send(event)
        if Self.profile(before) != Self.profile(after), !after.isDeleted {
            var sibling = event
            sibling["type"] = "user_profile_changed"
            send(sibling)
        }
        feed.bump()
        return after
    }

    private static func profile(_ person: Person) -> JSONValue? {
        person.userObject(withEmail: true, withLocale: false)["profile"]
    }

    /// Gives a person another name.
    @discardableResult
    package func rename(_ id: String, to realName: String) -> Person? {
        change(id) { person in
            person.realName = realName
            let parts = realName.split(separator: " ").map(String.init)
            person.firstName = parts.first ?? ""
            person.lastName = parts.dropFirst().joined(separator: " ")
        }
    }

    /// Gives a person another address.
    @discardableResult
    package func changeAddress(_ id: String, to email: String) -> Person? { change(id) { $0.email = email } }

    /// Deactivates a person: a thin `user_change`, and no more memberships.
    @discardableResult
    package func deactivate(_ id: String) -> Person? { change(id) { $0.isDeleted = true } }

    /// Brings a deactivated person back.
    @discardableResult
    package func reactivate(_ id: String) -> Person? { change(id) { $0.isDeleted = false } }

    /// Makes a person a guest, or a full member again.
    @discardableResult
    package func setGuest(_ id: String, _ isGuest: Bool) -> Person? {
        change(id) { person in
            person.isRestricted = isGuest
            if !isGuest { person.isUltraRestricted = false }
        }
    }

    /// The user object as this app's token may see it.
    func userObject(_ person: Person, withLocale: Bool = false) -> JSONValue {
        person.userObject(withEmail: scopes.contains("users:read.email"), withLocale: withLocale)
    }
}
