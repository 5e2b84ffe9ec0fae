import Domain
import SQLiteStore
import TestSupport
import Testing

@Suite("The SQLite store keeps the stores' contract")
struct SQLiteStoreContractTests {
    @Test("it does what every store does", .timeLimit(.minutes(1)), arguments: StoreContract.all)
    func contract(_ rule: StoreContract) async throws {
        try await withTemporaryFolder { folder in
            let clock = HandClock()
            let store = try SQLiteStore.open(path: folder + "/store.sqlite", now: { clock.now })
            try await rule.check(store, clock)
            try store.close()
        }
    }
}
