import Domain
import HTTPTypes

extension APIProblem {
    /// What a failure of the store means to whoever asked; nil when it is nothing that asking again, or otherwise, would mend.
    init?(_ failure: StoreFailure) {
        if failure.isTransient {
            self.init(
                .serviceUnavailable, "busy", "The database can't be reached for the moment. Try again in a few seconds.",
                headers: [.retryAfter: "5"])
        } else if failure.code == .notFound {
            self = .noSuchTask
        } else {
            return nil
        }
    }
}
