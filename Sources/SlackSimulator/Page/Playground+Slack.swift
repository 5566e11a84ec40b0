// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

/// What Slack itself does, and what goes wrong with it: time, faults, deliveries, the installation.
extension Playground {
    private static let longestJump = 31 * 86_400

    /// Lets the workspace's time jump ahead.
    func advance(_ body: JSONValue) -> EdgeResponse {
        guard let advance = simulator.surroundings.advance else { return Self.refused("this clock cannot be advanced") }
        guard let seconds = body["seconds"]?.int, (1...Self.longestJump).contains(seconds) else {
            return Self.refused("seconds must be from 1 to \(Self.longestJump)")
        }
        advance(.seconds(seconds))
        workspace.feed.bump()
        return .json(["ok": true, "now": .init(simulator.surroundings.now() / 1_000)])
    }

    /// Lets a Web API method fail, or ends that.
    func fault(_ body: JSONValue) -> EdgeResponse {
        if body["clear"] == true {
            workspace.faults.clear()
        } else {
            guard let method = body["method"]?.string, WebAPIMethod(rawValue: method) != nil else {
                return Self.refused("no such method")
            }
            if body["kind"] == "none" {
                workspace.faults[method] = nil
            } else {
                guard let fault = Fault(page: body) else {
                    return Self.refused("kind must be rate_limited, error, html, slow, hang, reset or none")
                }
                if let calls = body["calls"]?.int, calls > 0 {
                    workspace.faults.set(fault, for: method, calls: min(calls, 10_000))
                } else {
                    workspace.faults[method] = fault
                }
            }
        }
        workspace.feed.bump()
        return Self.done
    }

    /// Takes liberties from now on, or enables disabled subscriptions again.
    func takeLiberties(_ body: JSONValue) -> EdgeResponse {
        var settings = simulator.liberties.settings
        if let isTwice = body["twice"]?.bool { settings.sendsTwice = isTwice }
        if let isSwapped = body["swapped"]?.bool { settings.swapsNeighbours = isSwapped }
        if let isShort = body["short_pages"]?.bool { settings.shortensPages = isShort }
        simulator.liberties.settings = settings
        if body["enable"] == true { simulator.health.enable() }
        workspace.feed.bump()
        return Self.done
    }

    /// Sends a delivery again, signed anew, or signed wrongly on purpose.
    func replay(_ number: String, _ body: JSONValue) async -> EdgeResponse {
        guard let number = Int(number), let delivery = simulator.dispatcher.log.delivery(number) else {
            return Self.refused("no such delivery")
        }
        let skew = body["skew"]?.int ?? 0
        guard (-86_400...86_400).contains(skew) else { return Self.refused("skew must be within a day") }
        let answer = await simulator.dispatcher.send(
            Dispatcher.Parcel(again: delivery),
            forgery: Dispatcher.Forgery(skew: skew, usesWrongSecret: body["wrong_secret"] == true)
        )
        return .json([
            "ok": .bool(answer.delivery.outcome == .acknowledged), "number": .init(answer.delivery.number),
            "status": answer.delivery.status.map { .init($0) } ?? .null,
        ])
    }

    func control(app body: JSONValue) async -> EdgeResponse {
        switch body["installed"]?.bool {
        case true?: await workspace.installApp()
        case false?: await workspace.uninstallApp()
        case nil: break
        }
        if let scope = body["scope"]?.string, let isGranted = body["granted"]?.bool {
            let others = await workspace.scopes.filter { $0 != scope }
            await workspace.grant(isGranted ? others + [scope] : others)
        }
        if body["verify"] == true {
            let isVerified = (try? await simulator.verifyEventsURL()) ?? false
            return .json([
                "ok": .bool(isVerified), "error": isVerified ? .null : "the app did not answer the challenge",
            ])
        }
        return Self.done
    }

    /// Posts an error report to the app as another program would; the key never reaches the browser.
    func raiseError(_ body: JSONValue) async -> EdgeResponse {
        let urls = simulator.urls
        guard let url = urls.errors, let client = simulator.dispatcher.httpClient else {
            return Self.refused("the app takes no errors")
        }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let key = urls.errorsKey { request.headers.add(name: "Authorization", value: "Bearer " + key) }
        request.body = .bytes(ByteBuffer(bytes: body.bytes()))
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            let answer = Array(buffer: try await response.body.collect(upTo: 1 << 20))
            return .json([
                "ok": .bool((200..<300).contains(response.status.code)), "status": .init(Int(response.status.code)),
                "answer": .string(String(decoding: answer.prefix(2_000), as: UTF8.self)),
            ])
        } catch {
            return .json(["ok": false, "error": "the app could not be reached"])
        }
    }
}
