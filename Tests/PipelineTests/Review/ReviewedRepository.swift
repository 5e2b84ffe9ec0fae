import Agent
import Domain
import Foundation
import Logging
import Secrets
import SystemPackage
import TestSupport
import Testing
import Workspaces

@testable import Pipeline

/// A change as a later round of reviewing meets it: real commits, and findings as the round before left them.
struct ReviewedRepository {
    let folder: String
    private let git: GitClient
    private let checkout: Checkout

    typealias Files = [String: String]

    private init(folder: String) {
        self.folder = folder
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        git = GitClient(settings: GitSettings(), processes: ProcessRunner(), redactor: Redactor(secrets: []), logger: logger)
        checkout = Checkout(
            tree: WorkTree(root: FilePath(folder), owner: nil), gitDirectory: FilePath("\(folder)/.git"), base: nil, baseBranch: "main",
            remoteURL: "file://\(folder)", defaultBranch: "main")
    }

    static func run(_ body: (ReviewedRepository) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let repository = ReviewedRepository(folder: folder)
            try repository.call("init", "-q", "-b", "main")
            try await body(repository)
        }
    }

    /// The change from `base` to `head`, of which `before` was reviewed.
    func change(_ base: Files, before: Files? = nil, head: Files, unread: [String] = [], skipped: [ReviewReading.Unread] = []) async throws -> ChangeUnderReview
    {
        let old = try commit(base)
        let reviewed = try before.map(commit)
        let new = try commit(head)
        let comparison = try await git.compare(old, new, in: checkout)
        var news: NewSinceReview?
        if let reviewed { news = NewSinceReview(try await git.compare(reviewed, new, in: checkout), unread: unread) }
        var diffs: [String: DiffText] = [:]
        for file in comparison { diffs[file.newPath] = DiffText(file.hunks) }
        for file in comparison where diffs[file.oldPath] == nil { diffs[file.oldPath] = diffs[file.newPath] }
        let files = comparison.compactMap { file -> ReviewPart.File? in
            let whole = DiffText(file.hunks)
            let text = news?.part(of: whole, at: file.newPath) ?? whole
            return text.hunks.isEmpty ? nil : ReviewPart.File(path: file.newPath, oldPath: file.oldPath, note: "", text: text)
        }
        return ChangeUnderReview(
            comparison: comparison, diffs: diffs, files: files, skipped: skipped, news: news, heads: HeadFiles(checkout.tree))
    }

    /// A checkout of these files, and who reads it.
    func checkout(of files: Files) throws -> (git: GitClient, checkout: Checkout) {
        let made = Checkout(
            tree: checkout.tree, gitDirectory: checkout.gitDirectory, base: try commit(files), baseBranch: "main",
            remoteURL: checkout.remoteURL, defaultBranch: "main")
        return (git, made)
    }

    /// The thread that a finding of a first review becomes.
    func thread(
        _ finding: ReviewOutcome.Finding, base: Files, reviewed: Files, id: String = "d1", _ edit: (inout ReviewMemory.Thread) -> Void = { _ in }
    ) async throws -> ReviewMemory.Thread {
        let first = try await change(base, head: reviewed)
        let marked = try #require(try await first.mark([(finding, nil)], memory: ReviewMemory()).findings.first)
        var thread = ReviewMemory.Thread(
            discussionID: id, mark: marked.mark, path: finding.path, line: finding.endLine ?? finding.line, title: finding.title, isResolved: false,
            isRejected: false)
        edit(&thread)
        return thread
    }

    private func commit(_ files: Files) throws -> CommitID {
        try call("rm", "-rfq", "--ignore-unmatch", ".")
        for (path, text) in files {
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try call("add", "-A")
        try call("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "files")
        return try #require(CommitID(rawValue: try call("rev-parse", "HEAD")))
    }

    @discardableResult
    private func call(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-C", folder] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "git \(arguments)")
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension ReviewOutcome.Finding {
    init(_ path: String, _ line: Int, _ title: String, side: ReviewOutcome.Side = .new) {
        self.init(path: path, line: line, side: side, severity: .major, title: title, body: "Because.")
    }
}
