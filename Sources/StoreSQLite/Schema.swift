// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The numbered migrations.
///
/// One that has been released is never edited: a later one changes what it made.
///
/// Times are whole milliseconds since 1970; JSON is text. Another driver keeps the same numbers.
enum Schema {
    private static let migrations: [(identifier: String, sql: String)] = [
        ("0001_first_light", Migration0001.sql),
        ("0002_engine", Migration0002Engine.sql),
        ("0003_engine_digests", Migration0003EngineDigests.sql),
        ("0004_ingest", Migration0004Ingest.sql),
        ("0005_alerts", Migration0005Alerts.sql),
        ("0006_intake", Migration0006Intake.sql),
        ("0020_moves", Migration0020Moves.sql),
        ("0021_sample_events", Migration0021SampleEvents.sql),
        ("0022_intent_keys", Migration0022IntentKeys.sql),
        ("0023_abandonments", Migration0023Abandonments.sql),
        ("0024_intake_rows", Migration0024IntakeRows.sql),
    ]

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        for (identifier, sql) in migrations {
            migrator.registerMigration(identifier) { try $0.execute(sql: sql) }
        }
        return migrator
    }()
}
