// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Logging
import Provisioning
import Synchronization
import TestSupport

@testable import Connectors

/// The client that all tests share, as the program does.
enum Fixtures {
    static let client = OutboundHTTP.makeClient()
    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    static func http(_ clock: SteppingClock = SteppingClock(), silent server: TestHTTPServer? = nil) -> OutboundHTTP {
        let tries = Tries()
        guard let server else {
            return OutboundHTTP(
                client: client,
                clock: clock.wallClock,
                random: { 0.5 },
                userAgent: "slack-im/test",
                logger: quiet
            )
        }
        // On a server that stays silent, a try's time is up when its request has arrived; no test waits for a machine
        // that is busy elsewhere.
        return OutboundHTTP(
            client: client,
            clock: clock.wallClock,
            random: { 0.5 },
            timeUp: { _ in
                let number = tries.next()
                while server.requests.count < number {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            },
            userAgent: "slack-im/test",
            logger: quiet
        )
    }

    /// A client whose time is up when the proxy has left its request hanging; for one request after the other.
    static func http(_ clock: SteppingClock, hanging proxy: FaultProxy) -> OutboundHTTP {
        let noticed = Tries()
        return OutboundHTTP(
            client: client,
            clock: clock.wallClock,
            random: { 0.5 },
            timeUp: { _ in
                while proxy.hung <= noticed.count {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                // The request that hangs may be the one after ours.
                try Task.checkCancellation()
                _ = noticed.next()
            },
            userAgent: "slack-im/test",
            logger: quiet
        )
    }

    static func configuration(_ url: String) -> RESTTargetConfiguration {
        var configuration = RESTTargetConfiguration(
            url: url + "/members",
            hosts: ["127.0.0.1"],
            keyPath: ["userId"],
            operations: .standard
        )
        configuration.limits.perSecond = 0
        return configuration
    }

    /// A target with the standard operations on the server, changed as the test likes.
    static func target(
        _ server: TestHTTPServer,
        _ clock: SteppingClock = SteppingClock(),
        isSilent: Bool = false,
        _ change: (inout RESTTargetConfiguration) -> Void = { _ in }
    ) throws(TargetError) -> RESTTarget {
        var configuration = configuration(server.url)
        change(&configuration)
        let http = http(clock, silent: isSilent ? server : nil)
        return try RESTTarget(configuration, http: http, clock: clock.wallClock)
    }

    /// A SCIM target on the server, changed as the test likes.
    static func scim(
        _ server: TestHTTPServer,
        _ clock: SteppingClock = SteppingClock(),
        hanging proxy: FaultProxy? = nil,
        _ change: (inout SCIMTargetConfiguration) -> Void = { _ in }
    ) throws(TargetError) -> SCIMTarget {
        var configuration = SCIMTargetConfiguration(
            url: server.url + "/scim/v2/", hosts: ["127.0.0.1"], keyPath: ["userName"])
        configuration.secretPaths = [["password"]]
        configuration.limits.perSecond = 0
        change(&configuration)
        let http = proxy.map { Self.http(clock, hanging: $0) } ?? Self.http(clock)
        return try SCIMTarget(configuration, http: http, clock: clock.wallClock)
    }
}

/// Counts the tries of a client.
private final class Tries: Sendable {
    private let tries = Mutex(0)

    var count: Int { tries.withLock { $0 } }

    func next() -> Int {
        tries.withLock { count in
            count += 1
            return count
        }
    }
}

/// The error of an operation that must fail, or `nil` after it succeeded.
func failure<Failure: Error, Value>(of operation: () async throws(Failure) -> Value) async -> Failure? {
    do throws(Failure) {
        _ = try await operation()
        return nil
    } catch {
        return error
    }
}
