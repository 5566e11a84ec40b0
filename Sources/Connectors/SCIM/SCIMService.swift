// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Synchronization
import Time

/// What a server can do, as far as is known.
struct SCIMService: Sendable, Hashable {
    /// Below the base, such as `/Users`.
    var users = "/Users"
    /// `nil` when nobody said; then it is tried.
    var patch: Bool?
    var filter: Bool?

    /// Reads what `ServiceProviderConfig` says into what is not configured.
    mutating func read(providerConfiguration body: JSONValue) {
        let body = SCIMName.respelled(body)
        patch = patch ?? body["patch"]?["supported"]?.bool
        filter = filter ?? body["filter"]?["supported"]?.bool
    }

    /// Finds the users' endpoint among `ResourceTypes`.
    ///
    /// Only a plain path below the base is taken: a server must not send us elsewhere.
    mutating func read(resourceTypes body: JSONValue) {
        let body = SCIMName.respelled(body)
        let types = body["Resources"]?.array ?? body.array ?? []
        let user = types.first { $0["schema"]?.string?.lowercased() == SCIMName.user.lowercased() }
        guard let endpoint = user?["endpoint"]?.string else { return }
        let path = endpoint.hasPrefix("/") ? endpoint : "/" + endpoint
        let isPlain =
            path.utf8.count > 1 && !path.contains("//") && !path.contains("..")
            && path.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"?#%\\:@".utf8.contains(byte)
            }
        if isPlain { users = path.hasSuffix("/") ? String(path.dropLast()) : path }
    }
}

/// Asks a server once in a while what it can do, and remembers what it was found unable to do.
actor SCIMDiscovery {
    private let configured: SCIMService
    private let clock: WallClock
    private let ask: @Sendable (SCIMService) async -> (service: SCIMService, isAnswered: Bool)
    private var known: (service: SCIMService, until: Timestamp)?
    private var asking: Task<SCIMService, Never>?

    /// - Parameter ask: Completes what is configured; whether the server answered at all.
    init(
        configured: SCIMService,
        clock: WallClock,
        ask: @escaping @Sendable (SCIMService) async -> (service: SCIMService, isAnswered: Bool)
    ) {
        self.configured = configured
        self.clock = clock
        self.ask = ask
    }

    /// What is known; asked anew after an hour, after a minute where nobody answered.
    func service() async -> SCIMService {
        if let known, known.until > clock.now() { return known.service }
        if let asking { return await asking.value }
        let task = Task {
            let answer = await ask(configured)
            known = (answer.service, clock.now() + .seconds(answer.isAnswered ? 3600 : 60))
            return answer.service
        }
        asking = task
        defer { asking = nil }
        return await task.value
    }

    /// The server was asked to patch and cannot.
    func cannotPatch() { known?.service.patch = false }

    /// The server was asked to filter and cannot.
    func cannotFilter() { known?.service.filter = false }
}
