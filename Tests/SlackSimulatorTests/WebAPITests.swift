// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WebAPITests {
    @Test func `auth.test names the bot and shows the scopes in a header`() async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.callJSON("auth.test", [:])
            #expect(reply.json["ok"] == true)
            #expect(reply.json["team_id"] == "T0PLAYGROUND")
            #expect(reply.json["user_id"] == "U0PLAYBOT")
            #expect(reply.header("x-oauth-scopes")?.contains("users:read.email") == true)
        }
    }

    @Test func `a token is asked for and checked`() async throws {
        try await Bench.run { bench async throws in
            let none = try await bench.send("GET", "/api/auth.test")
            #expect(none.json["error"] == "not_authed")
            #expect(try await bench.call("auth.test", token: "xoxb-wrong").json["error"] == "invalid_auth")
            let asArgument = try await bench.send("GET", "/api/auth.test?token=xoxb-playground")
            #expect(asArgument.json["ok"] == true)
            let inJSON = try await bench.sendJSON("POST", "/api/auth.test", ["token": "xoxb-playground"])
            #expect(inJSON.json["error"] == "not_authed")
            #expect(try await bench.call("no.such").json["error"] == "unknown_method")
        }
    }

    @Test(arguments: [1, 2, 5, 200])
    func `users.list pages through everybody with opaque cursors`(limit: Int) async throws {
        try await Bench.run(.with { $0.shortPages = true }) { bench async throws in
            var ids: [String] = []
            var cursor = ""
            repeat {
                let page = try await bench.call("users.list", ["limit": String(limit), "cursor": cursor]).json
                let members = try #require(page["members"]?.array)
                #expect(members.count <= limit)
                ids += members.compactMap { $0["id"]?.string }
                cursor = page["response_metadata"]?["next_cursor"]?.string ?? ""
                #expect(cursor.isEmpty || cursor.hasSuffix("="))
            } while !cursor.isEmpty
            #expect(ids == (await bench.simulator.workspace.people.map(\.id)))
        }
    }

    @Test func `a cursor is good for its own listing and an hour`() async throws {
        try await Bench.run { bench async throws in
            let page = try await bench.call("users.list", ["limit": "2"]).json
            let cursor = try #require(page["response_metadata"]?["next_cursor"]?.string)
            let other = try await bench.call("conversations.list", ["cursor": cursor]).json
            #expect(other["error"] == "invalid_cursor")
            #expect(try await bench.call("users.list", ["cursor": "nonsense"]).json["error"] == "invalid_cursor")
            bench.time.advance(by: .seconds(3_601))
            #expect(try await bench.call("users.list", ["cursor": cursor]).json["error"] == "invalid_cursor")
        }
    }

    @Test func `the listing holds bots, the deactivated, the invited and USLACKBOT`() async throws {
        try await Bench.run { bench async throws in
            let members = try #require(try await bench.call("users.list").json["members"]?.array)
            #expect(members.contains { $0["id"] == "USLACKBOT" && $0["is_bot"] == false && $0["tz"] == .null })
            #expect(members.contains { $0["deleted"] == true && $0["tz"] == nil && $0["is_admin"] == nil })
            #expect(members.contains { $0["is_invited_user"] == true })
            #expect(members.contains { $0["is_bot"] == true && $0["profile"]?["email"] == nil })
            #expect(members.contains { $0["is_restricted"] == true })
            #expect(members.contains { $0["is_email_confirmed"] == false && $0["is_invited_user"] == nil })
            #expect(members.first?["profile"]?["real_name"] == "김하늘")
            #expect(members.first?["is_owner"] == true && members.first?["is_admin"] == true)
            #expect(members.allSatisfy { $0["locale"] == nil })
            let withLocale = try await bench.call("users.list", ["include_locale": "true"]).json["members"]?.array
            #expect(withLocale?.first?["locale"] == "ko-KR")
        }
    }

    @Test func `without users:read.email there are no addresses`() async throws {
        try await Bench.run(.with { $0.app.scopes = ["users:read"] }) { bench async throws in
            let members = try #require(try await bench.call("users.list").json["members"]?.array)
            #expect(!members.isEmpty && members.allSatisfy { $0["profile"]?["email"] == nil })
            let lookup = try await bench.call("users.lookupByEmail", ["email": "ada@example.com"]).json
            #expect(lookup["error"] == "missing_scope")
            #expect(lookup["needed"] == "users:read.email")
            #expect(lookup["provided"] == "users:read")
        }
    }

    @Test(arguments: [
        ("users.list", "users:read"), ("users.info", "users:read"), ("conversations.members", "channels:read"),
        ("conversations.list", "channels:read"), ("usergroups.list", "usergroups:read"),
        ("usergroups.users.list", "usergroups:read"), ("chat.postMessage", "chat:write"),
        ("chat.update", "chat:write"), ("conversations.open", "im:write"), ("team.info", "team:read"),
    ])
    func `a missing scope is named`(method: String, scope: String) async throws {
        try await Bench.run(.with { $0.app.scopes = ["commands"] }) { bench async throws in
            let reply = try await bench.call(method).json
            #expect(reply["error"] == "missing_scope")
            #expect(reply["needed"] == .string(scope))
            #expect(reply["provided"] == "commands")
        }
    }

    @Test func `one person is found by id and by address, but not once deactivated`() async throws {
        try await Bench.run { bench async throws in
            let found = try await bench.call("users.lookupByEmail", ["email": "ADA@example.com"]).json
            let id = try #require(found["user"]?["id"]?.string)
            let same = try await bench.call("users.info", ["user": id]).json
            #expect(same["user"] == found["user"])
            await bench.simulator.workspace.deactivate(id)
            let gone = try await bench.call("users.lookupByEmail", ["email": "ada@example.com"]).json
            #expect(gone["error"] == "users_not_found")
            #expect(try await bench.call("users.info", ["user": id]).json["user"]?["deleted"] == true)
            #expect(try await bench.call("users.info", ["user": "UNOBODY"]).json["error"] == "user_not_found")
        }
    }

    @Test func `channels and user groups list their members`() async throws {
        try await Bench.run { bench async throws in
            let channels = try #require(try await bench.call("conversations.list").json["channels"]?.array)
            #expect(channels.compactMap { $0["name"]?.string } == ["general", "ops", "alerts", "everyone"])
            let ops = await bench.channel("ops")
            var members: [String] = []
            var cursor = ""
            repeat {
                let page = try await bench.call(
                    "conversations.members", ["channel": ops, "limit": "2", "cursor": cursor]
                ).json
                members += (page["members"]?.array ?? []).compactMap(\.string)
                cursor = page["response_metadata"]?["next_cursor"]?.string ?? ""
            } while !cursor.isEmpty
            #expect(members.count == 5 && members.contains("U0PLAYBOT"))
            #expect(try await bench.call("conversations.members").json["error"] == "channel_not_found")
            #expect(try await bench.call("conversations.info", ["channel": ops]).json["channel"]?["is_member"] == true)
            let groups = try await bench.call("usergroups.list").json["usergroups"]?.array
            let group = try #require(groups?.first?["id"]?.string)
            let users = try await bench.call("usergroups.users.list", ["usergroup": group]).json["users"]?.array
            #expect(users?.count == 2)
            let unknown = try await bench.call("usergroups.users.list", ["usergroup": "SNONE"]).json
            #expect(unknown["error"] == "no_such_subteam")
        }
    }

    @Test func `older read methods do not understand a JSON body`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            #expect(try await bench.callJSON("users.info", ["user": .string(owner)]).json["error"] == "user_not_found")
            #expect(try await bench.call("users.info", ["user": owner]).json["ok"] == true)
        }
    }

    @Test func `a message is posted, updated and deleted`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let blocks: JSONValue = [["type": "section", "text": ["type": "mrkdwn", "text": "*hello*"]]]
            let posted = try await bench.callJSON(
                "chat.postMessage", ["channel": .string(ops), "text": "hello", "blocks": blocks]
            ).json
            let ts = try #require(posted["ts"]?.string)
            #expect(posted["message"]?["blocks"]?.array?.first?["block_id"]?.string?.isEmpty == false)
            let asForm = try await bench.call(
                "chat.update", ["channel": ops, "ts": ts, "text": "bye", "blocks": "[]"]
            ).json
            #expect(asForm["text"] == "bye")
            let message = try #require(await bench.simulator.workspace.message(ts, in: ops))
            #expect(message.edited != nil && message.blocks == nil)
            #expect(try await bench.call("chat.delete", ["channel": ops, "ts": ts]).json["ok"] == true)
            #expect(
                try await bench.call("chat.delete", ["channel": ops, "ts": ts]).json["error"] == "message_not_found"
            )
        }
    }

    @Test func `only the app's own messages can be changed`() async throws {
        try await Bench.run { bench async throws in
            let general = await bench.channel("general")
            let other = try #require(await bench.simulator.workspace.messages(in: general).first)
            let update = try await bench.call("chat.update", ["channel": general, "ts": other.ts, "text": "x"]).json
            #expect(update["error"] == "cant_update_message")
            let delete = try await bench.call("chat.delete", ["channel": general, "ts": other.ts]).json
            #expect(delete["error"] == "cant_delete_message")
        }
    }

    @Test func `long texts are cut when posted and refused when updated`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let long = String(repeating: "x", count: 40_001)
            let posted = try await bench.callJSON("chat.postMessage", ["channel": .string(ops), "text": .string(long)])
            #expect(posted.json["message"]?["text"]?.string?.count == 40_000)
            #expect(posted.json["warning"] == "message_truncated")
            let ts = posted.json["ts"]?.string ?? ""
            let most = String(repeating: "y", count: 4_000)
            #expect(
                try await bench.call("chat.update", ["channel": ops, "ts": ts, "text": most]).json["ok"] == true
            )
            let tooLong = try await bench.call("chat.update", ["channel": ops, "ts": ts, "text": most + "y"]).json
            #expect(tooLong["error"] == "msg_too_long")
        }
    }

    @Test func `bad blocks are refused with a JSON pointer`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let text = String(repeating: "x", count: 3_001)
            let reply = try await bench.callJSON(
                "chat.postMessage",
                [
                    "channel": .string(ops),
                    "blocks": [["type": "section", "text": ["type": "mrkdwn", "text": .string(text)]]],
                ]
            ).json
            #expect(reply["error"] == "invalid_blocks")
            #expect(
                reply["response_metadata"]?["messages"]
                    == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
            )
            let broken = try await bench.call("chat.postMessage", ["channel": ops, "blocks": "[{"]).json
            #expect(broken["error"] == "invalid_blocks_format")
            #expect(try await bench.call("chat.postMessage", ["channel": ops]).json["error"] == "no_text")
            let section: JSONValue = [
                "type": "section", "text": ["type": "mrkdwn", "text": .string(String(text.prefix(2_900)))],
            ]
            let many = try await bench.callJSON(
                "chat.postMessage",
                ["channel": .string(ops), "blocks": .array(Array(repeating: section, count: 5))]
            ).json
            #expect(many["error"] == "msg_blocks_too_long")
        }
    }

    @Test func `who may be posted to`() async throws {
        try await Bench.run { bench async throws in
            let workspace = bench.simulator.workspace
            let owner = await bench.owner
            let secret = await workspace.makeChannel("secret", members: [owner], isPrivate: true).id
            let open = await workspace.makeChannel("open", members: [owner]).id
            func post(_ channel: String) async throws -> JSONValue {
                try await bench.call("chat.postMessage", ["channel": channel, "text": "x"]).json
            }
            #expect(try await post(secret)["error"] == "channel_not_found")
            #expect(try await post("CNONE")["error"] == "channel_not_found")
            #expect(try await post(open)["ok"] == true)
            #expect(try await post("#ops")["ok"] == true)
            let direct = try await post(owner)
            #expect(direct["channel"]?.string?.hasPrefix("D") == true)
            let opened = try await bench.call("conversations.open", ["users": owner]).json
            #expect(opened["channel"]?["id"] == direct["channel"])
            #expect(opened["already_open"] == true)
            await workspace.grant(["chat:write"])
            #expect(try await post(open)["error"] == "not_in_channel")
        }
    }

    @Test func `an ephemeral message is seen by one person`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let people = await bench.simulator.workspace.people
            let reply = try await bench.call(
                "chat.postEphemeral", ["channel": ops, "user": people[0].id, "text": "psst"]
            ).json
            #expect(reply["message_ts"]?.string != nil)
            let workspace = bench.simulator.workspace
            #expect(await workspace.messages(in: ops, seenBy: people[0].id).last?.text == "psst")
            #expect(await workspace.messages(in: ops, seenBy: people[1].id).isEmpty)
            let outsider = try await bench.call(
                "chat.postEphemeral", ["channel": ops, "user": people[8].id, "text": "psst"]
            ).json
            #expect(outsider["error"] == "user_not_in_channel")
        }
    }

    @Test func `an App Home is stored and its hash guards it`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            let view: JSONValue = ["type": "home", "blocks": [["type": "divider"]]]
            let first = try await bench.callJSON("views.publish", ["user_id": .string(owner), "view": view]).json
            let hash = try #require(first["view"]?["hash"]?.string)
            #expect(await bench.simulator.workspace.homes[owner]?["type"] == "home")
            let second = try await bench.callJSON(
                "views.publish", ["user_id": .string(owner), "view": view, "hash": .string(hash)]
            ).json
            #expect(second["ok"] == true)
            let stale = try await bench.callJSON(
                "views.publish", ["user_id": .string(owner), "view": view, "hash": .string(hash)]
            ).json
            #expect(stale["error"] == "hash_conflict")
            let modal = try await bench.callJSON(
                "views.publish", ["user_id": .string(owner), "view": ["type": "modal", "blocks": []]]
            ).json
            #expect(modal["error"] == "invalid_arguments")
        }
    }

    @Test func `blocks.validate needs no token and points at what is wrong`() async throws {
        try await Bench.run { bench async throws in
            let good = try await bench.sendJSON("POST", "/api/blocks.validate", ["blocks": [["type": "divider"]]])
            #expect(good.json == ["ok": true])
            let bad = try await bench.sendJSON("POST", "/api/blocks.validate", ["blocks": [["type": "nonsense"]]])
            #expect(bad.json["error"] == "invalid_blocks")
            #expect(bad.json["errors"]?.array?.first?["pointer"] == "/0/type")
            let both = try await bench.sendJSON("POST", "/api/blocks.validate", ["blocks": [], "view": [:]])
            #expect(both.json["error"] == "invalid_arguments")
        }
    }

    @Test func `a missing charset is warned about`() async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.send(
                "POST",
                "/api/auth.test",
                headers: ["Authorization": "Bearer xoxb-playground", "Content-Type": "application/json"],
                body: Array("{}".utf8)
            ).json
            #expect(reply["warning"] == "missing_charset")
            #expect(reply["response_metadata"]?["warnings"] == ["missing_charset"])
        }
    }
}
