import ArgumentParser
import Foundation

/// Flags that every command takes; each stands for an environment variable and wins over it.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("set"), help: ArgumentHelp("Any setting, as NAME=VALUE; may be repeated.", valueName: "NAME=VALUE"))
    var set: [String] = []

    @Flag(name: .long, help: "Say only what went wrong.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say each step, with the log of what is called.")
    var verbose = false

    func read(adding more: [String: String] = [:]) async throws -> Settings {
        var flags = more
        for pair in set {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw SettingsFailure("--set \(pair.prefix(40)): expected NAME=VALUE.")
            }
            flags[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        let environment = ProcessInfo.processInfo.environment
        let settings = try Settings(
            reading: await SettingsReader(flags: flags, environment: environment), environment: environment)
        Ending.learn(settings.secrets)
        return settings
    }
}
