import LanguageModels

/// One thing that the model may call.
///
/// A tool sees nothing but the room it is handed: a work tree, a sandbox, limits. Whatever a call says is hostile input.
protocol Tool: Sendable {
    var name: String { get }
    /// What it does and when to use it, for the model.
    var description: String { get }
    var parameters: [ToolParameter] { get }
    var effect: ToolEffect { get }
    /// The argument that says most about a call; for the transcript and the live line.
    var subject: String? { get }

    /// - Throws: `ToolProblem` or `FileFailure`, which become an error result; `TaskFailure` and `CancellationError`, which
    ///   end the stage.
    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput
}

extension Tool {
    var effect: ToolEffect { .reads }
    var subject: String? { nil }

    var definition: ToolDefinition {
        ToolDefinition(name: name, description: description, parameters: ToolParameter.schema(of: parameters))
    }
}

enum ToolEffect: Sendable {
    case reads
    case changesFiles
    /// It may change files where the stage lets it.
    case runsCommands
    case ends
}

/// What a call led to; `text` is raw, secrets and invisible characters included.
struct ToolOutput: Sendable {
    var text: String
    /// Which end of a long text to keep most of.
    var keeping = BoundedText.Keeping.head
    var changedPaths: [String] = []
    var ending: StageEnding?

    init(
        _ text: String, keeping: BoundedText.Keeping = .head, changedPaths: [String] = [], ending: StageEnding? = nil
    ) {
        self.text = text
        self.keeping = keeping
        self.changedPaths = changedPaths
        self.ending = ending
    }
}
