// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Samples are found by the event that they are of: what a user says is about one.
enum Migration0021SampleEvents {
    static let sql = """
        CREATE INDEX alert_samples_by_event ON alert_samples (source, event_id);
        """
}
