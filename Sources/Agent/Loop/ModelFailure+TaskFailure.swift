package import Domain
package import LanguageModels

extension ModelFailure {
    /// The same in the task's words. The client's message names the setting to change.
    package var asTaskFailure: TaskFailure {
        TaskFailure(kind, message, isTransient: isTransient, cause: self)
    }

    private var kind: TaskFailure.Kind {
        switch reason {
        case .authentication: .authentication
        case .unknownModel, .configuration, .contextExhausted: .configuration
        case .rateLimited, .overloaded, .network, .brokenReply: .network
        case .quota: .budget
        case .refused: .code
        case .invalidRequest: .system
        }
    }
}
