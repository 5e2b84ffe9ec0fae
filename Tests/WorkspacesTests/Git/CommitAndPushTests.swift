import Foundation
import Glibc
import Secrets
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Commits and pushes", .timeLimit(.minutes(2)))
struct CommitAndPushTests {
    private let client: (GitFixture) -> GitClient = { $0.client() }

    private func checkOut(_ fixture: GitFixture, _ script: String = ":", task: String = "task") async throws -> Checkout {
        if !fixture.exists(fixture.path("project.git")) { try await fixture.remote("project", script) }
        return try await fixture.client().checkOut(
            fixture.path("project.git").string, ref: nil, credential: nil, into: try fixture.task(task))
    }

    @Test("exactly what the task changed is committed, with our author and trailers; ignored files are not")
    func commit() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, "echo build/ > .gitignore; git add -A; git commit -q -m ignore")
            let root = checkout.tree.root
            try await fixture.sh(
                "cd \(root); echo more >> readme.txt; mkdir -p build new/deep; echo o > build/x.o; echo n > new/deep/n; rm src/main.py; touch .gitignore")
            let client = fixture.client()
            let changes = try await client.changes(in: checkout)
            #expect(changes.map { String(decoding: $0.path, as: UTF8.self) } == ["new/deep/n", "readme.txt", "src/main.py"])
            #expect(changes.map(\.kind) == [.added, .modified, .deleted])
            let message = CommitMessage("Add n", taskID: "task_1", requestedBy: "Ann")
            let commit = try await client.commit(checkout, message: message, policy: CommitPolicy())
            try await client.push(commit, of: checkout, to: "ai/1-n", expecting: .newBranch, credential: nil)
            #expect(
                try await fixture.sh("git -C project.git log -1 --format='%an <%ae> %cn%n%B' ai/1-n")
                    == "ai-coder-bot <ai-coder@example.com> ai-coder-bot\nAdd n\n\nTask-Id: task_1\nRequested-by: Ann\n\n")
            #expect(try await fixture.sh("git -C project.git diff --name-status main ai/1-n") == "A\tnew/deep/n\nM\treadme.txt\nD\tsrc/main.py\n")
            #expect(try await fixture.sh("git -C project.git log -1 '--format=%(trailers:key=Task-Id)' ai/1-n") == "Task-Id: task_1\n\n")
        }
    }

    @Test("a file may take a directory's place, a directory a file's, and a link a directory's")
    func typeChanges() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, "mkdir d e; echo 1 > d/f; echo 2 > e/f; echo 3 > g; git add -A; git commit -q -m d")
            try await fixture.sh("cd \(checkout.tree.root); mv d moved; ln -s moved d; rm -r e; echo file > e; rm g; mkdir g; echo x > g/x")
            let commit = try await fixture.client().commit(checkout, message: CommitMessage("Move"), policy: CommitPolicy())
            let tree = try await fixture.sh("git --git-dir=\(checkout.gitDirectory) ls-tree -r --format='%(objectmode) %(path)' \(commit)")
            #expect(tree == "120000 d\n100644 e\n100644 g/x\n100644 moved/f\n100644 readme.txt\n100644 src/main.py\n")
        }
    }

    @Test("a patch carries the whole change to another checkout of the same base")
    func patch() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, #"printf 'x\r\ny' > crlf; git add -A; git commit -q -m crlf"#)
            let client = fixture.client()
            #expect(try await client.patch(of: checkout).isEmpty)
            try await fixture.sh(
                #"cd \#(checkout.tree.root); printf 'x\r\nz' > crlf; head -c 5000 /dev/urandom > bin; chmod 755 readme.txt; ln -s a l; printf q > "$(printf 'n\377\nm')"; rm -r src; : > empty; printf 'trail  \n' > ws"#
            )
            let patch = try await client.patch(of: checkout)
            let owner = geteuid() == 0 ? WorkTree.Owner(uid: 4321, gid: 4321) : nil
            let other = try await client.checkOut(checkout.remoteURL, ref: nil, credential: nil, into: try fixture.task("other-task"), owner: owner)
            try await client.apply(patch, to: other)
            #expect(try await fixture.sh("diff -r --no-dereference \(checkout.tree.root) \(other.tree.root)") == "")
            #expect(try await client.patch(of: other) == patch)
            if owner != nil { #expect(try await fixture.sh("find \(other.tree.root) ! -uid 4321") == "") }
            let misfit = try await failure { try await client.apply(patch, to: other) }
            #expect(misfit.message.contains("base commit"))
        }
    }

    @Test("the text of a difference is cut at its limit, at a line's end")
    func diff() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try await fixture.sh("cd \(checkout.tree.root); seq 1 5000 > numbers; mv readme.txt renamed.txt")
            let whole = try await fixture.client().diff(in: checkout, limit: 1 << 20)
            #expect(whole.contains("rename from readme.txt") && whole.contains("+5000"))
            let cut = try await fixture.client().diff(in: checkout, limit: 500)
            #expect(cut.utf8.count < 600 && cut.hasSuffix("\n[The rest of the difference is left out.]\n"))
        }
    }

    @Test(
        "a change is looked at before it becomes a commit",
        arguments: [
            (":", CommitFinding.Kind.empty),
            (#"printf '<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n' > readme.txt"#, .conflictMarkers),
            ("echo 'key = \"configured-secret-value\"' > conf", .secret),
            ("printf 'a\\000configured-secret-value' > bin", .secret),
            ("touch configured-secret-value", .secret),
            ("echo 'token: glpat-'7Yq2Zx9Kp4Wm8Rt5Vb3N > t", .secret),
            ("printf '\\376\\377' > u; printf 'token: glpat-'7Yq2Zx9Kp4Wm8Rt5Vb3N | iconv -t UTF-16BE >> u", .secret),
            ("printf 'a\\nkey: configured-secret-value\\n' | iconv -t UTF-16LE > u", .secret),
            ("printf 'configured-secret-value' | iconv -t UTF-32LE > u", .secret),
            ("mkdir ci; echo x > $(printf 'ci/a\\342\\200\\213.yml')", .protectedPath), ("mkdir ci; echo x > $(printf 'ci/\\314\\201.yml')", .protectedPath),
            ("head -c 2000000 /dev/zero > large", .fileTooLarge),
            ("mkdir .GIT; echo x > .GIT/config", .gitPath), ("mkdir 'git~1'; echo x > 'git~1/hooks'", .gitPath),
            ("echo x > .gitlab-ci.yml", .protectedPath), ("mkdir -p migrations/a; echo x > migrations/a/1.sql", .protectedPath),
        ])
    func refused(script: String, kind: CommitFinding.Kind) async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try await fixture.sh("cd \(checkout.tree.root); \(script)")
            let client = fixture.client(secrets: [Secret("configured-secret-value")])
            let policy = CommitPolicy(fileLimit: 1 << 20, protectedPaths: [".gitlab-ci.yml", "migrations/**", "/ci/a\u{200B}.yml", "/ci/\u{301}*"])
            let refusal = await #expect(throws: CommitRefusal.self) {
                try await client.commit(checkout, message: CommitMessage("x"), policy: policy)
            }
            #expect(refusal?.findings.contains { $0.kind == kind } == true)
            #expect(refusal?.message.contains("configured-secret") == false)
        }
    }

    @Test("A39: what is odd but not wrong is found and committed all the same")
    func flagged() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try await fixture.sh(
                #"cd \#(checkout.tree.root); chmod 755 readme.txt; printf 'x\000y' > b; printf 'a\342\200\256b\n' > bidi; ln -s /etc/passwd out; ln -s src/main.py in; mkfifo pipe; git init -q nested; echo x > nested/x"#
            )
            let client = fixture.client()
            let review = try await client.review(checkout, policy: CommitPolicy())
            #expect(Set(review.findings.map(\.kind)) == [.modeChange, .binary, .hiddenCharacters, .outwardLink, .nestedRepository])
            #expect(review.findings.first { $0.kind == .outwardLink }?.path == "out")
            let commit = try await client.commit(review, of: checkout, message: CommitMessage("x"), policy: CommitPolicy())
            let names = try await fixture.sh("git --git-dir=\(checkout.gitDirectory) ls-tree -r --name-only \(commit)")
            #expect(names == "b\nbidi\nin\nout\nreadme.txt\nsrc/main.py\n")
        }
    }

    @Test(
        "A39: characters that nobody sees are found, whatever script they are of",
        arguments: [
            "\u{61C}", "\u{AD}", "\u{115F}", "\u{3164}", "\u{FFA0}", "\u{180E}", "\u{2028}", "\u{FFF9}", "\u{E0101}", "\u{8}",
            "\u{1B}[2K", "x\rlet y = 2 //",
        ])
    func unseen(characters: String) async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try fixture.write("let plain = 1\r\nlet a\(characters)b = 1\n", to: checkout.tree.root.appending("a"))
            let review = try await fixture.client().review(checkout, policy: CommitPolicy())
            #expect(review.findings.map(\.kind) == [.hiddenCharacters] && review.findings.first?.line == 2, "\(review.findings)")
        }
    }

    @Test("A39: a lock file that takes packages from elsewhere is found, and so is what other agents take orders from")
    func elsewhere() async throws {
        try await GitFixture.with { fixture in
            let entry = #"    "resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz","#
            let checkout = try await checkOut(
                fixture,
                """
                printf '{\n\(entry)\n}\n' > package-lock.json; printf 'source = "registry+https://crates.company.example/index"\n' > Cargo.lock
                git add -A; git commit -q -m locks
                """)
            try await fixture.sh(
                """
                cd \(checkout.tree.root); mkdir -p web .cursor/rules
                printf '{\n\(entry)\n\(entry.replacing("registry.npmjs.org", with: "user@Evil.example:8443"))\n  "url": "https://money.example/b"\n}\n' > package-lock.json
                printf 'source = "registry+https://index.crates.io/"\n' > Cargo.lock
                printf 'resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#1"\n' > web/yarn.lock
                echo https://evil.example > notes.txt; echo obey > .cursor/rules/x.mdc; echo obey > web/GEMINI.md
                """)
            let review = try await fixture.client().review(checkout, policy: CommitPolicy())
            let hosts = review.findings.filter { $0.kind == .lockFileHost }
            #expect(hosts.map(\.path) == ["Cargo.lock", "package-lock.json"], "\(review.findings)")
            #expect(hosts.first?.message.contains("index.crates.io") == true)
            #expect(hosts.last?.message.contains("evil.example:8443") == true && hosts.last?.message.contains("money") == false)
            #expect(review.findings.filter { $0.kind == .instructionFile }.map(\.path) == [".cursor/rules/x.mdc", "web/GEMINI.md"])
            #expect(review.findings.count == 4, "\(review.findings)")
            #expect(CommitPolicy.usuallyRefused.isDisjoint(with: [.lockFileHost, .instructionFile]))
        }
    }

    @Test("a tracked file that became a pipe is a deletion and hangs nobody")
    func pipe() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try await fixture.sh("cd \(checkout.tree.root); rm readme.txt; mkfifo readme.txt")
            let review = try await fixture.client().review(checkout, policy: CommitPolicy())
            #expect(review.changes.map(\.kind) == [.deleted])
            #expect(review.findings.map(\.kind) == [.specialFile])
        }
    }

    @Test("a file that a command made unreadable is not taken for a deleted one", .enabled(if: geteuid() != 0, "root reads everything"))
    func unreadable() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try await fixture.sh("cd \(checkout.tree.root); echo more >> readme.txt; echo new > new; chmod 000 readme.txt new; echo x > x")
            let client = fixture.client()
            let review = try await client.review(checkout, policy: CommitPolicy())
            let commit = try await client.commit(review, of: checkout, message: CommitMessage("x"), policy: CommitPolicy())
            let git = "git --git-dir=\(checkout.gitDirectory)"
            #expect(try await fixture.sh("\(git) ls-tree -r --name-only \(commit)") == "new\nreadme.txt\nsrc/main.py\nx\n")
            #expect(try await fixture.sh("\(git) show \(commit):readme.txt") == "hello\nmore\n")
        }
    }

    @Test("A36: no force, no tag, no default or protected branch; a new branch overwrites nothing")
    func pushRules() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, "git branch taken; git branch release/1; git tag v1")
            let client = fixture.client()
            let before = try await fixture.refs(of: fixture.path("project.git"))
            try fixture.write("x\n", to: checkout.tree.root.appending("x"))
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
            func push(_ branch: String, _ expectation: PushExpectation) async throws -> GitFailure.Reason {
                try await failure {
                    try await client.push(commit, of: checkout, to: branch, expecting: expectation, protectedBranches: ["release/*"], credential: nil)
                }.reason
            }
            let base = try #require(checkout.base)
            #expect(try await push("main", .at(base)) == .protectedBranch)
            #expect(try await push("release/1", .at(base)) == .protectedBranch)
            #expect(try await push("taken", .newBranch) == .branchMoved)
            #expect(try await push("refs/tags/v1", .newBranch) == .invalid)
            #expect(try await push("--mirror", .newBranch) == .invalid)
            #expect(try await push("a:refs/heads/main", .newBranch) == .invalid)
            #expect(try await push("ai/none", .at(CommitID(rawValue: String(repeating: "1", count: 40))!)) == .branchMoved)
            #expect(try await fixture.refs(of: fixture.path("project.git")) == before)
            // A tag of any making does not go along.
            try await fixture.sh("git --git-dir \(checkout.gitDirectory) tag -a -m x v9 \(commit)")
            try await client.push(commit, of: checkout, to: "taken", expecting: .at(base), credential: nil)
            let after = try await fixture.refs(of: fixture.path("project.git"))
            #expect(Set(after).symmetricDifference(before).allSatisfy { $0.hasPrefix("refs/heads/taken ") })
        }
    }

    @Test("A36: a branch that somebody rewrote or deleted is not overwritten")
    func rewritten() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, "git checkout -q -b side; echo s > s; git add -A; git commit -q -m s; git checkout -q main")
            let client = fixture.client()
            let side = try await client.checkOut(checkout.remoteURL, ref: "side", credential: nil, into: try fixture.task("side"))
            try fixture.write("x\n", to: side.tree.root.appending("x"))
            let commit = try await client.commit(side, message: CommitMessage("x"), policy: CommitPolicy())
            try await fixture.elsewhere(
                fixture.path("project.git"), branch: "side", "git commit -q --amend -m other; git push -q -f origin HEAD:side; echo y > y")
            let before = try await fixture.refs(of: fixture.path("project.git"))
            func push() async throws -> GitFailure.Reason {
                try await failure { try await client.push(commit, of: side, to: "side", expecting: .at(side.base!), credential: nil) }.reason
            }
            #expect(try await push() == .branchMoved)
            #expect(try await fixture.refs(of: fixture.path("project.git")) == before)
            // Nor is one made again that is gone, with all the history that its owner wanted gone.
            try await fixture.sh("git -C project.git update-ref -d refs/heads/side")
            #expect(try await push() == .branchMoved)
            #expect(try await fixture.refs(of: fixture.path("project.git")).count == before.count - 1)
        }
    }

    @Test(
        "a protected branch and a hook that declines are told apart, with what the remote said",
        arguments: [
            (
                "echo 'GitLab: You are not allowed to push code to protected branches on this project.'; exit 1", GitFailure.Reason.protectedBranch,
                "not allowed to push"
            ),
            ("echo 'Commit message needs a ticket'; exit 1", .hookDeclined, "needs a ticket"),
            ("echo 'Connection refused'; exit 1", .hookDeclined, "Connection refused"),
        ])
    func declined(hook: String, reason: GitFailure.Reason, words: String) async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            try fixture.write("#!/bin/sh\n\(hook)\n", to: fixture.path("project.git/hooks/pre-receive"))
            try await fixture.sh("chmod 755 project.git/hooks/pre-receive")
            try fixture.write("x\n", to: checkout.tree.root.appending("x"))
            let client = fixture.client()
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
            let failure = try await failure {
                try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            }
            #expect(failure.reason == reason)
            #expect(failure.message.contains(words))
            #expect(!failure.isTransient)
        }
    }

    @Test("a branch in whose place another would need a folder is named")
    func inTheWay() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture, "git branch ai")
            try fixture.write("x\n", to: checkout.tree.root.appending("x"))
            let client = fixture.client()
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
            let failure = try await failure {
                try await client.push(commit, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            }
            #expect(failure.reason == .refused && failure.message.contains("'refs/heads/ai' exists"), "\(failure.message)")
        }
    }

    @Test("a moved branch is integrated, tested on its new state and pushed")
    func integrate() async throws {
        try await GitFixture.with { fixture in
            let owner = geteuid() == 0 ? WorkTree.Owner(uid: 4321, gid: 4321) : nil
            try await fixture.remote("project", "seq 1 40 > numbers; git add -A; git commit -q -m n; git branch side")
            let remote = fixture.path("project.git")
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: "side", credential: nil, into: try fixture.task(), owner: owner)
            try await fixture.sh(
                "cd \(checkout.tree.root); sed -i 's/^5$/five/' numbers; echo ours > ours; echo product > untracked.o; echo '*.o' > .gitignore")
            let commit = try await client.commit(checkout, message: CommitMessage("Say five", taskID: "t1"), policy: CommitPolicy())
            try await fixture.elsewhere(remote, branch: "side", "sed -i 's/^35$/thirty-five/' numbers; echo theirs > theirs; rm src/main.py")
            let moved = try await failure {
                try await client.push(commit, of: checkout, to: "side", expecting: .at(checkout.base!), credential: nil)
            }
            #expect(moved.reason == .branchMoved)
            guard case .integrated(let next, let again) = try await client.integrate(commit, of: checkout, with: "side", credential: nil) else {
                Issue.record("not integrated")
                return
            }
            let root = next.tree.root
            #expect(
                try await fixture.sh("cd \(root); ls -A; sed -n '5p;35p' numbers")
                    == ".gitignore\nnumbers\nours\nreadme.txt\ntheirs\nuntracked.o\nfive\nthirty-five\n")
            #expect(try await client.changes(in: next).map { String(decoding: $0.path, as: UTF8.self) } == [".gitignore", "numbers", "ours"])
            if owner != nil {
                #expect(try await fixture.sh("find \(root) ! -uid 4321 ! -name untracked.o ! -name .gitignore ! -name ours ! -name numbers") == "")
            }
            try await client.push(again, of: next, to: "side", expecting: .at(next.base!), credential: nil)
            #expect(try await fixture.sh("git -C \(remote) log --format=%s side") == "Say five\nelsewhere\nn\nfirst\n")
            #expect(try await fixture.sh("git -C \(remote) log -1 --format='%an %(trailers:key=Task-Id)' side") == "ai-coder-bot Task-Id: t1\n\n")
        }
    }

    @Test("a task finds its own earlier push, brought up to date or not, also below what others pushed on top")
    func earlierPush() async throws {
        try await GitFixture.with { fixture in
            try await fixture.remote("project", "seq 1 40 > numbers; git add -A; git commit -q -m n; git branch side")
            let remote = fixture.path("project.git")
            let client = fixture.client()
            var ours: [CommitID] = []
            func earlier(_ checkout: Checkout) async throws -> CommitID? {
                try await client.earlierPush(of: ours, to: "side", since: checkout, credential: nil)
            }
            let first = try await client.checkOut(remote.string, ref: "side", credential: nil, into: try fixture.task("first"))
            try fixture.write("ours\n", to: first.tree.root.appending("ours"))
            let commit = try await client.commit(first, message: CommitMessage("Say ours", taskID: "t1"), policy: CommitPolicy())
            ours.append(commit)
            // Whoever knows the task's id can write its trailer.
            try await fixture.elsewhere(
                remote, branch: "side", "echo theirs > theirs; git add -A; git commit -q -m theirs -m 'Task-Id: t1'; echo x > x")
            #expect(try await earlier(first) == nil)
            guard case .integrated(let next, let again) = try await client.integrate(commit, of: first, with: "side", credential: nil) else {
                Issue.record("not integrated")
                return
            }
            ours.append(again)
            try await client.push(again, of: next, to: "side", expecting: .at(next.base!), credential: nil)
            // The second run begins where the first one did, and knows of nothing.
            let second = try await client.checkOut(
                remote.string, ref: first.base!.rawValue, credential: nil, into: try fixture.task("second"))
            #expect(try await earlier(second) == again)
            try await fixture.elsewhere(remote, branch: "side", "echo more > ours")
            #expect(try await earlier(second) == again)
            ours.removeLast()
            #expect(try await earlier(second) == nil)
            ours.append(again)
            let later = try await client.checkOut(remote.string, ref: "side", credential: nil, into: try fixture.task("later"))
            #expect(try await earlier(later) == nil)
        }
    }

    @Test("a conflict names its paths and touches nothing; a change that is there already leaves nothing to push")
    func conflict() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            let remote = fixture.path("project.git")
            let client = fixture.client()
            try fixture.write("ours\n", to: checkout.tree.root.appending("readme.txt"))
            let commit = try await client.commit(checkout, message: CommitMessage("x"), policy: CommitPolicy())
            try await fixture.elsewhere(remote, "echo theirs > readme.txt")
            guard case .conflicts(let paths, _) = try await client.integrate(commit, of: checkout, with: "main", credential: nil) else {
                Issue.record("no conflict")
                return
            }
            #expect(paths == ["readme.txt"])
            #expect(try await fixture.sh("cat \(checkout.tree.root)/readme.txt") == "ours\n")
            #expect(try await client.changes(in: checkout).count == 1)
            try await fixture.elsewhere(remote, "echo ours > readme.txt")
            guard case .nothingLeft(let moved) = try await client.integrate(commit, of: checkout, with: "main", credential: nil) else {
                Issue.record("something left")
                return
            }
            #expect(try await client.changes(in: moved) == [])
        }
    }

    @Test("a second commit builds on the first one and holds what came after it")
    func second() async throws {
        try await GitFixture.with { fixture in
            let checkout = try await checkOut(fixture)
            let client = fixture.client()
            try fixture.write("1\n", to: checkout.tree.root.appending("one"))
            let first = try await client.commit(checkout, message: CommitMessage("one"), policy: CommitPolicy())
            try await client.push(first, of: checkout, to: "ai/x", expecting: .newBranch, credential: nil)
            await #expect(throws: CommitRefusal.self) {
                try await client.commit(checkout, message: CommitMessage("again"), policy: CommitPolicy(), parent: first)
            }
            try fixture.write("2\n", to: checkout.tree.root.appending("two"))
            let second = try await client.commit(checkout, message: CommitMessage("two"), policy: CommitPolicy(), parent: first)
            try await client.push(second, of: checkout, to: "ai/x", expecting: .at(first), credential: nil)
            #expect(try await fixture.sh("git -C project.git diff --name-only ai/x~1 ai/x") == "two\n")
        }
    }

    @Test(
        "globs of protected paths",
        arguments: [
            (".gitlab-ci.yml", "sub/.gitlab-ci.yml", true), ("migrations/**", "migrations/a/b", true), ("migrations/**", "x/migrations/a", false),
            ("**/secret*", "a/b/secrets.txt", true), ("docs/", "docs/a", true), ("docs", "docs/a/b", true), ("*.lock", "a/b.LOCK", true),
            ("/CODEOWNERS", "docs/CODEOWNERS", false),
            ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false), ("a?c", "abc", true), ("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("", "a", false),
        ])
    func globs(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(pattern).matches(path) == expected)
    }
}
