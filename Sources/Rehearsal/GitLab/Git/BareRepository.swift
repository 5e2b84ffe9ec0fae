import Foundation
import Subprocess
import SystemPackage

/// A project's repository on disk, asked through the real program in its machine formats.
struct BareRepository: Sendable {
    let path: String

    struct Failure: Error, CustomStringConvertible {
        let arguments: [String]
        let message: String
        var description: String { "git \(arguments.joined(separator: " ")): \(message)" }
    }

    /// Nobody's own git settings may change what the stand-in does.
    static func environment(home: String) -> [Environment.Key: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "HOME": home, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
        ]
    }

    @discardableResult
    func run(
        _ arguments: [String], input: [UInt8] = [], identity: (name: String, email: String)? = nil,
        index: String? = nil, accepting accepted: Set<Int32> = [0]
    ) async throws -> [UInt8] {
        var environment = Self.environment(home: path)
        if let identity {
            for role in ["AUTHOR", "COMMITTER"] {
                environment[Environment.Key(rawValue: "GIT_\(role)_NAME") ?? "GIT_AUTHOR_NAME"] = identity.name
                environment[Environment.Key(rawValue: "GIT_\(role)_EMAIL") ?? "GIT_AUTHOR_EMAIL"] = identity.email
            }
        }
        if let index { environment["GIT_INDEX_FILE"] = index }
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(["--git-dir", path, "-c", "core.quotePath=false"] + arguments),
            environment: .custom(environment), input: .array(input), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus, accepted.contains(code) else {
            throw Failure(arguments: arguments, message: result.standardError)
        }
        return result.standardOutput
    }

    func text(_ arguments: [String]) async throws -> String {
        String(decoding: try await run(arguments), as: UTF8.self)
    }

    func line(_ arguments: [String]) async throws -> String {
        let text = try await text(arguments)
        return String(text.prefix { $0 != "\n" })
    }

    /// The commit that a name points at, nil when there is none.
    func commit(_ name: String) async -> String? {
        guard !name.hasPrefix("-") else { return nil }
        return try? await line(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}"])
    }

    func branches() async throws -> [String: String] {
        var result: [String: String] = [:]
        let text = try await text(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags"])
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        }
        return result
    }

    func mergeBase(_ left: String, _ right: String) async -> String? {
        try? await line(["merge-base", left, right])
    }

    func isAncestor(_ left: String, of right: String) async -> Bool {
        (try? await run(["merge-base", "--is-ancestor", left, right])) != nil
    }

    func update(_ ref: String, to commit: String) async throws {
        try await run(["update-ref", ref, commit])
    }

    func delete(_ ref: String) async throws {
        try await run(["update-ref", "-d", ref])
    }

    static func create(at path: String, defaultBranch: String) async throws -> BareRepository {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let repository = BareRepository(path: path)
        try await repository.run(["init", "--quiet", "--bare", "--initial-branch=\(defaultBranch)", path])
        for (key, value) in [
            ("http.receivepack", "true"), ("uploadpack.allowFilter", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"), ("receive.hideRefs", "refs/merge-requests"),
            ("receive.advertisePushOptions", "true"), ("gc.auto", "0"), ("core.logAllRefUpdates", "false"),
        ] {
            try await repository.run(["config", key, value])
        }
        try ReceiveHook.install(in: path)
        return repository
    }
}
