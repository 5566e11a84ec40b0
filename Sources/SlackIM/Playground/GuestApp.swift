// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import SlackSimulator

/// Another Slack app that the playground serves instead of slack-im.
package struct GuestApp: Sendable {
    /// Where it listens.
    package let url: String
    /// What its deliveries are signed with.
    package let signingSecret: String
    /// What its manifest says, or everything without one.
    package let app: InstalledApp

    /// Why a manifest cannot be used; each line names the file and the place.
    package struct ManifestError: Error, Sendable, CustomStringConvertible {
        /// One line a problem.
        package let description: String
    }

    /// Reads the manifest, if there is one.
    /// - Throws: ``ManifestError`` with everything that is wrong with it.
    package init(url: String, signingSecret: String, manifest path: String?) throws(ManifestError) {
        self.url = url
        self.signingSecret = signingSecret
        guard let path else {
            app = InstalledApp()
            return
        }
        let text: String
        do {
            text = String(decoding: try ConfigurationFile.onDisk(path).bytes, as: UTF8.self)
        } catch {
            throw ManifestError(description: "\(path): cannot be read: \(error)")
        }
        let value: JSONValue
        if let json = try? JSONValue(parsing: text) {
            value = json
        } else {
            value = try Self.yaml(text, path)
        }
        do {
            app = try InstalledApp(manifest: value)
        } catch {
            throw ManifestError(description: error.lines.map { "\(path): \($0)" }.joined(separator: "\n"))
        }
    }

    private static func yaml(_ text: String, _ path: String) throws(ManifestError) -> JSONValue {
        let reader = ConfigurationReader(file: path, environment: [:]) { _ in
            throw ConfigurationFile.Failure("a manifest refers to no files")
        }
        let json = ConfigurationDocument.root(of: text, reader: reader)?.json
        if let error = reader.error { throw ManifestError(description: error.description) }
        guard let json else { throw ManifestError(description: "\(path): is neither JSON nor YAML") }
        return json
    }
}
