// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How many files and connections this process may have open at once.
enum OpenFiles {
    #if canImport(Darwin)
    private static let resource = RLIMIT_NOFILE
    #else
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif

    /// More than anybody needs; some systems allow a billion, and to look at each takes time.
    private static let most: rlim_t = 65_536

    /// Raises the limit as far as the system lets everybody: it often begins at 1024, for the sake of programs that wait
    /// with `select`.
    static func raiseLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < most else { return }
        limit.rlim_cur = min(limit.rlim_max, most)
        _ = unsafe setrlimit(resource, &limit)
    }

    /// How many connections strangers may have: half of what there is.
    ///
    /// The rest is for the database, for Slack, for targets and for those who look.
    static var forStrangers: Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return 512 }
        return max(1, Int(clamping: limit.rlim_cur) / 2)
    }
}
