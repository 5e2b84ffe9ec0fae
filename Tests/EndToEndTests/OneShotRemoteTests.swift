import Domain
import Foundation
import Rehearsal
import Testing

/// Tasks whose repository is somewhere else, and where their credentials go on the way.
@Suite("A task from the command line on a remote", .serialized)
struct OneShotRemoteTests {
    private static let token = "glpat-known-to-nobody-\(UInt32.random(in: .min ... .max))"

    @Test("A32: a token opens it behind a company's certificate and proxy, below a URL root, and is seen nowhere", .timeLimit(.minutes(2)))
    func token() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await CompanyGit.serving(scene, token: Self.token) { company in
                let task: [String: Any] = [
                    "task_id": "task_001", "repo_url": company.url, "intent": "do what is to be done", "gitlab_api_token": Self.token,
                    "create_merge_request": false,
                ]
                try JSONSerialization.data(withJSONObject: task).write(to: URL(fileURLWithPath: "\(scene.folder)/task.json"))
                try Data((Self.token + "\n").utf8).write(to: URL(fileURLWithPath: "\(scene.folder)/wanted"))
                let environment = scene.environment.merging(["SSL_CERT_FILE": company.certificate, "HTTPS_PROXY": company.proxy]) { $1 }
                let process = try OneShotProcess(["run", "--verbose", "--file", "\(scene.folder)/task.json"], environment: environment, folder: scene.folder)
                let seen = try await withThrowingTaskGroup(of: Seen.self) { group in
                    group.addTask { try await Self.watch(scene) }
                    let outcome = try await process.outcome()
                    group.cancelAll()
                    let result = try OneShotScene.result(outcome)
                    #expect(outcome.exitCode == 0 && result.status == .completed, "\(result.error ?? "") \(outcome.errors)")
                    #expect(result.commitHash == (try await scene.git("rev-parse ai/task_001")))
                    #expect(!(outcome.output + outcome.errors).contains(Self.token))
                    return try await group.next() ?? Seen()
                }
                #expect(seen.looks > 10 && seen.git > 0, "\(seen)")
                #expect(seen.places.isEmpty, "\(seen)")
                #expect(try await scene.shell("grep -rlsaFf wanted work home tmp origin.git || true") == "")
                #expect(try company.tunnels().contains { company.url.contains($0) })
                #expect(!scene.model.log.entries.contains { $0.body.contains(Self.token) })
                #expect(scene.leftFiles().isEmpty, "\(scene.leftFiles())")
            }
        }
    }

    @Test("without the company's certificate, and with a wrong token, it is refused and told apart", .timeLimit(.minutes(2)), arguments: [true, false])
    func refused(isTrusted: Bool) async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await CompanyGit.serving(scene, token: "another") { company in
                let json = #"{"task_id": "task_001", "repo_url": "\#(company.url)", "intent": "x", "gitlab_api_token": "\#(Self.token)"}"#
                try Data(json.utf8).write(to: URL(fileURLWithPath: "\(scene.folder)/task.json"))
                let environment = isTrusted ? scene.environment.merging(["SSL_CERT_FILE": company.certificate]) { $1 } : scene.environment
                let outcome = try await OneShotProcess(["run", "--file", "\(scene.folder)/task.json"], environment: environment, folder: scene.folder)
                    .outcome()
                let result = try OneShotScene.result(outcome)
                let error = result.error ?? ""
                #expect([1, 2].contains(outcome.exitCode), "\(error)")
                #expect(isTrusted ? result.errorKind == .authentication : error.contains("SSL_CERT_FILE"), "\(String(describing: result.errorKind)) \(error)")
                #expect(!(outcome.output + outcome.errors).contains(Self.token))
            }
        }
    }

    @Test("a configured token that is another GitLab's is not sent there, and that is said", .timeLimit(.minutes(2)))
    func withheld() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            try await CompanyGit.serving(scene, token: Self.token) { company in
                let settings = ["SSL_CERT_FILE": company.certificate, "GITLAB_URL": "https://gitlab.example.com", "GITLAB_API_TOKEN": Self.token]
                let json = #"{"task_id": "task_001", "repo_url": "\#(company.url)", "intent": "x"}"#
                let outcome = try await OneShotProcess([json], environment: scene.environment.merging(settings) { $1 }, folder: scene.folder).outcome()
                let result = try OneShotScene.result(outcome)
                #expect(outcome.exitCode == 1 && result.errorKind == .authentication, "\(result.error ?? "")")
                let says = "GITLAB_API_TOKEN was not used, since the repository is not on https://gitlab.example.com"
                #expect(result.error?.contains(says) == true, "\(result.error ?? "")")
            }
        }
    }

    @Test(
        "a key opens it over ssh, and is copied nowhere", .timeLimit(.minutes(2)),
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd"), "sshd is not installed"))
    func key() async throws {
        try await OneShotScene.run(OneShotStage.script(nil), files: OneShotStage.files(nil)) { scene in
            let port = try FreePort.find()
            try await scene.shell(
                """
                mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; cp key.pub authorized; chmod 600 authorized
                printf '[127.0.0.1]:\(port) %s\\n' "$(cut -d' ' -f1,2 host.pub)" >known
                printf '%s\\n' 'Port \(port)' 'ListenAddress 127.0.0.1' "HostKey $PWD/host" "PidFile $PWD/pid" "AuthorizedKeysFile $PWD/authorized" \
                    'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' 'PermitRootLogin yes' >sshd.conf
                /usr/sbin/sshd -f "$PWD/sshd.conf" -E "$PWD/sshd.log"
                sed -n 2p key >wanted
                """)
            let user = try await scene.shell("id -un")
            let json = #"{"task_id": "task_001", "repo_url": "ssh://\#(user)@127.0.0.1:\#(port)\#(scene.origin)", "intent": "x"}"#
            let environment = scene.environment.merging(
                ["GIT_SSH_KEY_FILE": "\(scene.folder)/key", "GIT_SSH_KNOWN_HOSTS_FILE": "\(scene.folder)/known"]) { $1 }
            let outcome = try await OneShotProcess([json], environment: environment, folder: scene.folder).outcome()
            try await scene.eventually("the server has written its number down") { FileManager.default.fileExists(atPath: "\(scene.folder)/pid") }
            try await scene.shell("kill $(cat pid)")
            let result = try OneShotScene.result(outcome)
            #expect(outcome.exitCode == 0 && result.status == .completed, "\(result.error ?? "") \(outcome.errors)")
            #expect(result.commitHash == (try await scene.git("rev-parse ai/task_001")))
            #expect(try await scene.shell("grep -rlsaFf wanted work home tmp || true") == "")
            #expect(scene.leftFiles().isEmpty, "\(scene.leftFiles())")
        }
    }

    // MARK: - Watching

    struct Seen: Sendable {
        var looks = 0
        /// How often git was seen at work.
        var git = 0
        /// Where the token stood.
        var places: Set<String> = []
    }

    /// Looks at every process's arguments and every file of the workspace, again and again until it is cancelled.
    private static func watch(_ scene: OneShotScene) async throws -> Seen {
        var seen = Seen()
        let wanted = Data(token.utf8)
        while !Task.isCancelled {
            seen.looks += 1
            for number in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int32(number) != nil {
                guard let arguments = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else { continue }
                if arguments.range(of: Data("/usr/bin/git".utf8)) != nil { seen.git += 1 }
                if arguments.range(of: wanted) != nil { seen.places.insert(String(decoding: arguments, as: UTF8.self)) }
            }
            for folder in ["work", "home", "tmp"] {
                for case let path as String in FileManager.default.enumerator(atPath: "\(scene.folder)/\(folder)") ?? .init() {
                    let whole = "\(scene.folder)/\(folder)/\(path)"
                    guard let type = try? FileManager.default.attributesOfItem(atPath: whole)[.type] as? FileAttributeType, type == .typeRegular
                    else { continue }
                    if FileManager.default.contents(atPath: whole)?.range(of: wanted) != nil { seen.places.insert(path) }
                }
            }
            // As often as can be: the less is missed of what stands somewhere for a moment only.
            try? await Task.sleep(for: .milliseconds(1))
        }
        return seen
    }
}
