// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Dispatch
package import JSON
package import Provisioning
import Synchronization

/// A target that is a JSON file, such as the hand-kept members of an installation's first start.
///
/// Reads the file for every batch of requests, and writes it once for all changes of the batch that came in while the
/// last one was on its way to the disk; a change is done when it is durable. What is not ours stays as it is written,
/// byte for byte. What somebody else writes meanwhile is noticed and read again; what cannot be read is never replaced.
package final class FileTarget: AccountTarget {
    package let operations: TargetOperations = .standard

    /// What a request wants, and whom to tell.
    private struct Request {
        let work: @Sendable (inout AccountsDocument) -> Answer
        let resume: @Sendable (Result<Reply, TargetError>) -> Void
    }

    private struct Answer {
        var result: Result<Reply, TargetError>
        var isChanged = false
    }

    private enum Reply: Sendable {
        case done, exists
        case accounts([ObservedAccount])
    }

    /// What was read or written last, and is still right while the file has these bytes.
    private struct Known {
        var bytes: [UInt8]?
        var document: AccountsDocument
    }

    private let configuration: FileTargetConfiguration
    private let file: AccountsFile
    private let queue: DispatchQueue
    private let waiting = Mutex<[Request]>([])
    /// Of the queue alone.
    private let known = Mutex<Known?>(nil)

    package init(_ configuration: FileTargetConfiguration) {
        self.configuration = configuration
        file = AccountsFile(path: configuration.path, largest: configuration.largestFile)
        queue = DispatchQueue(label: "slack-im.target.file")
    }

    // MARK: The port

    package func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        PackedList(try await read { $0.accounts })
    }

    package func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        try await read { $0.account(key).map { [$0] } ?? [] }.first
    }

    package func create(
        _ key: AccountKey,
        member: MemberID,
        body: JSONValue
    ) async throws(TargetError) -> CreateOutcome {
        guard body.object != nil else { throw TargetError(.rejected, "an account must be an object") }
        let reply = try await perform { document in
            guard case .none = document.find(key) else { return Answer(result: .success(.exists)) }
            document.append(key, body)
            return Answer(result: .success(.done), isChanged: true)
        }
        if case .exists = reply { return .exists }
        return .created(ObservedAccount(key: key, attributes: body.without(configuration.secretPaths)))
    }

    package func update(
        _ key: AccountKey,
        observed: ObservedAccount?,
        to desired: JSONValue
    ) async throws(TargetError) {
        let newKey = desired[path: configuration.keyPath]?.scalarText.map { AccountKey($0) }
        let former = observed?.key ?? key
        let secrets = configuration.secretPaths
        let leaves = desired.leaves.filter { !secrets.contains($0.path) }
        try await change(former) { document, place in
            if let newKey, newKey.folded != former.folded {
                guard case .none = document.find(newKey) else {
                    return TargetError(.rejected, "the file has an entry with the new key already")
                }
            }
            document.set(leaves, at: place)
            return nil
        }
    }

    package func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await setActive(false, observed?.key ?? key)
    }

    package func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await setActive(true, observed?.key ?? key)
    }

    private func setActive(_ isActive: Bool, _ key: AccountKey) async throws(TargetError) {
        try await change(key) { document, place in
            document.set([(path: ["active"], value: .bool(isActive))], at: place)
            return nil
        }
    }

    package func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        do throws(TargetError) {
            try await change(observed?.key ?? key) { document, place in
                document.remove(at: place)
                return nil
            }
        } catch {
            guard error.code == .gone else { throw error }
        }
    }

    // MARK: Requests

    private func read(
        _ body: @escaping @Sendable (AccountsDocument) -> [ObservedAccount]
    ) async throws(TargetError) -> [ObservedAccount] {
        let reply = try await perform { Answer(result: .success(.accounts(body($0)))) }
        if case .accounts(let accounts) = reply { return accounts }
        return []
    }

    /// Changes the one entry with the key.
    private func change(
        _ key: AccountKey,
        _ edit: @escaping @Sendable (inout AccountsDocument, Int) -> TargetError?
    ) async throws(TargetError) {
        _ = try await perform { document in
            switch document.find(key) {
            case .none: return Answer(result: .failure(TargetError(.gone, "the account is not in the file")))
            case .several:
                return Answer(result: .failure(TargetError(.rejected, "the file has several entries with this key")))
            case .one(let place):
                if let error = edit(&document, place) { return Answer(result: .failure(error)) }
                return Answer(result: .success(.done), isChanged: true)
            }
        }
    }

    private func perform(
        _ work: @escaping @Sendable (inout AccountsDocument) -> Answer
    ) async throws(TargetError) -> Reply {
        let result: Result<Reply, TargetError> = await withCheckedContinuation { continuation in
            let request = Request(work: work) { continuation.resume(returning: $0) }
            let isFirst = waiting.withLock { waiting in
                waiting.append(request)
                return waiting.count == 1
            }
            // Whoever is first sends for the batch; all who come until it begins are in it.
            if isFirst { queue.async { self.workOff() } }
        }
        return try result.get()
    }

    // MARK: On the queue

    /// How often a batch is begun anew because somebody else wrote the file meanwhile.
    private static let tries = 5

    private func workOff() {
        let batch = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        switch known.withLock({ known in Self.attempt { () throws(TargetError) in try carryOut(batch, &known) } }) {
        case .success(let results): for (request, result) in zip(batch, results) { request.resume(result) }
        case .failure(let error): for request in batch { request.resume(.failure(error)) }
        }
    }

    private static func attempt<Value>(_ body: () throws(TargetError) -> Value) -> Result<Value, TargetError> {
        do throws(TargetError) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    private func carryOut(
        _ batch: [Request],
        _ known: inout Known?
    ) throws(TargetError) -> [Result<Reply, TargetError>] {
        let place = try file.resolved()
        let patience = configuration.lockPatience.components
        let tries = Int(patience.seconds) * 50 + Int(patience.attoseconds / 20_000_000_000_000_000)
        var current = known
        // Not to be trusted again if this fails half-way.
        known = nil
        let results = try file.locked(place, tries: tries) { () throws(TargetError) in
            for _ in 0..<Self.tries {
                let before = try file.read(place)
                var document = try self.document(before?.bytes, current)
                let answers = batch.map { $0.work(&document) }
                guard answers.contains(where: \.isChanged) else {
                    current = Known(bytes: before?.bytes, document: document)
                    return answers.map(\.result)
                }
                let bytes = document.bytes
                let mode: UInt32 = configuration.secretPaths.isEmpty ? 0o644 : 0o600
                let written = try file.replace(place, with: bytes, before: before?.state, mode: mode)
                if case .done = written {
                    current = Known(bytes: bytes, document: document)
                    return answers.map(\.result)
                }
                current = nil
            }
            throw TargetError(.unreachable, "\(configuration.path) is being written by somebody else all the time")
        }
        known = current
        return results
    }

    private func document(_ bytes: [UInt8]?, _ known: Known?) throws(TargetError) -> AccountsDocument {
        if let known, known.bytes == bytes { return known.document }
        let path = configuration.path
        guard let bytes else { return AccountsDocument(emptyAt: configuration.items, keyPath: configuration.keyPath) }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw TargetError(.misconfigured, "\(path) is empty: remove it, or write [] into it, if nobody is in it")
        }
        do throws(AccountsDocument.Problem) {
            return try AccountsDocument(bytes, items: configuration.items, keyPath: configuration.keyPath)
        } catch {
            switch error {
            case .garbled(let error): throw TargetError(.misconfigured, "\(path): \(error)")
            case .noList(let detail): throw TargetError(.misconfigured, "\(path): \(detail)")
            case .keyless(let count):
                let key = configuration.keyPath.joined(separator: ".")
                throw TargetError(.misconfigured, "\(path): none of its \(count) entries has a \"\(key)\"")
            }
        }
    }
}

extension JSONValue {
    /// The value without the leaves at the paths.
    fileprivate func without(_ paths: Set<[String]>) -> JSONValue {
        paths.reduce(self) { $0.removing($1[...]) }
    }
}
