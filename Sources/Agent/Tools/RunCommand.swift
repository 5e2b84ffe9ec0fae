import Workspaces

/// `run_command`: a shell line in the sandbox.
struct RunCommand: Tool {
    let name = "run_command"
    let description = """
        Runs a shell line with /bin/sh at the repository's root, in a sandbox without network. Shows the exit code and the end of \
        a long output. For building, running tests, and looking at things that the other tools can't show; git is not available. \
        Nothing that it starts goes on running afterwards.
        """
    let parameters = [
        ToolParameter("command", "The shell line."),
        ToolParameter(
            "timeout_seconds", .integer(minimum: 1), required: false, "After how many seconds it is stopped; 120 by default."),
    ]
    let effect = ToolEffect.runsCommands
    let subject: String? = "command"

    func run(_ arguments: ToolArguments, in room: ToolRoom) async throws -> ToolOutput {
        let line = try arguments.text("command")
        guard line.contains(where: { !$0.isWhitespace }) else { throw ToolProblem("`command` is empty.") }
        guard !line.unicodeScalars.contains("\0") else { throw ToolProblem("`command` holds a NUL character.") }
        let wanted = arguments.optionalInteger("timeout_seconds").map { Duration.seconds(min($0, 86_400)) } ?? room.commandTime
        let limit = min(wanted, room.maxCommandTime)
        let outcome = try await room.run(
            SandboxedCommand(
                .shell(line), timeLimit: limit, outputLimit: max(room.resultLimit, 64 << 10),
                treeIsWritable: room.treeIsWritable, image: room.image))
        return ToolOutput(Self.report(outcome, limit: limit), keeping: .tail)
    }

    /// How it ended comes last as well as first when the output is long: the model sees at least one of them.
    static func report(_ outcome: CommandOutcome, limit: Duration) -> String {
        let ending =
            switch outcome.ending {
            case .exited(let code): "exit code \(code)"
            case .signalled(let signal): "ended by signal \(signal)"
            case .timedOut: "stopped after \(limit.components.seconds) seconds; everything it had started was ended"
            case .limit(let which): "stopped by the sandbox: \(which)"
            }
        var report = outcome.output.text
        if !report.isEmpty, !report.hasSuffix("\n") { report += "\n" }
        if outcome.output.totalBytes == 0 { report += "(no output)\n" }
        if !outcome.refusedHosts.isEmpty {
            report += "(no network: refused \(outcome.refusedHosts.prefix(10).joined(separator: ", ")))\n"
        }
        return report + "[\(ending)]"
    }
}
