// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Intents are found by the key that they claim: every creation asks, and beside many others.
///
/// Those that are there have no folded key, and are compared one by one.
enum Migration0022IntentKeys {
    static let sql = """
        ALTER TABLE create_intents ADD COLUMN folded_key TEXT;
        CREATE INDEX create_intents_by_key ON create_intents (target, folded_key);
        """
}
