import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Remotes over ssh", .timeLimit(.minutes(2)), .enabled(if: access("/usr/sbin/sshd", X_OK) == 0, "sshd is not installed"))
struct RemoteSSHTests {
    /// A real sshd on loopback that lets the given user in by key.
    private func withServer(_ fixture: GitFixture, _ body: (Int, String) async throws -> Void) async throws {
        let port = try freePort()
        try await fixture.sh(
            """
            mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; ssh-keygen -q -t ed25519 -N '' -f stranger
            cp key.pub authorized; chmod 600 authorized key; printf '[127.0.0.1]:\(port) %s\\n' "$(cut -d' ' -f1,2 host.pub)" > known; printf '[127.0.0.1]:\(port) %s\\n' "$(cut -d' ' -f1,2 stranger.pub)" > wrong
            """)
        try fixture.write(
            "Port \(port)\nListenAddress 127.0.0.1\nHostKey \(fixture.path("host"))\nPidFile \(fixture.path("pid"))\nAuthorizedKeysFile \(fixture.path("authorized"))\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nAcceptEnv GIT_PROTOCOL\n",
            to: fixture.path("sshd.conf"))
        var request = ProcessRequest(executable: "/usr/sbin/sshd", arguments: ["-D", "-e", "-f", fixture.path("sshd.conf").string])
        request.timeLimit = .seconds(100)
        let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
        request.onOutput = { _, bytes in
            if String(decoding: bytes, as: UTF8.self).contains("Server listening") { continuation.yield() }
        }
        let task = Task { [request] in
            defer { continuation.finish() }
            _ = try await fixture.processes.run(request)
        }
        for await _ in ready { break }
        let user = try await fixture.sh("id -un").dropLast()
        let result: Result<Void, any Error>
        do { result = .success(try await body(port, String(user))) } catch { result = .failure(error) }
        task.cancel()
        _ = await task.result
        try result.get()
    }

    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port =
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
                }
            } ? Int(UInt16(bigEndian: address.sin_port)) : 0
        try #require(port > 0)
        return port
    }

    @Test("a key and its host's known key open a remote; a key file that others may read is copied for the call")
    func key() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await withServer(fixture) { port, user in
                try await fixture.sh("chmod 644 key")
                let credential = GitCredential.sshKey(file: fixture.path("key"), knownHosts: fixture.path("known"))
                let url = "ssh://\(user)@127.0.0.1:\(port)\(remote)"
                let client = fixture.client()
                let checkout = try await client.checkOut(url, ref: nil, credential: credential, into: try fixture.task())
                try fixture.write("x\n", to: checkout.tree.root.appending("x"))
                let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
                try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: credential)
                #expect(try await fixture.refs(of: remote).contains("refs/heads/ai/x \(commit)"))
                #expect(try await fixture.sh("ls -d /dev/shm/ai-coder-key-* 2>/dev/null || true") == "")
                #expect(try await fixture.sh("grep -rl 'PRIVATE KEY' task || true") == "")
            }
        }
    }

    @Test("a host with another key, a key that is not known there, and no key are refused and told apart")
    func refusals() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await withServer(fixture) { port, user in
                let url = "ssh://\(user)@127.0.0.1:\(port)\(remote)"
                let client = fixture.client()
                let directory = try fixture.task()
                func refusal(_ credential: GitCredential?) async throws -> GitFailure {
                    try await failure { try await client.checkOut(url, ref: nil, credential: credential, into: directory) }
                }
                let host = try await refusal(.sshKey(file: fixture.path("key"), knownHosts: fixture.path("wrong")))
                #expect(host.reason == .certificate)
                #expect(host.message.contains("GIT_SSH_KNOWN_HOSTS_FILE"))
                try fixture.write("", to: fixture.path("nobody"))
                #expect(try await refusal(.sshKey(file: fixture.path("key"), knownHosts: fixture.path("nobody"))).reason == .certificate)
                let key = try await refusal(.sshKey(file: fixture.path("stranger"), knownHosts: fixture.path("known")))
                #expect(key.reason == .authentication)
                #expect(key.message.contains("GIT_SSH_KEY_FILE"))
                #expect(try await refusal(nil).reason == .authentication)
                #expect(try await refusal(.sshKey(file: fixture.path("none"), knownHosts: nil)).reason == .invalid)
                let missing = try await failure {
                    try await client.checkOut(
                        "ssh://\(user)@127.0.0.1:\(port)/no/such", ref: nil,
                        credential: .sshKey(file: fixture.path("key"), knownHosts: fixture.path("known")), into: directory)
                }
                #expect(missing.reason == .notFound)
            }
        }
    }

    @Test("without a list of known hosts a host's first key is believed, and another one later is not")
    func firstUse() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await withServer(fixture) { port, user in
                let url = "ssh://\(user)@127.0.0.1:\(port)\(remote)"
                let credential = GitCredential.sshKey(file: fixture.path("key"), knownHosts: nil)
                let client = fixture.client { $0.cacheDirectory = fixture.path("a cache %h") }
                _ = try await client.checkOut(url, ref: nil, credential: credential, into: try fixture.task())
                try await fixture.sh("grep -q 127.0.0.1 'a cache %h/known_hosts'; cp wrong 'a cache %h/known_hosts'")
                let other = try await failure { try await client.checkOut(url, ref: nil, credential: credential, into: try fixture.task("second")) }
                #expect(other.reason == .certificate)
            }
        }
    }
}
