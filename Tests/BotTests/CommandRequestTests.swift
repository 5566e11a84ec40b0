// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Testing

@Suite struct CommandRequestTests {
    @Test(
        "What was typed is understood in any case and with any spaces",
        arguments: [
            ("", .help), ("   \t\n ", .help), ("help", .help), ("HELP me", .help),
            ("status", .status(target: nil)), ("  Status   dev  ", .status(target: "dev")),
            ("status\u{A0}dev", .status(target: "dev")),
            ("sync", .sync(target: nil)), ("SYNC dev", .sync(target: "dev")), ("sync dev now", .tooMuch(.sync)),
            ("sync <@U012ABC>", .syncMember(id: "U012ABC")), ("sync <@W012ABC|kim>", .syncMember(id: "W012ABC")),
            ("sync <@>", .sync(target: "<@>")), ("sync <@u012>", .sync(target: "<@u012>")),
            ("sync <@U0|", .sync(target: "<@U0|")), ("sync <#C012|ops>", .sync(target: "<#C012|ops>")),
            ("sync @kim", .sync(target: "@kim")), ("sync <!channel>", .sync(target: "<!channel>")),
            ("plan", .plan(target: nil)), ("Plan dev", .plan(target: "dev")), ("runs dev", .runs(target: "dev")),
            ("errors", .errors(source: nil)), ("errors billing", .errors(source: "billing")),
            ("why", .why(id: nil)), ("why <@U012|kim>", .why(id: "U012")), ("why kim", .whom(.why)),
            ("why Kim Minsu", .whom(.why)),
            ("why <@U012> dev", .tooMuch(.why)),
            ("WHY <@u012>", .whom(.why)), ("restore", .whom(.restore)), ("restore @kim", .whom(.restore)),
            ("Restore <@W9>", .restore(id: "W9")), ("password", .password(target: nil)),
            ("password dev", .password(target: "dev")), ("adopt", .adopt(target: nil)),
            ("ADOPT dev <@U1>", .tooMuch(.adopt)), ("status dev  \n", .status(target: "dev")),
            ("link", .whom(.link)), ("link kim dev", .whom(.link)),
            ("link <@U1>", .link(id: "U1", target: nil, key: nil)),
            ("Link <@U1|kim> dev", .link(id: "U1", target: "dev", key: nil)),
            ("link <@U1> dev hn.kim", .link(id: "U1", target: "dev", key: "hn.kim")),
            (
                "link <@U1> dev <mailto:kim@example.com|kim@example.com>",
                .link(id: "U1", target: "dev", key: "kim@example.com")
            ),
            ("link <@U1> dev <|> x", .tooMuch(.link)),
            ("link <@U1> dev <|>", .link(id: "U1", target: "dev", key: "<|>")),
            ("unlink <@U1> dev", .unlink(id: "U1", target: "dev", key: nil)), ("unlink dev", .whom(.unlink)),
            ("pause dev", .pause(target: "dev")), ("pause", .pause(target: nil)),
            ("resume dev", .resume(target: "dev")), ("Resume", .resume(target: nil)),
            ("frobnicate dev", .unknown("frobnicate")), ("<@U012ABC>", .unknown("<@U012ABC>")),
            ("synç", .unknown("synç")), ("\u{0}", .unknown("\u{0}")),
        ] as [(String, CommandRequest)]
    )
    func understands(text: String, request: CommandRequest) {
        #expect(CommandRequest(text) == request)
    }

    @Test("Every verb of the help is understood as that verb", arguments: Verb.allCases)
    func everyVerbIsKnown(verb: Verb) {
        let request = CommandRequest(verb.rawValue)
        if case .unknown = request { Issue.record("\(verb) is not understood") }
        #expect((request == .help) == (verb == .help))
    }

    @Test("What nobody can have typed is cut off, so that it costs no more than what somebody typed")
    func endless() {
        guard case .sync(let target) = CommandRequest("sync " + String(repeating: "김", count: 300_000)) else {
            Issue.record("not understood")
            return
        }
        #expect((target?.utf8.count ?? 0) < 17_000)
    }
}
