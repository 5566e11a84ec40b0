// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import StoreSQLite
import TestSupport
import Testing

@Suite("SQLite keeps the store's contract", .timeLimit(.minutes(1)))
struct SQLiteStoreConformanceTests {
    @Test(arguments: StoreConformance.cases)
    func keeps(_ conformance: StoreConformance) async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await conformance.check(store)
            await store.close()
        }
    }
}
