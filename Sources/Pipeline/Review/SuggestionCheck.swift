import Agent
import Domain
import Foundation
import GitLabAPI
import NIOPosix
import Secrets
import TestRuns
import Workspaces

/// Decides which suggestions may be offered to be applied: applied in memory they must change something, lie on lines that
/// the diff shows, and leave a file that can still be parsed.
struct SuggestionCheck {
    let run: TaskRun
    let files: HeadFiles
    let diffs: [String: DiffText]
    let workshop: Workshop

    /// Programs are started for so many of a review; further ones that need one are only shown.
    private static let mostPrograms = 20

    /// The lines to offer, in the order of `findings`; nil where the suggestion is only shown.
    func check(_ findings: [ReviewOutcome.Finding]) async throws -> [[String]?] {
        var results: [[String]?] = []
        var programs = 0
        for finding in findings {
            guard let applied = try await apply(finding) else {
                results.append(nil)
                continue
            }
            let isSound: Bool
            if let known = SuggestionShape.isSound(before: applied.before, after: applied.after, at: finding.path) {
                isSound = known
            } else if !TestRunner.checksSyntax(of: Self.name(of: finding.path), tools: workshop.tools) {
                isSound = SuggestionShape.isBalanced(before: applied.before, after: applied.after)
            } else if programs < Self.mostPrograms {
                programs += 1
                isSound = try await parses(applied, at: finding.path, number: programs)
            } else {
                isSound = false
            }
            results.append(isSound ? applied.replacement : nil)
        }
        return results
    }

    struct Applied {
        var replacement: [String]
        var before: [String]
        var after: [String]
    }

    func apply(_ finding: ReviewOutcome.Finding) async throws -> Applied? {
        guard let text = finding.suggestion, finding.side == .new, let diff = diffs[finding.path] else { return nil }
        let lines = finding.line...(finding.endLine ?? finding.line)
        // GitLab takes up to 100 lines above the commented one.
        guard lines.count <= 100, let file = try await files.file(finding.path), lines.upperBound <= file.lines.count else { return nil }
        // GitLab would write plain line ends among the others.
        guard !file.hasCarriageReturns else { return nil }
        guard diff.hunks.contains(where: { hunk in Set(hunk.lines.compactMap(\.new)).isSuperset(of: lines) }) else { return nil }
        let replacement = Self.lines(of: text)
        // What nobody sees must not come into the code by a click.
        guard Markdown.canSuggest(replacement) else { return nil }
        let old = Array(file.lines[(lines.lowerBound - 1)..<lines.upperBound])
        guard replacement != old else { return nil }
        // A model that was shown stars in place of a secret would write the stars.
        let before = old.joined(separator: "\n")
        guard run.parts.redactor.redact(before) == before, !(text.contains("***") && !before.contains("***")) else { return nil }
        // What looks like a secret goes out as stars, and would be applied as such.
        let offered = replacement.joined(separator: "\n")
        guard run.parts.redactor.redact(offered) == offered else { return nil }
        var after = file.lines
        after.replaceSubrange((lines.lowerBound - 1)..<lines.upperBound, with: replacement)
        return Applied(replacement: replacement, before: file.lines, after: after)
    }

    /// Without a fence that a model put around it all the same, and without an empty line at the end.
    static func lines(of suggestion: String) -> [String] {
        guard !suggestion.isEmpty else { return [] }
        var lines = suggestion.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.count > 1, lines.last == "" { lines.removeLast() }
        if lines.count >= 2, let first = lines.first, let last = lines.last, first.hasPrefix("```"), last.hasPrefix("```"), last.allSatisfy({ $0 == "`" }) {
            lines = Array(lines.dropFirst().dropLast())
        }
        return lines
    }

    /// What can't be parsed before the change either says nothing.
    private func parses(_ applied: Applied, at path: String, number: Int) async throws -> Bool {
        let name = Self.name(of: path)
        let place = try workshop.place.subdirectory("suggestion-\(number)")
        let tree = try await run.parts.git.emptyTree(at: place, owner: workshop.checkout.tree.owner)
        func isSound(_ lines: [String], _ folder: String) async throws -> Bool {
            try await NIOThreadPool.singleton.runIfActive {
                try tree.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(folder)/\(name)")
            }
            let result = try await workshop.runner.run(nil, in: tree, changed: ["\(folder)/\(name)"], tools: workshop.tools)
            return !result.outcomes.values.contains(.failed)
        }
        if try await isSound(applied.after, "after") { return true }
        return try await !isSound(applied.before, "before")
    }

    private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
