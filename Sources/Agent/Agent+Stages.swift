package import Domain
package import Workspaces

extension Agent {
    /// Looks at the repository with read-only tools until there is a plan, a question, or nothing to do.
    ///
    /// - Parameter iteration: tells several analyses of one task apart, for instance after a correction of the plan.
    package func analyze(
        _ context: AgentContext, in tree: WorkTree, iteration: Int = 1
    ) async throws -> Analysis {
        throw TaskFailure(.system, "Analyzing is not there yet.")
    }

    /// Changes the work tree until the model says that it has finished: iteration 1.
    package func code(_ context: AgentContext, plan: Plan, in tree: WorkTree) async throws -> CodingOutcome {
        throw TaskFailure(.system, "Coding is not there yet.")
    }

    /// Goes on with the conversation that `code` began: tells what failed and lets the model mend it.
    ///
    /// - Parameter iteration: 2 for the first repair, and so on.
    package func repair(_ report: TestReport, in tree: WorkTree, iteration: Int) async throws -> CodingOutcome {
        throw TaskFailure(.system, "Repairing is not there yet.")
    }

    /// As `repair`, for trouble that is not a test: a commit that was refused, conflicts with what others pushed.
    package func repair(problem: String, in tree: WorkTree, iteration: Int) async throws -> CodingOutcome {
        throw TaskFailure(.system, "Repairing is not there yet.")
    }

    /// Answers a question about the repository; changes nothing.
    package func answer(_ context: AgentContext, in tree: WorkTree) async throws -> String {
        throw TaskFailure(.system, "Answering is not there yet.")
    }

    /// Reviews a diff that is among the context's sections; changes nothing.
    package func review(
        _ context: AgentContext, scope: ReviewScope, in tree: WorkTree
    ) async throws -> ReviewOutcome {
        throw TaskFailure(.system, "Reviewing is not there yet.")
    }
}
