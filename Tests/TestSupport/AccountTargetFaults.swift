// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
import Testing

/// What comes of each fault between a target that speaks HTTP and its server: the second half of what every
/// ``AccountTarget`` must do.
///
/// The target tries again five times and waits on a clock that steps; somebody is listed, and `kim` is there for
/// everything but a creation.
package struct AccountTargetFaults: Sendable, CustomTestStringConvertible {
    package enum Operation: String, Sendable, CaseIterable { case list, find, create, update, disable, delete }

    /// What the caller sees, and what is true afterwards.
    package enum Outcome: Sendable, Hashable {
        /// Done, and done once.
        case done
        /// Refused with this code; nothing was done.
        case refused(TargetError.Code)
        /// Refused with this code though it was done: the caller looks before it tries again.
        case doneUnknown(TargetError.Code)
    }

    package let operation: Operation
    package let fault: FaultProxy.Fault
    /// How often; six is more than all tries.
    package let times: Int
    package let outcome: Outcome

    package var testDescription: String { "\(operation.rawValue): \(fault) × \(times) → \(outcome)" }

    private init(_ operation: Operation, _ fault: FaultProxy.Fault, times: Int = 1, _ outcome: Outcome) {
        self.operation = operation
        self.fault = fault
        self.times = times
        self.outcome = outcome
    }

    /// Every fault on every operation.
    package static let all: [AccountTargetFaults] = reading + creating + changing

    private static let reading: [AccountTargetFaults] =
        [Operation.list, .find].flatMap { operation in
            [
                Self(operation, .status(429, retryAfter: "1"), .done),
                Self(operation, .status(429, retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"), .done),
                Self(operation, .status(429, retryAfter: "soon"), .done),
                Self(operation, .status(429), times: 5, .done),
                Self(operation, .status(429), times: 6, .refused(.rateLimited)),
                Self(operation, .status(500), times: 5, .done),
                Self(operation, .status(503, retryAfter: "1"), .done),
                Self(operation, .status(502), times: 6, .refused(.unreachable)),
                Self(operation, .status(401), .refused(.unauthorized)),
                Self(operation, .status(302), .refused(.misconfigured)),
                Self(operation, .page, .refused(.misconfigured)),
                Self(operation, .garbage, .refused(.misconfigured)),
                Self(operation, .truncated, .done),
                Self(operation, .truncated, times: 6, .refused(.unreachable)),
                Self(operation, .hang, .done),
                Self(operation, .resetBefore, .done),
                Self(operation, .resetBefore, times: 6, .refused(.unreachable)),
                Self(operation, .slow, .done),
            ]
        } + [Self(.list, .status(404), .refused(.misconfigured))]

    private static let creating: [AccountTargetFaults] = [
        Self(.create, .status(429, retryAfter: "1"), .done),
        Self(.create, .status(429), times: 5, .done),
        Self(.create, .status(429), times: 6, .refused(.rateLimited)),
        Self(.create, .status(503, retryAfter: "1"), .done),
        // A server that fails may have done half of it; so may one that says nothing.
        Self(.create, .status(503), .refused(.uncertain)),
        Self(.create, .status(500), .refused(.uncertain)),
        Self(.create, .hang, .refused(.uncertain)),
        Self(.create, .resetBefore, .refused(.uncertain)),
        Self(.create, .resetAfter, .doneUnknown(.uncertain)),
        Self(.create, .page, .refused(.uncertain)),
        Self(.create, .status(400), .refused(.rejected)),
        Self(.create, .status(401), .refused(.unauthorized)),
        Self(.create, .status(404), .refused(.misconfigured)),
        Self(.create, .status(307), .refused(.misconfigured)),
        // It said yes before it broke off.
        Self(.create, .truncated, .done),
        Self(.create, .slow, .done),
    ]

    /// Faults on what changes an account that is there.
    package static let changing: [AccountTargetFaults] = [Operation.update, .disable, .delete].flatMap { operation in
        [
            Self(operation, .status(429, retryAfter: "1"), .done),
            Self(operation, .status(429), times: 6, .refused(.rateLimited)),
            Self(operation, .status(500), times: 5, .done),
            Self(operation, .status(502), times: 6, .refused(.unreachable)),
            Self(operation, .hang, .done),
            Self(operation, .resetBefore, .done),
            Self(operation, .resetAfter, .done),
            Self(operation, .truncated, .done),
            Self(operation, .slow, .done),
            Self(operation, .status(401), .refused(.unauthorized)),
            Self(operation, .status(302), .refused(.misconfigured)),
            Self(operation, .page, .refused(.misconfigured)),
        ]
    }

    /// Checks the outcome.
    /// - Parameters:
    ///   - target: Behind the proxy, on an empty server.
    ///   - isReading: Which requests read accounts; all others but `GET` change them.
    package func check(
        _ target: any AccountTarget,
        _ shape: AccountTargetConformance.Shape,
        through proxy: FaultProxy,
        isReading: @escaping @Sendable (TestHTTPServer.Request) -> Bool
    ) async throws {
        _ = try await target.create("lee", member: "U2", body: shape.body("lee", name: "Name of lee"))
        if operation != .create {
            _ = try await target.create("kim", member: "U1", body: shape.body("kim", name: "Name of kim"))
        }
        let kim = operation == .create ? nil : try await target.find("kim")

        let isRead = operation == .list || operation == .find
        proxy.plan(fault, times: times) { isRead ? isReading($0) : $0.method != "GET" }
        let error = await perform(target, shape, kim)
        let tried = proxy.meant
        #expect(proxy.left == 0, "the fault did not come to pass")
        proxy.plan(fault, times: 0) { _ in true }

        let isDone = try await isDone(target, shape)
        switch outcome {
        case .done:
            #expect(error == nil)
            #expect(isDone)
        case .refused(let code):
            #expect(error?.code == code)
            #expect(isRead || !isDone)
        case .doneUnknown(let code):
            #expect(error?.code == code)
            #expect(isDone)
        }
        if operation == .create, case .refused(.uncertain) = outcome { #expect(tried == 1, "sent more than once") }
        // Nobody else was touched, and nobody is there twice.
        let listed = try await target.list()
        #expect(Set(listed.map(\.key)).count == listed.count)
        #expect(listed.first { $0.key == "lee" }?.attributes[shape.name] == "Name of lee")
    }

    private func perform(
        _ target: any AccountTarget,
        _ shape: AccountTargetConformance.Shape,
        _ kim: ObservedAccount?
    ) async -> TargetError? {
        do throws(TargetError) {
            switch operation {
            case .list:
                let keys = try await target.list().map(\.key).sorted()
                #expect(keys == ["kim", "lee"])
            case .find:
                let found = try await target.find("kim")
                #expect(found?.key == "kim")
            case .create:
                let outcome = try await target.create("kim", member: "U1", body: shape.body("kim", name: "Name of kim"))
                if case .created = outcome {} else { Issue.record("said that the account exists") }
            case .update: try await target.update("kim", observed: kim, to: shape.leaves("kim", name: "New name"))
            case .disable: try await target.disable("kim", observed: kim)
            case .delete: try await target.delete("kim", observed: kim)
            }
            return nil
        } catch {
            return error
        }
    }

    private func isDone(
        _ target: any AccountTarget,
        _ shape: AccountTargetConformance.Shape
    ) async throws -> Bool {
        let kim = try await target.find("kim")
        return switch operation {
        case .list, .find: true
        case .create: kim != nil
        case .update: kim?.attributes[shape.name] == "New name"
        case .disable: kim?.isDisabled == true
        case .delete: kim == nil
        }
    }
}
