import Foundation
import Glibc
import Secrets
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Remotes over http", .timeLimit(.minutes(3)))
struct RemoteHTTPTests {
    static let token = "glpat-S3cr3tS3cr3tS3cr3t"

    @Test("a token opens sub-groups under a relative URL root, for clone and push")
    func tokenAndPush() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("group/sub/project")
            try await GitHTTPServer.with(fixture, { ($0.token, $0.prefix) = (Self.token, "/gitlab") }) { server in
                let url = "http://127.0.0.1:\(server.port)/gitlab/group/sub/project.git"
                let client = fixture.client()
                let checkout = try await client.checkOut(url, ref: "main", credential: .token(Self.token), into: try fixture.task())
                try fixture.write("changed\n", to: checkout.tree.root.appending("readme.txt"))
                let commit = try await client.commit(checkout, message: CommitMessage("Change it"), policy: CommitPolicy())
                try await client.push(commit, of: checkout, to: "ai/1-change", expecting: .newBranch, credential: .token(Self.token))
                #expect(try await fixture.refs(of: remote).contains("refs/heads/ai/1-change \(commit)"))
                let there = try await client.remoteBranch("ai/1-change", at: url, credential: .token(Self.token))
                #expect(there == commit)
                // A push whose answer was lost is repeated without harm.
                try await client.push(commit, of: checkout, to: "ai/1-change", expecting: .newBranch, credential: .token(Self.token))
            }
        }
    }

    @Test("A32: the token is in no file, no argument list and no URL after clone and push")
    func tokenLeavesNoTrace() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { $0.token = Self.token }) { server in
                let url = "http://127.0.0.1:\(server.port)/project.git"
                // Stands before git and writes down what it was called with, and what its helpers were.
                let spy = fixture.path("git-spy")
                try fixture.write(
                    "#!/bin/sh\nprintf '%s ' \"$@\" >> \(fixture.path("arguments"))\n/usr/bin/git \"$@\"; s=$?\ncat /proc/[0-9]*/cmdline >> \(fixture.path("arguments")) 2>/dev/null\nexit $s\n",
                    to: spy)
                try await fixture.sh("chmod 755 \(spy)")
                let client = fixture.client {
                    $0.executable = spy
                    $0.cacheDirectory = fixture.path("cache")
                }
                let directory = try fixture.task()
                let checkout = try await client.checkOut(url, ref: nil, credential: .token(Self.token), into: directory)
                try fixture.write("changed\n", to: checkout.tree.root.appending("readme.txt"))
                let commit = try await client.commit(checkout, message: CommitMessage("Change it"), policy: CommitPolicy())
                try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: .token(Self.token))
                let encoded = Data("oauth2:\(Self.token)".utf8).base64EncodedString()
                for needle in [Self.token, encoded] {
                    let found = try await fixture.sh("grep -rlaF -e '\(needle)' task cache arguments /dev/shm/ai-coder* 2>/dev/null || true")
                    #expect(found == "")
                }
                #expect(try await fixture.sh("wc -c < arguments") != "0\n")
            }
        }
    }

    @Test("a wrong token, no token and a missing project are told apart, and asked for once only")
    func refusals() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { $0.token = Self.token }) { server in
                let client = fixture.client()
                let base = "http://127.0.0.1:\(server.port)"
                let directory = try fixture.task()
                let wrong = try await failure {
                    try await client.checkOut(base + "/project.git", ref: nil, credential: .token("glpat-wrongwrongwrongwrong"), into: directory)
                }
                #expect(wrong.reason == .authentication)
                #expect(wrong.message.contains("GITLAB_API_TOKEN"))
                #expect(!wrong.detail.contains("wrongwrong"))
                #expect(try server.requests().count == 2, "once without and once with the token")
                let none = try await failure { try await client.checkOut(base + "/project.git", ref: nil, credential: nil, into: directory) }
                #expect(none.reason == .authentication)
                let missing = try await failure {
                    try await client.checkOut(base + "/nope.git", ref: nil, credential: .token(Self.token), into: directory)
                }
                #expect(missing.reason == .notFound)
                #expect(missing.message.contains("/nope.git"))
            }
        }
    }

    @Test("a connection that breaks in the middle of the pack is tried again, three times at most", arguments: [2, 3])
    func drops(count: Int) async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote("project", "head -c 300000 /dev/urandom > noise; git add -A; git commit -q -m noise")
            try await GitHTTPServer.with(fixture, { $0.drops = count }) { server in
                let client = fixture.client()
                let directory = try fixture.task()
                let url = "http://127.0.0.1:\(server.port)/project.git"
                if count < 3 {
                    let checkout = try await client.checkOut(url, ref: nil, credential: nil, into: directory)
                    #expect(fixture.exists(checkout.tree.root.appending("noise")))
                } else {
                    let failure = try await failure { try await client.checkOut(url, ref: nil, credential: nil, into: directory) }
                    #expect(failure.reason == .network)
                    #expect(try await fixture.sh("ls -A \(directory)") == "")
                }
            }
        }
    }

    @Test("an overloaded server is asked again")
    func overloaded() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { $0.errors = 2 }) { server in
                let url = "http://127.0.0.1:\(server.port)/project.git"
                _ = try await fixture.client().checkOut(url, ref: nil, credential: nil, into: try fixture.task())
                #expect(try server.requests().count > 4)
            }
        }
    }

    @Test("a server that does not answer is given up in time, and so is a port that nobody listens at")
    func silence() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { $0.hangs = true }) { server in
                let client = fixture.client { $0.limits.networkTime = .seconds(2) }
                let directory = try fixture.task()
                let silent = try await failure {
                    try await client.checkOut("http://127.0.0.1:\(server.port)/project.git", ref: nil, credential: nil, into: directory)
                }
                #expect(silent.reason == .network)
                let closed = try await failure { try await client.checkOut("http://127.0.0.1:1/project.git", ref: nil, credential: nil, into: directory) }
                #expect(closed.reason == .network)
                #expect(closed.message.contains("127.0.0.1:1"))
            }
        }
    }

    @Test("a cancelled task ends git at once and leaves nothing")
    func cancellation() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { $0.hangs = true }) { server in
                let directory = try fixture.task()
                let client = fixture.client()
                let work = Task {
                    _ = try await client.checkOut("http://127.0.0.1:\(server.port)/project.git", ref: nil, credential: nil, into: directory)
                }
                while try server.requests().isEmpty { await Task.yield() }
                work.cancel()
                await #expect(throws: CancellationError.self) { try await work.value }
                #expect(try await fixture.sh("ls -A \(directory)") == "")
                #expect(try await fixture.sh("grep -la '[1]27.0.0.1:\(server.port)' /proc/[0-9]*/cmdline 2>/dev/null || true") == "")
            }
        }
    }

    @Test("A31: git is told the token for the remote's own scheme, host, port and path, and for nothing else")
    func helper() async throws {
        try await GitFixture.with { fixture in
            let client = fixture.client()
            let remote = try RemoteURL("https://gitlab.example.com:8443/group/project.git")
            func told(_ scheme: String, _ host: String, _ path: String) async throws -> Bool {
                try await RemoteAccess.with(remote, .token(Self.token), settings: client.settings) { access in
                    var call = GitCall(["credential", "fill"])
                    call.access = access
                    call.input = Array("protocol=\(scheme)\nhost=\(host)\npath=\(path)\n\n".utf8)
                    return String(decoding: try await client.git.run(call).standardOutput, as: UTF8.self).contains(Self.token)
                }
            }
            let host = "gitlab.example.com:8443"
            #expect(try await told("https", host, "group/project.git"))
            #expect(try await !told("http", host, "group/project.git"))
            for other in ["gitlab.example.com", "example.com", "evil.example", "gitlab.example.com:8443.evil.example"] {
                #expect(try await !told("https", other, "group/project.git"), "\(other)")
            }
            for other in ["group/other.git", "group", "group/project.gitx", ""] { #expect(try await !told("https", host, other), "\(other)") }
        }
    }

    @Test("A31: a redirect to another host is not followed, and the token is not sent there")
    func redirect() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture) { sink in
                try await GitHTTPServer.with(fixture, { $0.redirect = "http://127.0.0.1:\(sink.port)" }) { server in
                    let directory = try fixture.task()
                    let failure = try await failure {
                        try await fixture.client().checkOut(
                            "http://127.0.0.1:\(server.port)/project.git", ref: nil, credential: .token(Self.token), into: directory)
                    }
                    #expect(failure.reason == .refused)
                    #expect(failure.message.contains("present address"))
                    #expect(try sink.requests() == [])
                    #expect(try server.requests().allSatisfy { $0.hasSuffix(" -") })
                }
            }
        }
    }

    @Test("an address without .git is tried with it when the server sends it there, as GitLab does")
    func suffix() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await GitHTTPServer.with(fixture, { ($0.wantsSuffix, $0.token) = (true, Self.token) }) { server in
                let checkout = try await fixture.client().checkOut(
                    "http://127.0.0.1:\(server.port)/project", ref: nil, credential: .token(Self.token), into: try fixture.task())
                #expect(checkout.remoteURL.hasSuffix("/project.git"))
            }
        }
    }

    @Test("a certificate of one's own is refused, and accepted with its authority named")
    func certificate() async throws {
        try await GitFixture.with { fixture in
            _ = try await fixture.remote()
            try await fixture.sh(
                "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null; cat key.pem cert.pem > both.pem"
            )
            try await GitHTTPServer.with(fixture, { $0.certificate = fixture.path("both.pem").string }) { server in
                let url = "https://127.0.0.1:\(server.port)/project.git"
                let directory = try fixture.task()
                let refused = try await failure { try await fixture.client().checkOut(url, ref: nil, credential: nil, into: directory) }
                #expect(refused.reason == .certificate)
                #expect(refused.message.contains("SSL_CERT_FILE"))
                let trusting = fixture.client { $0.caFile = fixture.path("cert.pem") }
                _ = try await trusting.checkOut(url, ref: nil, credential: nil, into: directory)
            }
        }
    }

    @Test("from the second task on only what is new is fetched, and a damaged mirror is replaced")
    func mirror() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "head -c 200000 /dev/urandom > noise; git add -A; git commit -q -m noise")
            try await GitHTTPServer.with(fixture, { $0.token = Self.token }) { server in
                let url = "http://127.0.0.1:\(server.port)/project.git"
                let client = fixture.client { $0.cacheDirectory = fixture.path("cache") }
                func take(_ name: String) async throws -> Checkout {
                    try await client.checkOut(url, ref: nil, credential: .token(Self.token), into: try fixture.task(name))
                }
                func fetches() throws -> Int { try server.requests().count { $0.contains("git-upload-pack ") } }
                _ = try await take("one")
                let first = try fetches()
                _ = try await take("two")
                #expect(try fetches() - first < first, "nothing new: only the refs were asked for")
                try await fixture.elsewhere(remote, "echo new > new")
                let third = try await take("three")
                #expect(fixture.exists(third.tree.root.appending("new")) && fixture.exists(third.tree.root.appending("noise")))
                let sizes = try await fixture.sh("stat -c %s cache/*/objects/pack/*.pack | sort -n").split(separator: "\n").compactMap { Int($0) }
                #expect(sizes.count == 2)
                #expect(sizes.first ?? .max < 2000)
                // Not links to it, but the same files: the mirror can go while tasks work.
                try await fixture.sh("for f in cache/*/objects/pack/*.pack; do chmod 600 $f; cp $f x; head -c 100 x > $f; done")
                let fourth = try await take("four")
                #expect(try await fixture.sh("cmp \(fourth.tree.root)/noise project.work/noise") == "")
                try await fixture.sh("rm -rf cache")
                #expect(try await client.changes(in: fourth) == [])
                _ = try await take("five")
            }
        }
    }
}
