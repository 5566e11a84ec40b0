// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What the reconcile engine remembers beyond the pair of member and account.
enum Migration0002Engine {
    static let sql = """
        ALTER TABLE links ADD COLUMN stands_for TEXT;
        ALTER TABLE links ADD COLUMN former_key TEXT;
        ALTER TABLE links ADD COLUMN is_restored INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE create_intents ADD COLUMN stands_for TEXT;
        ALTER TABLE holds ADD COLUMN replaces TEXT;
        ALTER TABLE holds ADD COLUMN replaced_by TEXT;
        CREATE INDEX audit_by_outcome ON audit (member, target, id) WHERE outcome = 'failed';
        """
}
