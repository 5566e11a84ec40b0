// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How a `kind: scim` target is spoken to.
package struct SCIMTargetConfiguration: Sendable {
    /// The base of the service, such as `https://idp.example.com/scim/v2`.
    package var url: String
    /// Hosts that requests may go to, lower case.
    package var hosts: Set<String>
    package var authentication: RESTTargetConfiguration.Authentication
    /// Sent as they are written; they replace our own of the same name.
    package var headers: [(name: String, value: String)]
    /// Path of the key in the target's objects.
    package var keyPath: [String]
    /// Leaves that hold a password: sent at creation only.
    package var secretPaths: Set<[String]> = []
    /// The operator maps `externalId`; else it is the Slack member id.
    package var mapsExternalID = false
    /// Whether the server patches; `nil` asks its `ServiceProviderConfig`.
    package var patch: Bool?
    /// Whether the server filters; `nil` asks its `ServiceProviderConfig`.
    package var filter: Bool?
    package var limits: RESTTargetConfiguration.Limits
    /// PEM file of the authorities to trust instead of the system's.
    package var certificateFile: String?

    package init(
        url: String,
        hosts: Set<String>,
        authentication: RESTTargetConfiguration.Authentication = .none,
        headers: [(name: String, value: String)] = [],
        keyPath: [String],
        patch: Bool? = nil,
        filter: Bool? = nil,
        limits: RESTTargetConfiguration.Limits = .init(),
        certificateFile: String? = nil
    ) {
        self.url = url
        self.hosts = hosts
        self.authentication = authentication
        self.headers = headers
        self.keyPath = keyPath
        self.patch = patch
        self.filter = filter
        self.limits = limits
        self.certificateFile = certificateFile
    }
}
