import Domain
import NIOPosix
import Workspaces

/// Where a tool works: all that it can reach.
struct ToolRoom: Sendable {
    let tree: WorkTree
    let sandbox: any Sandbox
    /// Whether commands may write to the tree.
    let treeIsWritable: Bool
    /// Bytes of a result that the model will see.
    var resultLimit: Int
    let commandTime: Duration
    let maxCommandTime: Duration
    let image: String?
    /// What a review may speak of; nil outside reviewing.
    var scope: ReviewScope?
    /// How often an ending tool was refused in this stage.
    var refusedEndings = 0

    /// File work blocks, so it leaves the cooperative pool.
    func files<Value: Sendable>(_ work: @escaping @Sendable (WorkTree) throws -> Value) async throws -> Value {
        let tree = tree
        return try await NIOThreadPool.singleton.runIfActive { try work(tree) }
    }

    /// Runs a program of ours on the tree, which it can't change.
    func look(_ arguments: [String], outputLimit: Int, timeLimit: Duration = .seconds(60)) async throws -> CommandOutcome {
        try await run(
            SandboxedCommand(
                .arguments(arguments), timeLimit: timeLimit, outputLimit: outputLimit, treeIsWritable: false, image: image))
    }

    func run(_ command: SandboxedCommand) async throws -> CommandOutcome {
        do {
            return try await sandbox.run(command, in: tree)
        } catch let failure as SandboxFailure {
            throw TaskFailure(.configuration, failure.message, cause: failure)
        }
    }
}
