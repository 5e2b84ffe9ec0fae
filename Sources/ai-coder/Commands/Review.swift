import ArgumentParser

/// One review of a merge request.
struct Review: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reviews a merge request (not part of this version).")

    @Argument(help: "The merge request's address.") var mergeRequest: String
    @Flag(help: "Print the review instead of posting it.") var dryRun = false
    @OptionGroup var options: SettingsOptions

    func run() async throws {
        _ = try await options.read()
        throw SettingsFailure("Reviews are not part of this version of AI Coder.")
    }
}
