import Domain
import Workspaces

extension Agent {
    /// Bytes of file contents that coding opens with, and of one file at most.
    private static let shownFilesLimit = 24 << 10
    private static let shownFileLimit = 12 << 10

    /// A stage's new conversation. What is read from the work tree for it is recorded, since the tree will have changed by a replay.
    func open(
        _ stage: Stage, iteration: Int, _ context: AgentContext, in tree: WorkTree, showsOverview: Bool = false,
        plan: Plan? = nil
    ) async throws -> History {
        let opening = try await journal.step("\(stage.name).\(iteration).opening") {
            let room = ToolRoom(
                tree: tree, sandbox: sandbox, treeIsWritable: false, resultLimit: measures.resultLimit,
                commandTime: settings.commandTime, maxCommandTime: settings.maxCommandTime, image: settings.image)
            return redact(
                Opening.text(
                    context, overview: showsOverview ? try await overview(in: room) : nil, plan: plan,
                    files: try await files(of: plan, in: room), limit: measures.contextLimit))
        }
        return History(stage: stage, opening: opening, settings: settings)
    }

    /// Where things are, in some forty lines: saves the model its first look round.
    private func overview(in room: ToolRoom) async throws -> String? {
        do {
            let listing = try await RepositoryMap.paths(in: room)
            return listing.paths.isEmpty ? "The repository has no files." : FolderSummary(listing.paths, isPartial: listing.isPartial).text
        } catch is ToolProblem {
            return nil
        }
    }

    /// The plan's files as far as they are small: the model would only ask for them next.
    private func files(of plan: Plan?, in room: ToolRoom) async throws -> String? {
        guard let plan, !plan.files.isEmpty else { return nil }
        let paths = plan.files.prefix(40)
        let limit = min(Self.shownFilesLimit, measures.contextLimit / 3)
        let shown = try await room.files { tree in
            var left = limit
            var shown: [String] = []
            for path in paths {
                // What can't be read (new, a link, too large) is left to the model.
                guard let bytes = try? tree.read(path, limit: Self.shownFileLimit), bytes.count <= left,
                    let text = try? ReadFile.show(FileLines(bytes), from: 1, to: nil, limit: Self.shownFileLimit * 2)
                else { continue }
                left -= bytes.count
                shown.append(UntrustedText.fenced(text, source: path))
            }
            return shown
        }
        return shown.isEmpty ? nil : shown.joined(separator: "\n\n")
    }
}
