// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing

@testable import Slack

struct SlackDeliveryTests {
    private func read(_ text: String) throws -> SlackDelivery { try SlackDelivery(body: Array(text.utf8)) }

    private func command(_ text: String) throws -> SlashCommand {
        guard case .command(let command) = try read(text) else { throw Unexpected() }
        return command
    }

    private func event(_ text: String) throws -> EventEnvelope {
        guard case .event(let event) = try read(text) else { throw Unexpected() }
        return event
    }

    private func interaction(_ json: String) throws -> Interaction {
        guard case .interaction(let interaction) = try SlackDelivery(body: Payloads.form(payload: json)) else {
            throw Unexpected()
        }
        return interaction
    }

    private struct Unexpected: Error {}

    // MARK: Commands

    @Test("A form with a command is a slash command")
    func slashCommand() throws {
        let command = try command(Payloads.command)
        #expect(command.command == "/im")
        #expect(command.text == "sync dev")
        #expect(command.userID == "U012KIM")
        #expect(command.channelID == "C012ROOM")
        #expect(command.teamID == "T012TEAM")
        #expect(command.appID == "A012APP")
        #expect(command.responseURL == "https://hooks.slack.com/commands/T012TEAM/1/x")
        #expect(command.triggerID == "123456.7890123.abcdef")
    }

    @Test(
        "The text of a command is only text, whatever word is in it",
        arguments: [
            ("text=status payload", "status payload"), ("text=status+payload", "status payload"),
            ("text=payload", "payload"),
            ("text=payload%3D%7B%7D", "payload={}"), ("text=payload={}", "payload={}"),
            ("text=ssl_check%3D1", "ssl_check=1"),
            ("text=", ""), ("text", ""), ("", ""), ("text=a%26command%3D%2Fother", "a&command=/other"),
            ("text=%7B", "{"),
            ("text=why+%3C%40U012LEE%7Clee%3E", "why <@U012LEE|lee>"), ("text=a=b", "a=b"),
            ("text=first&text=second", "first"),
        ]
    )
    func commandText(field: String, text: String) throws {
        let body = "command=%2Fim&team_id=T1&user_id=U1&" + field
        #expect(try command(body).text == text)
    }

    @Test("Fields that Slack leaves empty or away are none")
    func sparseCommand() throws {
        let command = try command("command=%2Fim&team_id=T1&user_id=U1&response_url=&api_app_id=&trigger_id=")
        #expect(command.responseURL == nil)
        #expect(command.appID == nil)
        #expect(command.triggerID == nil)
        #expect(command.channelID.rawValue.isEmpty)
    }

    @Test("Of a repeated field the first one counts")
    func repeatedField() throws {
        #expect(try command("command=%2Fim&command=%2Fother&team_id=T1&team_id=T2&user_id=U1").teamID == "T1")
    }

    // MARK: Events

    @Test("JSON with an event is an event")
    func eventCallback() throws {
        for body in [Payloads.event, " \r\n\t" + Payloads.event] {
            let event = try event(body)
            #expect(event.eventID == "Ev012")
            #expect(event.type == "team_join")
            #expect(event.teamID == "T012TEAM")
            #expect(event.appID == "A012APP")
            #expect(event.event["user"]?["id"] == "U034LEE")
        }
    }

    @Test(
        "The workspace is the one of our installation, also when the event comes from another",
        arguments: [
            ("T999OTHER", "T012TEAM", "T012TEAM"), ("T012TEAM", nil, "T012TEAM"), (nil, "T012TEAM", "T012TEAM"),
            (nil, nil, ""), ("T012TEAM", .null, "T012TEAM"), (.null, .null, ""), (7, 7, ""),
        ] as [(JSONValue?, JSONValue?, String)]
    )
    func contextTeam(team: JSONValue?, context: JSONValue?, expected: String) throws {
        var body = try Payloads.changed(Payloads.event, ["team_id"], to: team)
        body = try Payloads.changed(body, ["context_team_id"], to: context)
        #expect(try event(body).teamID == expected)
    }

    @Test("A field nobody knows is no obstacle")
    func unknownFields() throws {
        let body = try Payloads.changed(Payloads.event, ["new_in_2030"], to: ["deep": [.null, 1]])
        #expect(try event(body).eventID == "Ev012")
    }

    @Test("The challenge of a URL verification is read")
    func urlVerification() throws {
        guard
            case .urlVerification(let challenge) = try read(
                #"{"token":"x","challenge":"3eZbrw1aBm2r","type":"url_verification"}"#
            )
        else { throw Unexpected() }
        #expect(challenge == "3eZbrw1aBm2r")
    }

    @Test("Being rate limited has a team and no event")
    func rateLimited() throws {
        let body =
            #"{"token":"x","type":"app_rate_limited","team_id":"T1","minute_rate_limited":1795316400,"api_app_id":"A1"}"#
        guard case .rateLimited(let team) = try read(body) else { throw Unexpected() }
        #expect(team == "T1")
        guard case .rateLimited(nil) = try read(#"{"type":"app_rate_limited"}"#) else { throw Unexpected() }
    }

    @Test("A signed certificate check is one, and so is JSON of a kind we have no use for")
    func others() throws {
        guard case .sslCheck = try read("token=x&ssl_check=1") else { throw Unexpected() }
        guard case .other(let type) = try read(#"{"type":"new_kind"}"#) else { throw Unexpected() }
        #expect(type == "new_kind")
    }

    // MARK: Interactions

    @Test("A click is read with all that is needed to answer it")
    func blockActions() throws {
        let click = try interaction(Payloads.blockActions)
        #expect(click.type == "block_actions")
        #expect(click.userID == "U012KIM")
        #expect(click.teamID == "T012TEAM")
        #expect(click.appID == "A012APP")
        #expect(click.triggerID == "1.2.abc")
        #expect(click.responseURL == "https://hooks.slack.com/actions/T012TEAM/1/y")
        #expect(click.channelID == "C012ROOM")
        #expect(click.messageTimestamp == "1795316400.000100")
        #expect(
            click.actions == [
                .init(actionID: "plan.approve", blockID: "p7", value: "plan:7:v3", timestamp: "1795316460.123456"),
                .init(actionID: "target.choose", blockID: "p8", value: "dev", timestamp: "1795316460.123457"),
            ]
        )
    }

    @Test("A click in an ephemeral message, in the home tab or in another team's channel lacks some of it")
    func sparseInteractions() throws {
        var body = try Payloads.changed(Payloads.blockActions, ["message"], to: nil)
        body = try Payloads.changed(body, ["channel"], to: nil)
        var click = try interaction(body)
        #expect(click.channelID == "C012ROOM")
        #expect(click.messageTimestamp == "1795316400.000100")

        body = try Payloads.changed(body, ["container"], to: ["type": "view", "view_id": "V1"])
        body = try Payloads.changed(body, ["response_url"], to: nil)
        body = try Payloads.changed(body, ["team"], to: .null)
        click = try interaction(body)
        #expect(click.channelID == nil)
        #expect(click.messageTimestamp == nil)
        #expect(click.responseURL == nil)
        #expect(click.teamID == "T012TEAM")

        click = try interaction(#"{"type":"view_submission","user":{"id":"U1"},"actions":"none","view":{}}"#)
        #expect(click.actions.isEmpty)
        #expect(click.teamID.isEmpty)
    }

    @Test("A payload goes before a command in the same form")
    func payloadFirst() throws {
        let body = Payloads.form(payload: Payloads.blockActions) + Array("&command=%2Fim&user_id=U1&team_id=T1".utf8)
        guard case .interaction = try SlackDelivery(body: body) else { throw Unexpected() }
    }

    // MARK: Unreadable

    @Test(
        "What cannot be read is said to be, without its content",
        arguments: [
            "", " ", "hello", "a=1", "&&", "[]", "null", "42", "\"text\"", "{", "{}", "{bad", "{\"type\":1}",
            "{\"type\":null}",
            "{\"type\":\"event_callback\"}{}", #"{"type":"url_verification"}"#,
            #"{"type":"url_verification","challenge":1}"#,
            #"{"type":"event_callback"}"#, #"{"type":"event_callback","event_id":"","event":{"type":"x"}}"#,
            #"{"type":"event_callback","event_id":7,"event":{"type":"x"}}"#,
            #"{"type":"event_callback","event_id":"E"}"#,
            #"{"type":"event_callback","event_id":"E","event":{}}"#,
            #"{"type":"event_callback","event_id":"E","event":[]}"#,
            #"{"type":"event_callback","event_id":"E","event":"secretvalue"}"#, "command=", "command=%2Fim",
            "command=%2Fim&user_id=U1", "command=%2Fim&team_id=T1", "command=&user_id=U1&team_id=T1",
            "command=%2Fim&user_id=&team_id=T1", "ssl_check=0", "ssl_check=", "ssl_check=true", "payload", "payload=",
            "payload=secretvalue", "payload=[]", "payload={}", "payload=null", #"payload={"type":"block_actions"}"#,
            #"payload={"type":"block_actions","user":"secretvalue"}"#, #"payload={"user":{"id":"U1"}}"#,
            #"payload={"type":"x","user":{"id":7}}"#, "Payload={}", "payload%00={}",
            "{\"secretvalue\":" + String(repeating: "[", count: 100_000), String(repeating: "secretvalue&", count: 201),
        ]
    )
    func unreadable(body: String) {
        let error = #expect(throws: UnreadableDelivery.self) { try read(body) }
        #expect(error?.description.isEmpty == false)
        #expect(error?.description.contains("secretvalue") == false)
    }

    @Test("Bytes that are no text are unreadable, and no trap")
    func binary() {
        for body in [[0xFF], [0x00], [0x7B, 0xFF], [0xEF, 0xBB, 0xBF], Array(repeating: 0xFF, count: 4096)] as [[UInt8]]
        {
            #expect(throws: UnreadableDelivery.self) { try SlackDelivery(body: body) }
        }
        #expect(throws: UnreadableDelivery.self) { try SlackDelivery(body: Array("payload=".utf8) + [0xFF, 0x7B]) }
    }

    @Test("A delivery that is cut off or has a byte changed is read or refused, at every place")
    func mutated() {
        let bytes: [UInt8] = [0x00, 0x22, 0x25, 0x26, 0x7B, 0xFF]
        var read = 0
        var refused = 0
        func attempt(_ body: [UInt8]) {
            if (try? SlackDelivery(body: body)) != nil { read += 1 } else { refused += 1 }
        }
        for original in [
            Array(Payloads.command.utf8), Array(Payloads.event.utf8), Payloads.form(payload: Payloads.blockActions),
        ] {
            for place in original.indices {
                // Every place once: cutting it off here, changing it there.
                if place.isMultiple(of: 3) {
                    attempt(Array(original[..<place]))
                } else {
                    var body = original
                    body[place] = bytes[place % bytes.count]
                    attempt(body)
                }
            }
        }
        #expect(read > 0 && refused > 0)
    }

    // MARK: The unsigned certificate check

    @Test(
        "An unsigned form is the certificate check with exactly one ssl_check=1, and neither command nor payload",
        arguments: ["ssl_check=1", "token=x&ssl_check=1", "ssl_check=1&token=x", "&ssl_check=1&", "ssl%5Fcheck=%31"]
    )
    func sslCheck(body: String) {
        #expect(SlackDelivery.isUnsignedSSLCheck(Array(body.utf8)))
    }

    @Test(
        "Whatever is smuggled beside the certificate check must be signed",
        arguments: [
            "", "token=x", "ssl_check", "ssl_check=", "ssl_check=0", "ssl_check=11", "ssl_check=1 ", "ssl_check=+1",
            "ssl_check=01",
            "ssl_check=true", "ssl_check=１", "ssl_check=1%00", "SSL_CHECK=1", " ssl_check=1", "+ssl_check=1",
            "ssl_check[]=1",
            "ssl_check=1&ssl_check=1", "ssl_check=1&ssl_check=0", "ssl_check=0&ssl_check=1",
            "ssl_check=1&ssl%5fcheck=1",
            "ssl_check=1&payload={}", "payload={}&ssl_check=1", "ssl_check=1&payload", "ssl_check=1&payload=",
            "ssl_check=1&p%61yload={}", "ssl_check=1&command=%2Fim", "ssl_check=1&command",
            "ssl_check=1&%63ommand=%2Fim",
            "text=ssl_check%3D1", "text=ssl_check=1", "ssl_check=1;command=/im", #"{"ssl_check":1}"#,
            #"{"a":"&ssl_check=1"}"#,
            String(repeating: "a&", count: 201) + "ssl_check=1", "ssl_check=1&a=" + String(repeating: "a", count: 1024),
        ]
    )
    func smuggled(body: String) {
        #expect(!SlackDelivery.isUnsignedSSLCheck(Array(body.utf8)))
    }
}
