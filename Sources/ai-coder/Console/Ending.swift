import ArgumentParser
import Domain
import Foundation
import Secrets
import Synchronization

/// How the program leaves: 0 completed, 1 failed or a check found something, 2 usage or configuration.
enum Ending {
    static func exit(_ error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Foundation.exit(code.rawValue)
        case let failure as SettingsFailure: fail("ai-coder: \(failure)", code: 2)
        case let problem as TaskRequestProblem: fail("ai-coder: \(problem.message)", code: 2)
        case let failure as TaskFailure:
            fail("ai-coder: \(failure.message)", code: failure.kind == .configuration ? 2 : 1)
        case let failure as StoreFailure: fail("ai-coder: \(failure.message)", code: 2)
        default:
            // ArgumentParser's own: help and version are a success, anything else is wrong usage.
            let code = AICoder.exitCode(for: error).rawValue
            if code == 0 {
                print(AICoder.fullMessage(for: error))
                Foundation.exit(0)
            }
            fail(AICoder.fullMessage(for: error), code: 2)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data((shown(message) + "\n").utf8))
        Foundation.exit(code)
    }

    /// What the settings hold, as soon as they are read; before that secrets go by their shape.
    private static let redactor = Mutex(Redactor())

    static func learn(_ secrets: [Secret]) { redactor.withLock { $0 = $0.adding(secrets) } }

    /// A message as it may be shown: it may repeat what was given, a token or a password among it.
    static func shown(_ message: String) -> String { Console.visible(redactor.withLock { $0 }.redact(message)) }
}
