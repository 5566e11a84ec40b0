// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Signing
package import Templates

/// How a `kind: rest` target is spoken to.
package struct RESTTargetConfiguration: Sendable {
    /// How an answer is recognised: by its status, by a text in its body, or both.
    package struct Match: Sendable, Hashable {
        /// HTTP statuses, any of them; empty for none in particular.
        package var statuses: Set<Int>
        /// A text, compared without case, that the body must contain; `nil` for any body.
        package var bodyContains: String?

        package init(statuses: Set<Int>, bodyContains: String? = nil) {
            self.statuses = statuses
            self.bodyContains = bodyContains
        }
    }

    /// One operation: its method, its path below the URL (`{{key}}` is one percent-encoded segment), its body.
    package struct Operation: Sendable, Hashable {
        package var method: String
        /// Below the URL, with a query if need be; `nil` for the URL itself.
        package var path: Template?
        /// For disable and enable; creation and update send the account.
        package var body: JSONValue?
        /// How it is recognised that the operation was carried out; `nil` takes any 2xx that is no web page.
        package var success: Match?

        package init(method: String, path: Template? = nil, body: JSONValue? = nil, success: Match? = nil) {
            self.method = method
            self.path = path
            self.body = body
            self.success = success
        }
    }

    /// How a list is read in pages.
    ///
    /// A list ends with an empty page, or without a next cursor, never with a short page.
    package enum Paging: Sendable, Hashable {
        case none
        /// `?page=1&size=100`, counting pages.
        case page(parameter: String, start: Int, sizeParameter: String?, size: Int?)
        /// `?offset=0&limit=100`, counting items.
        case offset(parameter: String, sizeParameter: String?, size: Int?)
        /// The next cursor stands at a dotted path of the body.
        case cursor(parameter: String, from: [String])
    }

    /// How an account is made, and how the target says that it exists.
    package struct Create: Sendable, Hashable {
        package var operation: Operation
        package var exists: Match
        package init(operation: Operation, exists: Match) {
            self.operation = operation
            self.exists = exists
        }
    }

    /// How one account is read, and how the target says that there is none.
    package struct Find: Sendable, Hashable {
        package var operation: Operation
        package var missing: Match
        package init(operation: Operation, missing: Match) {
            self.operation = operation
            self.missing = missing
        }
    }

    /// How all accounts are read.
    package struct List: Sendable, Hashable {
        package var operation: Operation
        /// Dotted path of the array; `nil` takes the body, or its only array.
        package var items: [String]?
        package var paging: Paging
        /// The paging is the standard's and not the operator's word.
        ///
        /// A target that ignores it, and gives everything every time, is believed.
        package var isPagingAssumed: Bool

        package init(
            operation: Operation,
            items: [String]? = nil,
            paging: Paging = .none,
            isPagingAssumed: Bool = false
        ) {
            self.operation = operation
            self.items = items
            self.paging = paging
            self.isPagingAssumed = isPagingAssumed
        }
    }

    /// What the target can do.
    ///
    /// An operation that is `nil` is one that it cannot.
    package struct Operations: Sendable, Hashable {
        package var create: Create?
        package var find: Find?
        package var list: List?
        package var update: Operation?
        package var disable: Operation?
        package var enable: Operation?
        package var delete: Operation?
        /// Fields that a disabled account shows; `nil` takes the disable body's.
        package var disabledWhen: JSONValue?

        package init() {}

        /// What `operations: standard` stands for.
        ///
        /// Creation by `POST` (409 when the account exists), the account at `/{{key}}` with `GET` (404 when there is
        /// none), `PUT`, `DELETE` and `PATCH {"active": …}`, and `GET` for the list.
        package static var standard: Operations {
            // A constant with one plain tag. Were it ever broken, a target would refuse operations that name no key.
            let account = try? Template("/{{key}}")
            var operations = Operations()
            operations.create = Create(
                operation: Operation(method: "POST"),
                exists: Match(statuses: [409], bodyContains: "already")
            )
            operations.find = Find(operation: Operation(method: "GET", path: account), missing: Match(statuses: [404]))
            operations.list = List(
                operation: Operation(method: "GET"),
                paging: .page(parameter: "page", start: 1, sizeParameter: "size", size: 100),
                isPagingAssumed: true
            )
            operations.update = Operation(method: "PUT", path: account)
            operations.disable = Operation(method: "PATCH", path: account, body: ["active": false])
            operations.enable = Operation(method: "PATCH", path: account, body: ["active": true])
            operations.delete = Operation(method: "DELETE", path: account)
            return operations
        }
    }

    /// How slack-im shows who it is.
    package enum Authentication: Sendable {
        case none
        case bearer(Secret)
        case basic(user: String, password: Secret)
    }

    /// What the target can bear, and how long it is waited for.
    package struct Limits: Sendable, Hashable {
        /// Requests at a time.
        package var concurrency = 4
        /// Requests a second over time; zero means no limit.
        package var perSecond: Double = 10
        /// For one try, with its answer.
        package var timeout: Duration = .seconds(10)
        /// Tries after the first, where trying again is safe.
        package var retries = 5
        /// Larger answers are refused.
        package var answerBytes = 16 << 20
        /// More pages than this are no list but a loop.
        package var pages = 10_000
        /// More accounts than this are no list of ours.
        package var items = 1_000_000

        package init() {}
    }

    /// Where accounts are made and listed; a query in it goes with every request.
    package var url: String
    /// Hosts that requests may go to, lower case.
    package var hosts: Set<String>
    package var authentication: Authentication
    /// Sent as they are written; they replace our own of the same name.
    package var headers: [(name: String, value: String)]
    /// Path of the key in the target's objects.
    package var keyPath: [String]
    /// Leaves that hold a password: left out of every update, even where the target shows them.
    package var secretPaths: Set<[String]>
    package var operations: Operations
    package var limits: Limits
    /// PEM file of the authorities to trust instead of the system's; the composition makes the HTTP client with it.
    package var certificateFile: String?

    package init(
        url: String,
        hosts: Set<String>,
        authentication: Authentication = .none,
        headers: [(name: String, value: String)] = [],
        keyPath: [String],
        secretPaths: Set<[String]> = [],
        operations: Operations,
        limits: Limits = Limits(),
        certificateFile: String? = nil
    ) {
        self.url = url
        self.hosts = hosts
        self.authentication = authentication
        self.headers = headers
        self.keyPath = keyPath
        self.secretPaths = secretPaths
        self.operations = operations
        self.limits = limits
        self.certificateFile = certificateFile
    }
}
