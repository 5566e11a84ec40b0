// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
import Testing

/// What every ``AccountTarget`` with the standard operations must do; each implementation runs every rule on an empty
/// target whose key leaf is `userId`.
package enum AccountTargetConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case emptyTargetListsNobody = "an empty target lists nobody"
    case createdAccountIsFound = "a created account is found with its fields"
    case createdAccountIsListed = "created accounts are listed, all of them, once"
    case existingAccountIsLeftAlone = "creating an account that exists says so and changes nothing"
    case unknownKeyIsNotFound = "an unknown key is not found, and that is no error"
    case updateReplacesMappedLeaves = "an update replaces the mapped leaves and keeps the others"
    case updateOfNobodyIsGone = "updating an account that is not there says gone"
    case disabledAccountIsShown = "a disabled account shows as disabled, keeps its fields, and can be enabled"
    case switchingNobodyIsGone = "disabling and enabling an account that is not there says gone"
    case deletedAccountIsGone = "a deleted account is gone, and deleting it again succeeds"
    case oddKeysComeThrough = "keys with odd characters name the account they name"

    package var testDescription: String { rawValue }

    /// Checks the rule.
    package func check(_ target: any AccountTarget) async throws {
        #expect(target.operations == .standard)
        switch self {
        case .emptyTargetListsNobody:
            #expect(try await target.list().isEmpty)
        case .createdAccountIsFound:
            try await Self.create("kim", on: target)
            let found = try #require(try await target.find("kim"))
            #expect(found.key == "kim")
            #expect(found.attributes["name"] == "Name of kim")
            #expect(found.attributes["centerIds"] == ["spectra"])
            #expect(!found.isDisabled)
        case .createdAccountIsListed:
            let keys = (0..<60).map { AccountKey("person\($0)") }
            for key in keys { try await Self.create(key, on: target) }
            let listed = try await target.list()
            #expect(listed.map(\.key).sorted() == keys.sorted())
            #expect(listed.allSatisfy { $0.attributes["name"] == .string("Name of \($0.key)") })
        case .existingAccountIsLeftAlone:
            try await Self.create("kim", on: target)
            let outcome = try await target.create("kim", member: "U2", body: Self.body("kim", name: "Somebody else"))
            #expect(outcome == .exists)
            #expect(try await target.find("kim")?.attributes["name"] == "Name of kim")
        case .unknownKeyIsNotFound:
            try await Self.create("kim", on: target)
            #expect(try await target.find("lee") == nil)
        case .updateReplacesMappedLeaves:
            try await Self.create("kim", on: target)
            let found = try #require(try await target.find("kim"))
            try await target.update("kim", observed: found, to: ["userId": "kim", "name": "New name"])
            let changed = try #require(try await target.find("kim"))
            #expect(changed.attributes["name"] == "New name")
            #expect(changed.attributes["centerIds"] == ["spectra"])
        case .updateOfNobodyIsGone:
            await Self.expectGone { () async throws(TargetError) in
                try await target.update("nobody", observed: nil, to: ["userId": "nobody", "name": "N"])
            }
            #expect(try await target.list().isEmpty)
        case .disabledAccountIsShown:
            try await Self.create("kim", on: target)
            try await target.disable("kim", observed: try await target.find("kim"))
            let disabled = try #require(try await target.find("kim"))
            #expect(disabled.isDisabled)
            #expect(disabled.attributes["name"] == "Name of kim")
            #expect(try await target.list().map(\.isDisabled) == [true])
            try await target.enable("kim", observed: disabled)
            #expect(try await target.find("kim")?.isDisabled == false)
        case .switchingNobodyIsGone:
            await Self.expectGone { () async throws(TargetError) in try await target.disable("nobody", observed: nil) }
            await Self.expectGone { () async throws(TargetError) in try await target.enable("nobody", observed: nil) }
        case .deletedAccountIsGone:
            try await Self.create("kim", on: target)
            try await Self.create("lee", on: target)
            try await target.delete("kim", observed: try await target.find("kim"))
            #expect(try await target.find("kim") == nil)
            try await target.delete("kim", observed: nil)
            #expect(try await target.list().map(\.key) == ["lee"])
        case .oddKeysComeThrough:
            let keys: [AccountKey] = ["a/b", "a b", "a+b", "50%", "50%25", "q?x=1#y", "김철수", "o'neil;v=1", "..hidden"]
            for key in keys { try await Self.create(key, on: target) }
            for key in keys {
                #expect(try await target.find(key)?.attributes["name"] == .string("Name of \(key)"))
            }
            try await target.delete("a/b", observed: nil)
            #expect(try await target.list().map(\.key).sorted() == keys.filter { $0 != "a/b" }.sorted())
        }
    }

    private static func body(_ key: AccountKey, name: String) -> JSONValue {
        ["userId": .string(key.rawValue), "name": .string(name), "password": "s3cret", "centerIds": ["spectra"]]
    }

    private static func create(_ key: AccountKey, on target: any AccountTarget) async throws {
        let outcome = try await target.create(key, member: "U1", body: body(key, name: "Name of \(key)"))
        guard case .created(let shown) = outcome else {
            Issue.record("creating \(key) was answered: it exists")
            return
        }
        #expect(shown?.key ?? key == key)
    }

    private static func expectGone(_ operation: () async throws(TargetError) -> Void) async {
        do throws(TargetError) {
            try await operation()
            Issue.record("succeeded on an account that is not there")
        } catch {
            #expect(error.code == .gone)
        }
    }
}
