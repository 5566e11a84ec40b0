// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A body on its way through the store, and whoever waits for it.
package protocol Submission: AnyObject, Sendable {
    /// Where it wants to be told; `nil` is whichever thread knows, which must not be held up.
    var messenger: Messenger? { get }

    /// The body.
    ///
    /// When it throws, nothing of it remains and its error is told.
    func run(in transaction: any StoreTransaction) throws

    /// The body has run, and now the disk works: time to prepare what is to be said, not to say it, for the commit may
    /// still fail.
    ///
    /// Only with a messenger, and not when it is known already that nothing will be committed.
    func committing()

    /// Told once: `nil` when it is durable, the body's own error, or ``StoreError`` when the commit failed, as for
    /// everybody who shared it.
    func ended(_ error: (any Error)?)
}

extension Submission {
    package var messenger: Messenger? { nil }
    package func committing() {}

    /// Says how it ended, where that is waited for.
    package func tell(_ error: (any Error)?) { messenger.carry { self.ended(error) } }
}

/// Brings news to a thread: once a commit, for all that is waited for there.
package struct Messenger: Sendable, Equatable {
    private let place: ObjectIdentifier
    package let carry: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - place: Whose thread it is.
    ///   - carry: Runs work there, one after the other in the order in which it was given, and returns at once.
    package init(to place: AnyObject, _ carry: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.place = ObjectIdentifier(place)
        self.carry = carry
    }

    package static func == (left: Messenger, right: Messenger) -> Bool { left.place == right.place }
}

extension Messenger? {
    /// Without one, the work is done here and now.
    package func carry(_ work: @escaping @Sendable () -> Void) {
        if let self { self.carry(work) } else { work() }
    }
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
