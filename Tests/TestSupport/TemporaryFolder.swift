// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder of a test's own, gone when the test is.
package enum TemporaryFolder {
    package static func use<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = NSTemporaryDirectory() + "slack-im-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }
}
