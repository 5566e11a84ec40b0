// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Foundation
import Provisioning
import Store
import Testing
import Time

@Suite("Arguments that are written by hand")
struct OrderArgumentsTests {
    private static let reply = ReplyAddress(
        responseURL: "https://hooks.slack.com/commands/T1/1/a\"b\\c",
        until: noon,
        channel: "C1",
        user: "U1",
        language: .korean
    )
    private static var replyToNobody: ReplyAddress {
        var reply = reply
        reply.responseURL = nil
        return reply
    }

    private static let requests: [CommandOrder.Request] = [
        .sync(target: nil), .sync(target: "dev"), .plan(target: nil), .plan(target: "dev"), .syncMember("U2"),
        .pause(target: "dev"), .resume(target: "dev"), .why("U2"), .password(target: "dev"), .adopt(target: "dev"),
        .restore("U2"), .link(member: "U2", target: "dev", key: nil), .link(member: "U2", target: "dev", key: "k\"/é"),
        .unlink(member: "U2", target: "dev", key: nil), .unlink(member: "U2", target: "dev", key: "k"),
    ]

    @Test(arguments: requests)
    func areThoseOfTheCoder(_ request: CommandOrder.Request) throws {
        for reply in [Self.reply, Self.replyToNobody] {
            let order = CommandOrder(request: request, reply: reply)
            #expect(try order.arguments() == Self.coded(order))
        }
    }

    @Test(arguments: [nil, reply, replyToNobody])
    func areThoseOfTheCoder(_ reply: ReplyAddress?) throws {
        let order = SyncMemberOrder(member: "U1", trigger: .command, actor: "U\u{1}/é", reply: reply)
        #expect(try order.arguments() == Self.coded(order))
    }

    private static func coded(_ order: some Order) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(order), as: UTF8.self)
    }
}
