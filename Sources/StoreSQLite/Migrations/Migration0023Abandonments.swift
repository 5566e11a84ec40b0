// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Tries whose process was gone are counted apart from those that failed.
enum Migration0023Abandonments {
    static let sql = """
        ALTER TABLE jobs ADD COLUMN abandonments INTEGER NOT NULL DEFAULT 0;
        """
}
