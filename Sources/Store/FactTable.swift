// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Single values worth remembering: the workspace's id, the size of the last member list, a paused target.
package protocol FactTable {
    func fact(_ name: String) throws -> String?
    /// `nil` removes it.
    func setFact(_ name: String, _ value: String?) throws
    /// Facts whose names begin so.
    func facts(prefix: String) throws -> [String: String]
}
