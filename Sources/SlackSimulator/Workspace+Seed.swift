// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Workspace {
    /// Fills the workspace with the playground's people and channels; the first person is its owner.
    /// - Parameter welcome: What the owner has said in #general.
    package func seedPlayground(welcome: String) {
        isBeingSeeded = true
        defer { isBeingSeeded = false }
        var everyone: [String] = []
        func put(_ handle: String, _ name: String, title: String = "", _ configure: (inout Person) -> Void = { _ in }) {
            var person = Person(
                id: nextID("U"), teamID: team.id, name: handle, realName: name, email: handle + "@example.com"
            )
            let parts = name.split(separator: " ").map(String.init)
            if parts.count > 1 {
                person.firstName = parts[0]
                person.lastName = parts.dropFirst().joined(separator: " ")
            }
            person.title = title
            person.updated = surroundings.seconds
            configure(&person)
            seed(person)
            if person.isActive, !person.isBot { everyone.append(person.id) }
        }

        put("haneul", "김하늘", title: "Platform lead") { person in
            (person.firstName, person.lastName, person.displayName) = ("하늘", "김", "하늘")
            person.isAdmin = true
            person.isOwner = true
            person.isPrimaryOwner = true
            person.locale = "ko-KR"
        }
        put("ada", "Ada Moreau", title: "Backend") { $0.isAdmin = true }
        put("minjun", "이민준", title: "Data") { person in
            (person.firstName, person.lastName) = ("민준", "이")
            person.locale = "ko-KR"
        }
        put("grace", "Grace Okafor", title: "Operations") { person in
            (person.timezone, person.timezoneOffset) = ("Africa/Lagos", 3_600)
        }
        put("seoyeon", "박서연", title: "Design") { person in
            (person.firstName, person.lastName) = ("서연", "박")
            person.locale = "ko-KR"
        }
        put("linus", "Linus Berg", title: "Infrastructure") { $0.displayName = "linus" }
        put("maria", "María José O’Neill", title: "Sales")
        put("jiho", "최지호", title: "Support") { person in
            (person.firstName, person.lastName) = ("지호", "최")
            person.locale = "ko-KR"
        }
        put("tomas", "Tomás Černý", title: "Sales")
        put("guest", "Gwen Contractor", title: "Guest") { $0.isRestricted = true }
        put("retired", "Rita Former") { $0.isDeleted = true }
        put("fresh", "Finn Unconfirmed") { $0.isEmailConfirmed = false }
        put("invited", "Ines Invited") { person in
            person.isInvited = true
            person.isEmailConfirmed = false
        }

        var bot = Person(id: nextID("U"), teamID: team.id, name: "deploybot", realName: "Deploy Bot", email: nil)
        bot.isBot = true
        bot.botID = nextID("B")
        bot.appID = nextID("A")
        seed(bot)
        seedAppAndSlackbot()

        let owner = people.first?.id
        makeChannel("general", members: everyone + [app.botUserID])
        makeChannel("ops", members: Array(everyone.prefix(4)) + [app.botUserID])
        makeChannel("alerts", members: Array(everyone.prefix(6)) + [app.botUserID])
        makeChannel("everyone", members: everyone + [app.botUserID])
        makeUserGroup(
            "sales", name: "Sales", members: people.filter { $0.title == "Sales" && $0.isActive }.map(\.id)
        )
        if let owner, let general = channel(named: "general") {
            say(welcome, as: owner, in: general.id)
        }
    }

    /// Puts in the app's bot user and USLACKBOT, which every workspace has.
    package func seedAppAndSlackbot() {
        var own = Person(id: app.botUserID, teamID: team.id, name: app.name, realName: app.name, email: nil)
        own.isBot = true
        own.botID = app.botID
        own.appID = app.appID
        own.updated = surroundings.seconds
        seed(own)

        // USLACKBOT says is_bot: false, has no time zone and was never updated: clients must know it by its id.
        var slackbot = Person(id: "USLACKBOT", teamID: team.id, name: "slackbot", realName: "Slackbot", email: nil)
        slackbot.timezone = nil
        slackbot.timezoneOffset = 0
        slackbot.isEmailConfirmed = false
        seed(slackbot)
    }
}
