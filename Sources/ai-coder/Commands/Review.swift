import ArgumentParser
import Domain
import Foundation

/// One review of a merge request.
struct Review: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reviews a merge request: comments on its diff and one note that sums up.",
        discussion: """
            The merge request is on the GitLab of GITLAB_URL, read and written with GITLAB_API_TOKEN. Reviewed again, only what is new is \
            looked at. The review is printed as well; progress goes to stderr.
            """)

    @Argument(help: ArgumentHelp("The merge request's address.", valueName: "MR_URL")) var mergeRequest: String
    @Flag(help: "Print the review with its findings and their places, and write nothing to GitLab.") var dryRun = false
    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try await options.read()
        let console = Console(quiet: options.quiet, verbose: options.verbose, redactor: settings.redactor)
        let result = try await OneShot(settings: settings, console: console).run(redactor: settings.redactor) { id, now in
            var task = CodingTask(
                id: id, kind: .review, repositoryURL: mergeRequest, intent: "Review \(mergeRequest)", origin: .commandLine, mergeRequest: .never,
                createdAt: now)
            task.isDryRun = dryRun
            return task
        }
        guard result.status == .completed else {
            console.warn(result.error ?? "The review did not end.")
            throw ExitCode(result.errorKind == .configuration ? 2 : 1)
        }
        print(Console.visible(result.summary ?? ""))
        if let url = result.mergeRequest?.webURL { console.say("Posted to \(url)") }
    }
}
