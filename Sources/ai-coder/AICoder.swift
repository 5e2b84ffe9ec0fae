import ArgumentParser
import Foundation

/// The executable. A task as JSON may stand in the place of a subcommand; with nothing at all the environment may name one.
@main
struct AICoder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ai-coder",
        abstract: "Turns an issue or a sentence into a tested merge request on your own GitLab.",
        usage: """
            ai-coder '{"repo_url": "...", "intent": "..."}'
            ai-coder <subcommand> [options]
            """,
        discussion: """
            Without arguments it runs the task that REPO_URL and TASK_INTENT name. All settings are environment variables; \
            AI_CODER_CONFIG may name a YAML file with the same keys.

            Exit codes: 0 completed, 1 the task failed or a check found something, 2 usage or configuration.
            """,
        version: ProductVersion.text,
        subcommands: [
            Run.self, Serve.self, Worker.self, Review.self, Doctor.self, Webhooks.self, Tasks.self, Demo.self, Rehearse.self,
        ])

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first?.drop(while: \.isWhitespace).first == "{" { arguments.insert("run", at: 0) }
        if arguments.isEmpty {
            let environment = ProcessInfo.processInfo.environment
            let isTaskNamed =
                ["REPO_URL", "TASK_INTENT"].contains { name in
                    [name, name + "_FILE"].contains { environment[$0]?.isEmpty == false }
                } || environment["AI_CODER_CONFIG"]?.isEmpty == false
            guard isTaskNamed else {
                FileHandle.standardError.write(Data((helpMessage() + "\n").utf8))
                Foundation.exit(2)
            }
            arguments = ["run"]
        }
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Ending.exit(error)
        }
    }
}
