// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Provisioning
import Testing

/// What every ``AccountTarget`` with the standard operations must do; each implementation runs every rule on an empty
/// target.
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

    case renameMovesTheAccount = "an update with another key renames the account, whole"
    case takenNameIsRefused = "an update to a key that somebody has is refused, and changes neither"
    case listedAccountIsChanged = "what was listed can be updated, disabled, enabled and deleted as it was listed"
    case newTenantIsNotTouched =
        "an account made anew by another hand is changed by its key, whatever stood there before"
    case passwordIsNeverUpdated = "an update never sends or shows a password"
    case simultaneousChangesAllHappen = "changes at the same time all happen, each once"

    package var testDescription: String { rawValue }

    /// The accounts that an implementation is tried with.
    package struct Shape: Sendable {
        /// The leaf that names the account.
        package var key: String
        /// A leaf with a text.
        package var name: String
        /// A leaf that updates do not mention, and its value.
        package var kept: (name: String, value: JSONValue)

        package init(key: String, name: String, kept: (name: String, value: JSONValue)) {
            self.key = key
            self.name = name
            self.kept = kept
        }

        /// `userId`, `name` and `centerIds`.
        package static let plain = Shape(key: "userId", name: "name", kept: ("centerIds", ["spectra"]))
        /// A SCIM user.
        package static let scim = Shape(key: "userName", name: "displayName", kept: ("title", "spectra"))

        func body(_ key: AccountKey, name: String) -> JSONValue {
            .object([
                self.key: .string(key.rawValue), self.name: .string(name), "password": "s3cret", kept.name: kept.value,
            ])
        }

        func leaves(_ key: AccountKey, name: String) -> JSONValue {
            .object([self.key: .string(key.rawValue), self.name: .string(name)])
        }
    }

    /// Checks the rule.
    package func check(_ target: any AccountTarget, _ shape: Shape = .plain) async throws {
        #expect(target.operations == .standard)
        func create(_ key: AccountKey, member: MemberID = "U1", line: Int = #line) async throws {
            let body = shape.body(key, name: "Name of \(key)")
            guard case .created(let shown) = try await target.create(key, member: member, body: body) else {
                Issue.record("creating \(key) was answered: it exists (line \(line))")
                return
            }
            #expect(shown?.key ?? key == key)
        }
        switch self {
        case .emptyTargetListsNobody:
            #expect(try await target.list().isEmpty)
        case .createdAccountIsFound:
            try await create("kim")
            let found = try #require(try await target.find("kim"))
            #expect(found.key == "kim")
            #expect(found.attributes[shape.name] == "Name of kim")
            #expect(found.attributes[shape.kept.name] == shape.kept.value)
            #expect(!found.isDisabled)
        case .createdAccountIsListed:
            let keys = (0..<60).map { AccountKey("person\($0)") }
            for key in keys { try await create(key) }
            let listed = try await target.list()
            #expect(listed.map(\.key).sorted() == keys.sorted())
            #expect(listed.allSatisfy { $0.attributes[shape.name] == .string("Name of \($0.key)") })
        case .existingAccountIsLeftAlone:
            try await create("kim")
            let other = shape.body("kim", name: "Somebody else")
            #expect(try await target.create("kim", member: "U1", body: other) == .exists)
            let outcome = try await target.create("kim", member: "U2", body: other)
            #expect(outcome == .exists || outcome == .taken(by: "U1"))
            #expect(try await target.find("kim")?.attributes[shape.name] == "Name of kim")
        case .unknownKeyIsNotFound:
            try await create("kim")
            #expect(try await target.find("lee") == nil)
        case .updateReplacesMappedLeaves:
            try await create("kim")
            let found = try #require(try await target.find("kim"))
            try await target.update("kim", observed: found, to: shape.leaves("kim", name: "New name"))
            let changed = try #require(try await target.find("kim"))
            #expect(changed.attributes[shape.name] == "New name")
            #expect(changed.attributes[shape.kept.name] == shape.kept.value)
        case .updateOfNobodyIsGone:
            await Self.expectGone { () async throws(TargetError) in
                try await target.update("nobody", observed: nil, to: shape.leaves("nobody", name: "N"))
            }
            #expect(try await target.list().isEmpty)
        case .disabledAccountIsShown:
            try await create("kim")
            try await target.disable("kim", observed: try await target.find("kim"))
            let disabled = try #require(try await target.find("kim"))
            #expect(disabled.isDisabled)
            #expect(disabled.attributes[shape.name] == "Name of kim")
            #expect(try await target.list().map(\.isDisabled) == [true])
            try await target.enable("kim", observed: disabled)
            #expect(try await target.find("kim")?.isDisabled == false)
        case .switchingNobodyIsGone:
            await Self.expectGone { () async throws(TargetError) in try await target.disable("nobody", observed: nil) }
            await Self.expectGone { () async throws(TargetError) in try await target.enable("nobody", observed: nil) }
        case .deletedAccountIsGone:
            try await create("kim")
            try await create("lee")
            try await target.delete("kim", observed: try await target.find("kim"))
            #expect(try await target.find("kim") == nil)
            try await target.delete("kim", observed: nil)
            #expect(try await target.list().map(\.key) == ["lee"])
        case .oddKeysComeThrough:
            let keys: [AccountKey] = [
                "a/b", "a b", "a+b", "50%", "50%25", "q?x=1#y", "김철수", "o'neil;v=1", "..hidden", "x\" or userName pr",
                "back\\slash",
            ]
            for key in keys { try await create(key) }
            for key in keys {
                #expect(try await target.find(key)?.attributes[shape.name] == .string("Name of \(key)"))
            }
            try await target.delete("a/b", observed: nil)
            #expect(try await target.list().map(\.key).sorted() == keys.filter { $0 != "a/b" }.sorted())
        case .renameMovesTheAccount:
            try await create("kim")
            try await target.update(
                "kim", observed: try await target.find("kim"), to: shape.leaves("kim2", name: "Name of kim"))
            #expect(try await target.find("kim") == nil)
            let renamed = try #require(try await target.find("kim2"))
            #expect(renamed.attributes[shape.kept.name] == shape.kept.value)
            #expect(try await target.list().map(\.key) == ["kim2"])
        case .takenNameIsRefused:
            try await create("kim", member: "U1")
            try await create("lee", member: "U2")
            let kim = try await target.find("kim")
            do throws(TargetError) {
                try await target.update("kim", observed: kim, to: shape.leaves("lee", name: "Name of kim"))
                Issue.record("took a key that somebody has")
            } catch {
                #expect(error.code == .rejected)
            }
            for key in ["kim", "lee"] as [AccountKey] {
                #expect(try await target.find(key)?.attributes[shape.name] == .string("Name of \(key)"))
            }
        case .listedAccountIsChanged:
            for key in ["kim", "lee", "park"] as [AccountKey] { try await create(key) }
            let listed = try await target.list()
            let kim = try #require(listed.first { $0.key == "kim" })
            let lee = try #require(listed.first { $0.key == "lee" })
            try await target.update("kim", observed: kim, to: shape.leaves("kim", name: "New name"))
            try await target.disable("kim", observed: kim)
            try await target.delete("lee", observed: lee)
            let after = try await target.list()
            #expect(after.map(\.key).sorted() == ["kim", "park"])
            let changed = try #require(after.first { $0.key == "kim" })
            #expect(changed.isDisabled)
            #expect(changed.attributes[shape.name] == "New name")
            #expect(changed.attributes[shape.kept.name] == shape.kept.value)
            #expect(after.first { $0.key == "park" }?.isDisabled == false)
        case .newTenantIsNotTouched:
            try await create("kim")
            let before = try #require(try await target.find("kim"))
            try await target.delete("kim", observed: before)
            try await create("lee")
            try await create("kim")
            // What is known of kim is old: it may not reach lee, who may have the id that kim had.
            try await target.disable("kim", observed: before)
            #expect(try await target.find("kim")?.isDisabled == true)
            #expect(try await target.find("lee")?.isDisabled == false)
            try await target.delete("kim", observed: before)
            #expect(try await target.list().map(\.key) == ["lee"])
            await Self.expectGone { () async throws(TargetError) in try await target.disable("kim", observed: before) }
            #expect(try await target.find("lee")?.isDisabled == false)
        case .passwordIsNeverUpdated:
            try await create("kim")
            let found = try #require(try await target.find("kim"))
            try await target.update("kim", observed: found, to: shape.leaves("kim", name: "New name"))
            let after = try #require(try await target.find("kim"))
            #expect(after.attributes["password"] == found.attributes["password"])
        case .simultaneousChangesAllHappen:
            let keys = (0..<20).map { AccountKey("person\($0)") }
            for key in keys.prefix(10) { try await create(key) }
            await withTaskGroup(of: Void.self) { group in
                for key in keys.prefix(5) { group.addTask { try? await target.disable(key, observed: nil) } }
                for key in keys[5..<10] { group.addTask { try? await target.delete(key, observed: nil) } }
                for key in keys.suffix(10) {
                    group.addTask {
                        _ = try? await target.create(key, member: "U1", body: shape.body(key, name: "Name of \(key)"))
                    }
                }
            }
            let after = try await target.list()
            #expect(after.map(\.key).sorted() == (keys.prefix(5) + keys.suffix(10)).sorted())
            #expect(Set(after.filter(\.isDisabled).map(\.key)) == Set(keys.prefix(5)))
        }
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
