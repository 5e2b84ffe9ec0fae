import Agent
package import Domain
import Foundation
import GitLabAPI
import LanguageModels
import Workspaces

/// What each room's failure means for the task, in the contract's kinds.
package enum FailureTranslation {
    package static func taskFailure(from error: any Error) -> TaskFailure {
        switch error {
        case let failure as TaskFailure: failure
        case let failure as GitFailure: taskFailure(from: failure)
        case let failure as GitLabFailure: taskFailure(from: failure)
        case let failure as ModelFailure: failure.asTaskFailure
        case let failure as SandboxFailure: TaskFailure(.configuration, failure.message, cause: failure)
        case let failure as FileFailure: TaskFailure(failure.reason == .full ? .system : .code, failure.message, cause: failure)
        default:
            TaskFailure(
                .system, "Something went wrong inside AI Coder; the service's log has the details. Try again, and report it if it stays.",
                cause: error)
        }
    }

    private static func taskFailure(from failure: GitFailure) -> TaskFailure {
        let kind: TaskFailure.Kind =
            switch failure.reason {
            case .network, .certificate: .network
            case .authentication: .authentication
            case .protectedBranch, .hookDeclined, .branchMoved, .tooLarge, .refused: .code
            case .notFound, .missingBranch, .invalid: .configuration
            case .diskFull, .missingProgram, .other: .system
            }
        return TaskFailure(kind, failure.message, isTransient: failure.isTransient, cause: failure)
    }

    private static func taskFailure(from failure: GitLabFailure) -> TaskFailure {
        let kind: TaskFailure.Kind =
            switch failure.reason {
            case .authentication, .forbidden: .authentication
            case .network, .rateLimited, .unavailable: .network
            case .notFound, .conflict, .validation, .redirected: .configuration
            case .unreadable, .tooLarge: .system
            case .cancelled: .cancelled
            }
        return TaskFailure(kind, failure.message, isTransient: failure.isTransient, cause: failure)
    }
}
