// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Intents of accounts that are moved to another key.
enum Migration0020Moves {
    static let sql = """
        ALTER TABLE create_intents ADD COLUMN moves_from TEXT;
        """
}
