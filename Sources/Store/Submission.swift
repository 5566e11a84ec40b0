// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A body on its way through the store, and whoever waits for it.
package protocol Submission: AnyObject, Sendable {
    /// Where it wants to be told; `nil` is the thread that commits, which must not be held up.
    var courier: Courier? { get }

    /// The body.
    ///
    /// When it throws, nothing of it remains and its error is told.
    func run(in transaction: any StoreTransaction) throws

    /// The body has run, and now the disk works: time to prepare what is to be said, not to say it.
    ///
    /// Only with a courier.
    func committing()

    /// Told once: `nil` when it is durable, the body's own error, or ``StoreError`` when the commit failed, as for
    /// everybody who shared it.
    func ended(_ error: (any Error)?)
}

extension Submission {
    package var courier: Courier? { nil }
    package func committing() {}

    /// Says how it ended, where that is waited for.
    package func tell(_ error: (any Error)?) {
        guard let courier else { return ended(error) }
        courier.carry { self.ended(error) }
    }
}

/// Brings news to a thread: once a commit, for all that is waited for there.
package struct Courier: Sendable, Equatable {
    private let place: ObjectIdentifier
    private let run: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - place: Whose thread it is.
    ///   - run: Runs work there, one after the other in the order in which it was given, and returns at once.
    package init(to place: AnyObject, _ run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.place = ObjectIdentifier(place)
        self.run = run
    }

    package func carry(_ work: @escaping @Sendable () -> Void) { run(work) }

    package static func == (left: Courier, right: Courier) -> Bool { left.place == right.place }
}

/// A body whose caller waits for what it returns.
final class Awaited<Result: Sendable>: Submission {
    private let body: @Sendable (any StoreTransaction) throws -> Result
    private let caller: CheckedContinuation<Result, any Error>
    private let result = Mutex<Result?>(nil)

    init(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result,
        _ caller: CheckedContinuation<Result, any Error>
    ) {
        self.body = body
        self.caller = caller
    }

    func run(in transaction: any StoreTransaction) throws {
        let returned = try body(transaction)
        result.withLock { $0 = returned }
    }

    func ended(_ error: (any Error)?) {
        if let error {
            caller.resume(throwing: error)
        } else if let result = result.withLock(\.self) {
            caller.resume(returning: result)
        } else {
            caller.resume(throwing: StoreError(.internal, "a body was not run"))
        }
    }
}
