// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Connectors

/// How a `kind: scim` target is spoken to.
package struct SCIMTargetConfiguration: Sendable {
    package var url: String
    /// Hosts that requests may go to, lower case.
    package var hosts: Set<String>
    package var authentication: RESTTargetConfiguration.Authentication
    package var headers: [(name: String, value: String)]
    /// Path of the key in the target's objects.
    package var keyPath: [String]
    /// Whether the server patches; `nil` asks its `ServiceProviderConfig`.
    package var patch: Bool?
    /// Whether the server filters; `nil` asks its `ServiceProviderConfig`.
    package var filter: Bool?
    package var limits: RESTTargetConfiguration.Limits
    /// PEM file of the authorities to trust instead of the system's.
    package var certificateFile: String?
}
