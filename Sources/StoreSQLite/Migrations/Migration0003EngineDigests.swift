// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Tells whether a member is as they were without reading the whole record.
enum Migration0003EngineDigests {
    static let sql = "ALTER TABLE members ADD COLUMN digest INTEGER;"
}
