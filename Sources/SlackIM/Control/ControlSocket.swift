// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Signing

/// The Unix socket by which the other commands talk to a running `serve`.
enum ControlSocket {
    /// What the operating system takes for a socket's address, with its final zero.
    private static let longestPath = 104

    /// Beside the database; in the temporary directory when that path is too long for a socket.
    static func path(database: String) -> String {
        let beside = database + ".sock"
        guard beside.utf8.count >= longestPath else { return beside }
        let absolute = URL(fileURLWithPath: database).standardizedFileURL.path
        let name = Hex.encode((try? SHA256.digest(Array(absolute.utf8)))?.prefix(12) ?? [])
        return "/tmp/slack-im-\(getuid())-\(name).sock"
    }
}
