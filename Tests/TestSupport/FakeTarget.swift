// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Provisioning

/// A target in memory, which passes the conformance suite of ``AccountTarget``.
///
/// Beside the port it has the hands of somebody else: another administrator (``put(_:)``), a nightly wipe (``wipe()``),
/// an outage (``fail(_:with:times:)``).
package actor FakeTarget: AccountTarget {
    /// An operation of the port.
    package enum Operation: String, Sendable, CaseIterable {
        case list, find, create, update, disable, enable, delete
    }

    /// One call that came, whether it succeeded or not.
    package struct Call: Sendable, Hashable {
        package let operation: Operation
        package let key: AccountKey?
        /// The whole body of a creation, the desired leaves of an update.
        package let body: JSONValue?
    }

    package nonisolated let operations: TargetOperations
    private let keyPath: [String]
    private var order: [AccountKey] = []
    private var accounts: [AccountKey: JSONValue] = [:]
    private var faults: [Operation: [TargetError]] = [:]
    private var lateFaults: [Operation: [TargetError]] = [:]

    /// Every call so far, in order.
    package private(set) var calls: [Call] = []

    package init(keyPath: [String] = ["userId"], operations: TargetOperations = .standard) {
        self.keyPath = keyPath
        self.operations = operations
    }

    /// The target's objects, in the order they were made.
    package var objects: [JSONValue] { order.compactMap { accounts[$0] } }

    /// The object of one account.
    package func object(_ key: AccountKey) -> JSONValue? { accounts[key] }

    /// Puts an object there by another hand; one without a key is ignored.
    package func put(_ object: JSONValue) {
        guard let key = object[path: keyPath]?.scalarText else { return }
        store(AccountKey(key), object)
    }

    /// Removes everybody.
    package func wipe() {
        order = []
        accounts = [:]
    }

    /// Lets the next calls of an operation fail before they do anything.
    package func fail(_ operation: Operation, with error: TargetError, times: Int = 1) {
        faults[operation, default: []] += Array(repeating: error, count: times)
    }

    /// Lets the next calls of an operation fail after they did what they were asked, as when an answer is lost.
    package func loseAnswer(_ operation: Operation, with error: TargetError, times: Int = 1) {
        lateFaults[operation, default: []] += Array(repeating: error, count: times)
    }

    package func list() throws(TargetError) -> PackedList<ObservedAccount> {
        try begin(.list, .list, nil, nil)
        let found = PackedList(order.compactMap { key in accounts[key].map { observed(key, $0) } })
        try end(.list)
        return found
    }

    package func find(_ key: AccountKey) throws(TargetError) -> ObservedAccount? {
        try begin(.find, .find, key, nil)
        let found = accounts[key].map { observed(key, $0) }
        try end(.find)
        return found
    }

    package func create(_ key: AccountKey, member: MemberID, body: JSONValue) throws(TargetError) -> CreateOutcome {
        try begin(.create, .create, key, body)
        guard accounts[key] == nil else {
            try end(.create)
            return .exists
        }
        var object = body.object ?? [:]
        // Shown as a server would: active, and without what only the server needs to know.
        if object["active"] == nil { object["active"] = true }
        object["password"] = nil
        store(key, .object(object))
        try end(.create)
        return .created(observed(key, .object(object)))
    }

    package func update(
        _ key: AccountKey,
        observed: ObservedAccount?,
        to desired: JSONValue
    ) throws(TargetError) {
        try begin(.update, .update, key, desired)
        var object = try existing(key)
        for leaf in desired.leaves { object = object.replacing(leaf.path[...], with: leaf.value) }
        let newKey = object[path: keyPath]?.scalarText.map { AccountKey($0) } ?? key
        if newKey != key {
            guard accounts[newKey] == nil else { throw TargetError(.rejected, "the key is taken", status: 409) }
            accounts[key] = nil
            if let place = order.firstIndex(of: key) { order[place] = newKey }
            accounts[newKey] = object
        } else {
            store(key, object)
        }
        try end(.update)
    }

    package func disable(_ key: AccountKey, observed: ObservedAccount?) throws(TargetError) {
        try begin(.disable, .disable, key, nil)
        store(key, try existing(key).replacing(["active"], with: false))
        try end(.disable)
    }

    package func enable(_ key: AccountKey, observed: ObservedAccount?) throws(TargetError) {
        try begin(.enable, .enable, key, nil)
        store(key, try existing(key).replacing(["active"], with: true))
        try end(.enable)
    }

    package func delete(_ key: AccountKey, observed: ObservedAccount?) throws(TargetError) {
        try begin(.delete, .delete, key, nil)
        accounts[key] = nil
        order.removeAll { $0 == key }
        try end(.delete)
    }

    private func begin(
        _ operation: Operation,
        _ needed: TargetOperations,
        _ key: AccountKey?,
        _ body: JSONValue?
    ) throws(TargetError) {
        guard operations.contains(needed) else {
            throw TargetError(.unsupported, "the target is configured without \"\(operation.rawValue)\"")
        }
        calls.append(Call(operation: operation, key: key, body: body))
        try Self.throwNext(&faults, operation)
    }

    private func end(_ operation: Operation) throws(TargetError) {
        try Self.throwNext(&lateFaults, operation)
    }

    private static func throwNext(
        _ faults: inout [Operation: [TargetError]],
        _ operation: Operation
    ) throws(TargetError) {
        guard var queue = faults[operation], !queue.isEmpty else { return }
        let error = queue.removeFirst()
        faults[operation] = queue
        throw error
    }

    private func existing(_ key: AccountKey) throws(TargetError) -> JSONValue {
        guard let object = accounts[key] else {
            throw TargetError(.gone, "the account is not on the target", status: 404)
        }
        return object
    }

    private func store(_ key: AccountKey, _ object: JSONValue) {
        if accounts.updateValue(object, forKey: key) == nil { order.append(key) }
    }

    private func observed(_ key: AccountKey, _ object: JSONValue) -> ObservedAccount {
        ObservedAccount(key: key, attributes: object, isDisabled: object["active"] == false)
    }
}
