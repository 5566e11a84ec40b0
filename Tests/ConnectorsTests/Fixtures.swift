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

    static func http(_ clock: SteppingClock = SteppingClock(), random: Double = 0.5) -> OutboundHTTP {
        OutboundHTTP(
            client: client,
            clock: clock.wallClock,
            random: { random },
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
        _ change: (inout RESTTargetConfiguration) -> Void = { _ in }
    ) throws(TargetError) -> RESTTarget {
        var configuration = configuration(server.url)
        change(&configuration)
        return try RESTTarget(configuration, http: http(clock), clock: clock.wallClock)
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
