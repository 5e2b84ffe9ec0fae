import ArgumentParser
import Domain
import Foundation
import GitLabAPI
import Logging
import Pipeline
import Secrets
import Workspaces

/// Checks what the product needs, and says what to change.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks configuration, GitLab, model, git, sandbox and database; says what to change.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let findings = Findings()
        let settings: Settings
        do {
            settings = try await options.read()
            findings.good("configuration", "all settings can be read")
        } catch let failure as SettingsFailure {
            findings.bad("configuration", failure.description)
            throw ExitCode(2)
        }
        let redactor = Redactor(secrets: settings.secrets)
        let logger = Logger(label: "ai-coder") { label in
            StandardErrorLog(label: label, level: options.verbose ? .debug : .critical, isJSON: false, redactor: redactor)
        }
        if settings.gitLab.webhookSecrets.isEmpty, settings.gitLab.signingTokens.isEmpty {
            findings.hint("webhook", "serve needs GITLAB_WEBHOOK_SECRET or GITLAB_WEBHOOK_SIGNING_TOKEN; one-shot tasks don't")
        }
        do {
            let bench = try await Workbench(settings, redactor: redactor, logger: logger)
            findings.good("database", "opened in \(settings.running.workspace)")
            await checkGit(findings)
            await OutsideExamination(settings: settings, transport: bench.transport, findings: findings, logger: logger).perform()
            await checkSandbox(bench, findings)
            try await GitLabExamination(settings: settings, gitLab: bench.gitLab, findings: findings).perform()
        } catch {
            findings.bad("start", "\(error)")
        }
        if findings.isAnyBad { throw ExitCode(1) }
    }

    /// The program that tasks run, asked for its version.
    private func checkGit(_ findings: Findings) async {
        let places = ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"]
        guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return findings.bad("git", "not found; install the package git")
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: found)
        process.arguments = ["--version"]
        (process.standardOutput, process.standardError, process.standardInput) = (output, output, FileHandle.nullDevice)
        do {
            try process.run()
            let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            let line = said.split(separator: "\n").first.map(String.init) ?? ""
            guard process.terminationStatus == 0, line.hasPrefix("git version ") else {
                return findings.bad("git", "\(found) does not run (\(line)); install the package git anew")
            }
            findings.good("git", "\(found), \(line.dropFirst("git version ".count))")
        } catch {
            findings.bad("git", "\(found) can't be started (\(error)); install the package git anew")
        }
    }

    private func checkSandbox(_ bench: Workbench, _ findings: Findings) async {
        do {
            let report = await (try bench.sandbox.proven()).selfTest()
            for check in report.checks {
                if check.passed { findings.good("sandbox", "\(check.name)") } else { findings.bad("sandbox", "\(check.name): \(check.detail)") }
            }
            if report.checks.isEmpty { findings.hint("sandbox", "\(report.kind): there are no walls to check") }
        } catch let failure as TaskFailure {
            findings.bad("sandbox", failure.message)
        } catch {
            findings.bad("sandbox", "\(error)")
        }
    }
}

/// What was found, printed as it is found.
final class Findings {
    private(set) var isAnyBad = false

    func good(_ name: String, _ text: String) { print(Ending.shown("ok    \(name): \(text)").plain) }
    func hint(_ name: String, _ text: String) { print(Ending.shown("note  \(name): \(text)").plain) }
    func bad(_ name: String, _ text: String) {
        isAnyBad = true
        print(Ending.shown("WRONG \(name): \(text)").plain)
    }
}
