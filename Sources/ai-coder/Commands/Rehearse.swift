import ArgumentParser
import Foundation
import Rehearsal

/// The stand-ins as processes of their own, for `demo` and for tests.
struct Rehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stand-ins that speak the real protocols.", shouldDisplay: false, subcommands: [GitLab.self, Model.self])

    struct GitLab: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "gitlab", abstract: "A stand-in GitLab.")

        @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

        func run() async throws { try await rehearsalGitLabMain(arguments: arguments) }
    }

    struct Model: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "model", abstract: "A stand-in model that follows a script.")

        @Option(help: "The script, as JSON.") var script: String
        @Option(help: "The port on 127.0.0.1; 0 takes a free one.") var port = 0

        func run() async throws {
            guard let data = FileManager.default.contents(atPath: script) else {
                throw ValidationError("\(script) can't be read.")
            }
            let server = ScriptedModelServer(try JSONDecoder().decode(ModelScript.self, from: data), port: port)
            try await server.run { port in
                FileHandle.standardOutput.write(Data("{\"url\": \"http://127.0.0.1:\(port)\"}\n".utf8))
            }
        }
    }
}
