// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Connectors
package import Provisioning

/// One target: what the domain knows of it, how it is spoken to, and when.
///
/// Shows nothing but its name when it is printed, since header values may be secrets.
package struct TargetConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Kind: Sendable {
        case rest(RESTTargetConfiguration)
        case scim(SCIMTargetConfiguration)
        case file(FileTargetConfiguration)
    }

    package enum Announcement: String, Sendable, CaseIterable { case none, dm }

    package var target: Target
    package var kind: Kind
    package var schedule: ScheduleText
    /// An IANA name for ``schedule``; `nil` means the system's.
    package var timezone: String?
    /// Whether a newcomer is told the initial password.
    package var announce: Announcement
    /// A list of members smaller than this part of the last one, from 0 to 1, is refused for this target.
    package var memberFloor: Double

    package var name: TargetName { target.name }

    /// The URL of a target that has one.
    package var url: String? {
        switch kind {
        case .rest(let rest): rest.url
        case .scim(let scim): scim.url
        case .file: nil
        }
    }

    /// Why a URL cannot replace a target's for one run.
    ///
    /// A usage error: exit code 2.
    package enum RelocationError: Error, Sendable, Hashable, CustomStringConvertible {
        case notAURL
        case noURL(TargetName)
        /// The host is not among the target's `url_hosts`.
        case foreignHost(TargetName, allowed: [String])

        package var description: String {
            switch self {
            case .notAURL: "the URL \(HTTPURL.shape)"
            case .noURL(let name): "target \(name) is a file and has no URL"
            case .foreignHost(let name, let allowed):
                "the URL's host is not among url_hosts of target \(name): \(allowed.joined(separator: ", "))"
            }
        }
    }

    /// The same target at another address, for an install that stands where it does not usually stand.
    /// - Throws: ``RelocationError``.
    package func relocated(to text: String) throws(RelocationError) -> TargetConfiguration {
        guard let url = HTTPURL(text, allowsQuery: true) else { throw .notAURL }
        var copy = self
        switch kind {
        case .rest(var rest):
            guard url.isListed(in: rest.hosts) else { throw .foreignHost(name, allowed: rest.hosts.sorted()) }
            rest.url = url.text
            copy.kind = .rest(rest)
        case .scim(var scim):
            guard url.isListed(in: scim.hosts) else { throw .foreignHost(name, allowed: scim.hosts.sorted()) }
            scim.url = url.text
            copy.kind = .scim(scim)
        case .file: throw .noURL(name)
        }
        return copy
    }

    package var description: String { "target \(name)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
