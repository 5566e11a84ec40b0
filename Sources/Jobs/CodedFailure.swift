// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// An error that has a stable code, such as `target.unreachable`, under which a failed try is kept and looked up.
///
/// Its description is safe to show.
package protocol CodedFailure: Error, CustomStringConvertible {
    var failureCode: String { get }
}
