import Glibc
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Hostile repositories", .timeLimit(.minutes(3)))
struct HostileRepositoryTests {
    /// Plants everything by which git starts programs, where a sandboxed command could write.
    private static func plant(_ marker: String) -> String {
        """
        run='touch \(marker)'
        printf '* filter=evil diff=evil merge=evil text eol=crlf ident\\n[attr]own filter=evil\\n*.py own\\n' > .gitattributes
        for d in . nested src/deep; do
          mkdir -p $d; (cd $d; rm -rf .git; git init -q .; for h in pre-commit post-checkout pre-push post-commit post-index-change reference-transaction fsmonitor; do
            printf '#!/bin/sh\\ntouch \(marker)\\n' > .git/hooks/$h; chmod 755 .git/hooks/$h; done
          git config filter.evil.clean "$run; cat"; git config filter.evil.smudge "$run; cat"; git config filter.evil.process "$run"
          git config diff.evil.textconv "$run; cat"; git config diff.evil.command "$run"; git config diff.external "$run"
          git config merge.evil.driver "$run"; git config core.fsmonitor "$run"; git config core.sshCommand "$run"; git config core.editor "$run"
          git config gpg.program "$run"; git config commit.gpgSign true; git config credential.helper "!$run"; git config include.path ../evil.cfg
          git config uploadpack.packObjectsHook "$run"; git config alias.status "!$run"; git config core.pager "$run"
          printf '* filter=evil diff=evil\\n' > .git/info/attributes; echo y > f.py)
        done
        printf '[core]\\n\\tfsmonitor = touch \(marker)\\n' > evil.cfg; printf '[lfs]\\n\\turl = http://127.0.0.1:1/\\n' > .lfsconfig
        printf '[submodule "x"]\\n\\tpath = x\\n\\turl = ext::touch \(marker)\\n' > .gitmodules
        """
    }

    @Test("A25: hooks, filters, drivers, monitors and helpers that a repository or its tree plants never run")
    func planted() async throws {
        try await GitFixture.with { fixture in
            let marker = fixture.path("marker")
            let remote = try await fixture.remote()
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh("cd \(checkout.tree.root); \(Self.plant(marker.string))")
            try await fixture.sh("rm -f \(marker)")
            // All that the service ever does with a work tree.
            _ = try await client.changes(in: checkout)
            #expect(try await client.diff(in: checkout, limit: 1 << 20).contains("+y"))
            let patch = try await client.patch(of: checkout)
            let policy = CommitPolicy(refused: [])
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: policy)
            try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            try await fixture.elsewhere(remote, branch: "ai/x", "git config filter.evil.clean cat; echo z > z")
            let result = try await client.integrate(commit, of: checkout, with: "ai/x", credential: nil)
            guard case .nothingLeft = result else {
                Issue.record("\(result)")
                return
            }
            // And the same content as a repository to begin from.
            let second = try await client.checkOut(remote.string, ref: "ai/x", credential: nil, into: try fixture.task("second"))
            #expect(try await client.changes(in: second) == [])
            let base = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task("third"))
            try await client.apply(patch, to: base)
            _ = try await client.baseTree(of: second, into: fixture.path("base"))
            #expect(!fixture.exists(marker))
        }
    }

    @Test("A26: repositories within the tree are not entered, and names like .git never get into a commit")
    func nested() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh(
                "cd \(checkout.tree.root); git init -q a; cd a; echo x > x; git add -A; git commit -q -m x; cd ..; git init -q --bare bare.git; git init -q .; mkdir -p b/.git c/.Git 'd/.git ' 'e/.git.'; echo x > b/.git/x; echo x > b/y; echo x > c/.Git/x; echo x > 'd/.git /x'; echo x > 'e/.git./x'; echo x > good"
            )
            let review = try await client.review(checkout, policy: CommitPolicy(refused: []))
            let names = review.changes.map { String(decoding: $0.path, as: UTF8.self) }
            #expect(names.contains("good") && names.contains("b/y"))
            #expect(
                names.allSatisfy { !$0.lowercased().contains(".git/") && !$0.lowercased().contains(".git ") && !$0.contains(".git.") && !$0.hasPrefix("a/") }
                    || names.contains("bare.git/HEAD"))
            #expect(review.changes.allSatisfy { $0.newMode != 0o160000 })
            #expect(Set(review.findings.filter { $0.kind == .gitPath }.map(\.path)) == ["c/.Git/x", "d/.git /x", "e/.git./x"])
            #expect(review.findings.contains { $0.kind == .nestedRepository && $0.path == "a" })
        }
    }

    @Test(
        "A26: names that some file system takes for .git",
        arguments: [
            (".git", true), (".GIT", true), (".Git", true), (".git.", true), (".git ", true), (".git . .", true), ("git~1", true), ("GIT~2", true),
            (".g\u{200C}it", true),
            (".git\u{FEFF}", true), (".git::$INDEX_ALLOCATION", true), (".git:x", true), ("a\\.git", true), (".git\\config", true),
            (".gitignore", false), (".github", false), ("git", false), ("git~10", false), ("x.git", false), (".gitx", false), ("digit", false),
        ])
    func gitLike(name: String, expected: Bool) {
        #expect(PathRules.isGitLike(Array(name.utf8)) == expected)
        #expect(PathRules.isSafe(Array("a/\(name)/b".utf8)) == !expected)
    }

    @Test("A26: a repository whose tree holds such names is refused before anything is written", arguments: [".git", ".GIT", "git~1", "..", ".g\u{200C}it"])
    func hostileTree(name: String) async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await fixture.sh(
                """
                cd project.git; b=$(echo '[core] x' | git hash-object -w --stdin); t=$(printf '100644 blob %s\\tconfig\\n' $b | git mktree)
                o=$(python3 -c "import sys;sys.stdout.buffer.write('40000 \(name)'.encode()+b'\\0'+bytes.fromhex('$t'))" | git hash-object -w -t tree --literally --stdin)
                git update-ref refs/heads/evil $(git commit-tree -m evil $o)
                """)
            let directory = try fixture.task()
            let failure = try await failure {
                try await fixture.client().checkOut(remote.string, ref: "evil", credential: nil, into: directory)
            }
            #expect([.invalid, .refused].contains(failure.reason))
            #expect(try await fixture.sh("ls -A \(directory)") == "")
        }
    }

    @Test("A27: a link in the place of a directory leads the service nowhere")
    func links() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await fixture.sh("mkdir outside; echo private > outside/main.py")
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh("cd \(checkout.tree.root); rm -r src; ln -s \(fixture.path("outside")) src; ln -s /etc/passwd p")
            #expect(try await client.diff(in: checkout, limit: 1 << 16).contains("private") == false)
            let patch = try await client.patch(of: checkout)
            #expect(!String(decoding: patch, as: UTF8.self).contains("private") && !String(decoding: patch, as: UTF8.self).contains("root:"))
            #expect(try await client.changes(in: checkout).count == 3)
        }
    }

    @Test("A28: submodules are neither fetched nor asked for, and helper protocols are off")
    func submodules() async throws {
        try await GitFixture.with { fixture in
            let marker = fixture.path("marker")
            let remote = try await fixture.remote(
                "project",
                "printf '[submodule \"s\"]\\n\\tpath = s\\n\\turl = ext::touch \(fixture.path("marker"))\\n[submodule \"-u\"]\\n\\tpath = t\\n\\turl = ../../../x\\n' > .gitmodules; git add -A; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),s; git commit -q -m s"
            )
            let checkout = try await fixture.client().checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            #expect(try await fixture.sh("ls -A \(checkout.tree.root)/s; ls \(checkout.gitDirectory)").contains("modules") == false)
            #expect(!fixture.exists(marker))
        }
    }

    @Test("A29: large files stay pointers: no filter runs, and the server that a repository names is not asked")
    func largeFiles() async throws {
        try await GitFixture.with { fixture in
            let marker = fixture.path("marker")
            let sink = try Loopback()
            let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "a", count: 64))\nsize 7\n"
            let remote = try await fixture.remote(
                "project",
                """
                printf '*.bin filter=lfs diff=lfs merge=lfs -text\n' > .gitattributes
                printf '[lfs]\n\turl = http://127.0.0.1:\(sink.port)/lfs\n' > .lfsconfig
                printf '\(pointer.replacing("\n", with: "\\n"))' > big.bin; git add -A; git commit -q -m lfs
                """)
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            // As `git lfs install --local` would leave it where a sandboxed command can write.
            try await fixture.sh(
                """
                cd \(checkout.tree.root); git init -q .; git config filter.lfs.smudge 'touch \(marker); cat'; git config filter.lfs.clean 'touch \(marker); cat'
                git config filter.lfs.process 'touch \(marker)'; git config filter.lfs.required true; echo other > second.bin
                """)
            #expect(try await fixture.sh("cat \(checkout.tree.root)/big.bin") == pointer)
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy(refused: []))
            try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            let second = try await client.checkOut(remote.string, ref: "ai/x", credential: nil, into: try fixture.task("second"))
            #expect(try await fixture.sh("cat \(second.tree.root)/big.bin \(second.tree.root)/second.bin") == pointer + "other\n")
            #expect(!fixture.exists(marker) && !sink.hasCaller)
        }
    }

    @Test("A35: names of any bytes come through commit, push and checkout unchanged")
    func oddNames() async throws {
        try await GitFixture.with { fixture in
            let names: [[UInt8]] = [
                Array("two\nlines".utf8), Array("tab\there".utf8), Array("quote\"s'".utf8), Array("-rf".utf8), Array("--output=x".utf8),
                Array(" lead and trail ".utf8), Array("back\\slash".utf8), [0xFF, 0xFE, 0x80], Array("é".utf8), Array("e\u{301}".utf8),
                Array("*?[x]".utf8), Array(":(top)x".utf8), Array("$(touch marker)".utf8), Array("a;b|c&d".utf8), [0x1B, 0x5B, 0x32, 0x4A],
            ]
            let remote = try await fixture.remote()
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            let directory = open(checkout.tree.root.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(directory) }
            for name in names {
                let file = openat(directory, name.map(CChar.init(bitPattern:)) + [0], O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
                try #require(file >= 0)
                _ = name.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                close(file)
            }
            let changes = try await client.changes(in: checkout)
            #expect(Set(changes.map(\.path)) == Set(names))
            let commit = try await client.commit(checkout, message: CommitMessage("odd names"), policy: CommitPolicy(refused: []))
            try await client.push(commit, of: checkout, to: "ai/odd", expecting: .newBranch, credential: nil)
            let listed = Array(try await fixture.sh("git -C \(remote) ls-tree -z --name-only ai/odd | od -An -v -tx1 | tr -d ' \\n'").utf8)
            let bytes = stride(from: 0, to: listed.count - 1, by: 2).compactMap { UInt8(String(decoding: listed[$0...($0 + 1)], as: UTF8.self), radix: 16) }
            #expect(Set(bytes.split(separator: 0).map(Array.init)).isSuperset(of: names))
            let second = try await client.checkOut(remote.string, ref: "ai/odd", credential: nil, into: try fixture.task("second"))
            let again = open(second.tree.root.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(again) }
            for name in names {
                var status = stat()
                #expect(fstatat(again, name.map(CChar.init(bitPattern:)) + [0], &status, 0) == 0 && status.st_size == name.count, "\(name)")
            }
            #expect(try await client.changes(in: second) == [])
        }
    }

    @Test("A33: configuration planted for the service's user and beside the checkout has no effect")
    func planted33() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await fixture.sh("git init -q --bare evil.git")
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            // In the tree, where git would look if it were left to find its repository by itself.
            try await fixture.sh(
                "cd \(checkout.tree.root); git init -q .; git config url.\(fixture.path("evil.git")).insteadOf \(remote); git config remote.origin.pushurl \(fixture.path("evil.git")); echo x > x; echo \(fixture.path("evil.git"))/objects > .git/objects/info/alternates"
            )
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
            try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            #expect(try await fixture.refs(of: fixture.path("evil.git")) == [])
            #expect(try await fixture.refs(of: remote).contains("refs/heads/ai/x \(commit)"))
        }
    }

    @Test(
        "A34: bombs end in a clear failure before a file is written",
        arguments: [
            ("for i in $(seq 300); do echo $i > f$i; done", "more than 200 files"),
            ("head -c 2000000 /dev/zero > zeros", "larger than 1 MiB"),
            ("for i in 1 2 3 4; do head -c 700000 /dev/zero > z$i; done", "larger than 2 MiB in all"),
            (
                "o=$(git hash-object -w -t tree /dev/null); for i in $(seq 300); do o=$(printf '040000 tree %s\\ta\\n' $o | git mktree); done; git update-ref refs/heads/main $(git commit-tree -m deep $o)",
                "more than 200 files"
            ),
            (
                "o=$(git rev-parse HEAD:src); n=$(printf 'x%.0s' $(seq 250)); for i in $(seq 20); do o=$(printf '040000 tree %s\\t%s\\n' $o $n | git mktree); done; git update-ref refs/heads/main $(git commit-tree -m long $o)",
                "a path that is too long"
            ),
            (
                "o=$(printf '040000 tree %s\\t%s\\n' $(git rev-parse HEAD:src) $(printf 'x%.0s' $(seq 300)) | git mktree); git update-ref refs/heads/main $(git commit-tree -m long $o)",
                "a path that is too long"
            ),
        ])
    func bombs(script: String, words: String) async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote(
                "project", script.hasPrefix("for") || script.hasPrefix("head") ? script + "; git add -A; git commit -q -m bomb" : script)
            let client = fixture.client {
                $0.limits.entries = 200
                $0.limits.fileBytes = 1 << 20
                $0.limits.treeBytes = 2 << 20
            }
            let directory = try fixture.task()
            let failure = try await failure { try await client.checkOut(remote.string, ref: nil, credential: nil, into: directory) }
            #expect(failure.reason == .tooLarge)
            #expect(failure.message.contains(words))
            #expect(try await fixture.sh("ls -A \(directory)") == "")
        }
    }

    @Test("A34: a tree that unfolds to a billion files is refused at the limit")
    func treeBomb() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            try await fixture.sh(
                "cd project.git; o=$(printf '100644 blob %s\\tf\\n' $(git rev-parse main:readme.txt) | git mktree); for d in 1 2 3 4 5 6 7 8 9; do o=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\\t%s\\n' $o $i; done | git mktree); done; git update-ref refs/heads/main $(git commit-tree -m bomb $o)"
            )
            let directory = try fixture.task()
            let client = fixture.client { $0.limits.entries = 20_000 }
            let failure = try await failure { try await client.checkOut(remote.string, ref: nil, credential: nil, into: directory) }
            #expect(failure.reason == .tooLarge)
            #expect(failure.message.contains("more than 20000 files"))
        }
    }

    @Test("A34: more bytes than allowed are not fetched")
    func largePack() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "head -c 3000000 /dev/urandom > noise; git add -A; git commit -q -m noise")
            let directory = try fixture.task()
            let failure = try await failure {
                try await fixture.client { $0.limits.fetchBytes = 1 << 20 }.checkOut(remote.string, ref: nil, credential: nil, into: directory)
            }
            #expect(failure.reason == .tooLarge)
        }
    }

    @Test("a full disk is told as one, while fetching and while laying out", .enabled(if: geteuid() == 0), arguments: [1, 3])
    func diskFull(megabytes: Int) async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "head -c 2000000 /dev/urandom > noise; git add -A; git commit -q -m noise")
            let small = try fixture.task("small")
            guard mount("tmpfs", small.string, "tmpfs", 0, "size=\(megabytes)m") == 0 else { return }
            defer { _ = umount2(small.string, 2) }
            let failure = try await failure { try await fixture.client().checkOut(remote.string, ref: nil, credential: nil, into: small) }
            #expect(failure.reason == .diskFull)
            #expect(failure.message.contains("free some space"))
            #expect(try await fixture.sh("ls -A \(small)") == "")
        }
    }

    @Test("A27: a pipe in the place of one of git's files keeps nobody waiting", .timeLimit(.minutes(1)))
    func pipes() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("pipes", "printf '*.log\\n' >.gitignore; git add -A; git commit -q -m rules")
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh(
                """
                cd \(checkout.tree.root); mkdir -p new/deep; rm .gitignore; printf 'changed\\n' >readme.txt
                mkfifo .gitignore .gitattributes .gitmodules .mailmap src/.gitignore src/.gitattributes new/deep/.gitignore
                """)
            let changes = try await client.changes(in: checkout)
            #expect(Set(changes.map { String(decoding: $0.path, as: UTF8.self) }) == ["readme.txt", ".gitignore"], "\(changes)")
            let patch = try await client.patch(of: checkout)
            #expect(!patch.isEmpty)
        }
    }

    @Test(
        "A27: a pipe where git looks for another repository keeps nobody waiting", .timeLimit(.minutes(1)),
        arguments: [
            "rm new/.git/HEAD; mkfifo new/.git/HEAD", "mkfifo new/.git/commondir", "mkfifo p; ln -s ../../p new/.git/commondir",
            "mv new/.git evil; echo 'gitdir: ../evil' >new/.git; rm evil/HEAD; mkfifo evil/HEAD",
            "mv new/.git evil; ln -s ../evil new/.git; mkfifo evil/commondir",
        ])
    func nestedPipes(script: String) async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("pipes")
            let client = fixture.client { $0.limits.localTime = .seconds(5) }
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh("cd \(checkout.tree.root); git init -q new; echo x >new/x; echo y >y; \(script)")
            let changes = try await client.changes(in: checkout).map { String(decoding: $0.path, as: UTF8.self) }
            #expect(changes.contains("y"))
        }
    }

    @Test("A59: what a server says in the place of an answer is told without signs that steer a terminal")
    func steering() {
        let said = "fatal: remote error: \u{1B}]0;owned\u{7}\u{1B}[2J\u{202E}gone\u{9B}1m"
        let failure = GitFailure(reading: said, ending: .exited(128), command: "fetch", remote: nil)
        #expect(failure.message == "git fetch failed: fatal: remote error: ]0;owned[2Jgone1m")
        let noise = GitFailure(reading: "fatal: Out of memory, realloc failed", ending: .exited(128), command: "status", remote: nil)
        #expect(noise.reason == .tooLarge)
    }

    /// Not tried with git: it would read until this machine has no memory left.
    @Test("A44: an endless file in the place of one that git reads whole is taken away, and git's memory has a limit")
    func endless() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await fixture.client().checkOut(
                try await fixture.remote().string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh("cd \(checkout.tree.root); git init -q new; ln -s /dev/zero new/.git/commondir; ln -s readme.txt link")
            try await SpecialFiles.removeWhatGitOpens(in: checkout.tree)
            #expect(!fixture.exists(checkout.tree.root.appending("new/.git/commondir")))
            #expect(fixture.exists(checkout.tree.root.appending("link")))
        }
    }
}
