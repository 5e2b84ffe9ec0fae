import Glibc
import Logging
import Secrets
import SystemPackage
import Testing

@testable import Workspaces

/// A directory of a test's own with real repositories in it, gone at the end.
struct GitFixture: Sendable {
    let root: FilePath
    let processes = ProcessRunner()

    static func with(_ body: (GitFixture) async throws -> Void) async throws {
        var template = Array("/tmp/git-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let fixture = GitFixture(root: FilePath(platformString: template))
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        await Leftovers.remove([fixture.root])
        try result.get()
    }

    func path(_ name: String) -> FilePath { root.appending(name) }

    /// Runs a script with git's identity set, in the fixture's directory.
    @discardableResult
    func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        var request = ProcessRequest(executable: "/bin/sh", arguments: ["-ec", script])
        request.environment = [
            "PATH": "/usr/bin:/bin:/usr/sbin", "HOME": root.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com", "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.com", "LC_ALL": "C",
        ]
        request.workingDirectory = root
        request.outputLimit = 16 << 20
        let result = try await processes.run(request)
        if !result.succeeded {
            let said = String(decoding: result.standardError + result.standardOutput.prefix(2000), as: UTF8.self)
            Issue.record("\(script): \(said)", sourceLocation: sourceLocation)
        }
        return String(decoding: result.standardOutput, as: UTF8.self)
    }

    /// A bare repository `name.git` with what `script` does in a work tree that has one commit, on `main`.
    @discardableResult
    func remote(_ name: String = "project", _ script: String = ":") async throws -> FilePath {
        try await sh(
            """
            mkdir -p "$(dirname \(name))"
            git init -q -b main \(name).work; cd \(name).work
            printf 'hello\\n' > readme.txt; mkdir src; printf 'print(1)\\n' > src/main.py
            git add -A; git commit -q -m first
            \(script)
            cd \(root); git clone -q --bare \(name).work \(name).git
            git -C \(name).git config http.receivepack true
            """)
        return path("\(name).git")
    }

    /// Commits what `script` does on top of a remote's branch, as somebody else would.
    func elsewhere(_ remote: FilePath, branch: String = "main", _ script: String) async throws {
        try await sh(
            """
            rm -rf other; git clone -q --branch \(branch) \(remote) other; cd other
            \(script)
            git add -A; git commit -q -m elsewhere; git push -q origin HEAD:\(branch)
            """)
    }

    /// All refs of a remote, sorted.
    func refs(of remote: FilePath) async throws -> [String] {
        try await sh("git -C \(remote) for-each-ref --format='%(refname) %(objectname)'").split(separator: "\n").map(String.init).sorted()
    }

    func client(
        _ change: (inout GitSettings) -> Void = { _ in }, secrets: [Secret] = []
    ) -> GitClient {
        var settings = GitSettings(retryPause: .milliseconds(5))
        change(&settings)
        return GitClient(
            settings: settings, processes: processes, redactor: Redactor(secrets: secrets), logger: Logger(label: "git-tests"))
    }

    /// An empty task directory.
    func task(_ name: String = "task") throws -> FilePath {
        let directory = path(name)
        try #require(mkdir(directory.string, 0o755) == 0)
        return directory
    }

    func write(_ text: String, to path: FilePath) throws {
        let descriptor = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        defer { try? descriptor.close() }
        try descriptor.writeAll(Array(text.utf8))
    }

    func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0
    }
}

/// The failure that `body` throws; the test fails when it throws none.
func failure(
    sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> some Any
) async throws -> GitFailure {
    do {
        _ = try await body()
    } catch let failure as GitFailure {
        return failure
    }
    Issue.record("Nothing was thrown.", sourceLocation: sourceLocation)
    return GitFailure(.other, "")
}

extension GitCredential {
    static func token(_ value: String) -> GitCredential { .password(username: "oauth2", Secret(value)) }
}
