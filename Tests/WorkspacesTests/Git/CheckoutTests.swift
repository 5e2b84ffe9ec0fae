import Glibc
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Checkouts", .timeLimit(.minutes(2)))
struct CheckoutTests {
    @Test("a checkout holds the tip's files, its commit, its branch, and git's own files apart from them")
    func tip() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "echo two > two; git add -A; git commit -q -m second")
            let directory = try fixture.task()
            let checkout = try await fixture.client().checkOut(remote.string, ref: nil, credential: nil, into: directory)
            let head = try await fixture.sh("git -C \(remote) rev-parse main")
            #expect(checkout.base?.rawValue == String(head.dropLast()))
            #expect(checkout.baseBranch == "main")
            #expect(checkout.defaultBranch == "main")
            #expect(try await fixture.sh("ls -A \(checkout.tree.root)") == "readme.txt\nsrc\ntwo\n")
            #expect(checkout.gitDirectory == directory.appending("git"))
            // The tip alone: the first commit did not come along.
            #expect(try await fixture.sh("git --git-dir=\(checkout.gitDirectory) rev-list --count HEAD") == "1\n")
            #expect(try await fixture.client().changes(in: checkout) == [])
        }
    }

    @Test("branch, tag, annotated tag, full name and commit are found", arguments: ["side", "v1", "v2", "refs/heads/side", "HASH"])
    func refs(name: String) async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote(
                "project", "git checkout -q -b side; echo s > side; git add -A; git commit -q -m side; git tag v1; git tag -a -m x v2; git checkout -q main")
            let side = String(try await fixture.sh("git -C \(remote) rev-parse side").dropLast())
            let ref = name == "HASH" ? side : name
            let checkout = try await fixture.client().checkOut(remote.string, ref: ref, credential: nil, into: try fixture.task())
            #expect(checkout.base?.rawValue == side)
            #expect(checkout.baseBranch == (name.hasSuffix("side") ? "side" : nil))
            #expect(fixture.exists(checkout.tree.root.appending("side")))
        }
    }

    @Test("a missing branch, a tag on a blob, a missing repository and a path that is a file are told apart")
    func missing() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "git tag blob $(git hash-object -w readme.txt)")
            let client = fixture.client()
            let directory = try fixture.task()
            func reason(_ url: String, _ ref: String?) async throws -> GitFailure {
                try await failure { try await client.checkOut(url, ref: ref, credential: nil, into: directory) }
            }
            let branch = try await reason(remote.string, "nope")
            #expect(branch.reason == .missingBranch)
            #expect(branch.message.contains("\"nope\"") && branch.message.contains("\"main\""))
            #expect(try await reason(remote.string, "blob").reason == .missingBranch)
            #expect(try await reason(fixture.path("nowhere").string, nil).reason == .notFound)
            #expect(try await reason(fixture.path("project.work/readme.txt").string, nil).reason == .notFound)
            #expect(try await reason(fixture.root.string, nil).reason == .notFound)
            let gone = String(repeating: "0123", count: 10)
            #expect(try await reason(remote.string, gone).reason == .missingBranch)
            #expect(try await fixture.sh("ls -A \(directory)") == "", "nothing is left of a failed checkout")
        }
    }

    @Test("an empty repository can be worked on: the first commit makes its first branch")
    func empty() async throws {
        try await GitFixture.with { fixture in
            try await fixture.sh("git init -q --bare -b trunk empty.git")
            let client = fixture.client()
            let checkout = try await client.checkOut(fixture.path("empty.git").string, ref: nil, credential: nil, into: try fixture.task())
            #expect(checkout.base == nil)
            try fixture.write("first\n", to: checkout.tree.root.appending("a.txt"))
            #expect(try await client.changes(in: checkout).map(\.kind) == [.added])
            #expect(try await client.diff(in: checkout, limit: 10_000).contains("+first"))
            // Twice, since what was staged before must not show.
            try await fixture.sh("mv \(checkout.tree.root)/a.txt \(checkout.tree.root)/b.txt")
            let commit = try await client.commit(checkout, message: CommitMessage("Start"), policy: CommitPolicy())
            try await client.push(commit, of: checkout, to: "ai/start", expecting: .newBranch, credential: nil)
            #expect(try await fixture.sh("git -C empty.git ls-tree -r --name-only ai/start") == "b.txt\n")
            #expect(try await fixture.sh("git -C empty.git log -1 --format=%P%an ai/start") == "ai-coder-bot\n")
        }
    }

    @Test("links, executable bits, CRLF, LFS pointers, odd names and submodules survive, byte for byte")
    func bytes() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote(
                "project",
                #"""
                printf 'a\r\nb\r\n' > crlf.txt
                printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 1\n' 0 > big.bin
                printf '$Id$\n' > ident.txt; printf 'x\n' > t.u16
                ln -s ../src/main.py link; printf '#!/bin/sh\n' > run.sh; chmod 755 run.sh
                printf x > "$(printf 'latin\351\n"name')"; printf x > ' lead'
                git add -A; git commit -q -m odd
                git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub
                printf '[submodule "sub"]\n\tpath = sub\n\turl = ../secret.git\n' > .gitmodules
                # Last, so that git stores the others as they are.
                printf '* text=auto eol=crlf ident\n*.bin filter=lfs diff=lfs merge=lfs -text\n*.u16 working-tree-encoding=UTF-16\n' > .gitattributes
                git update-index --add --cacheinfo 100644,$(git hash-object -w --no-filters .gitattributes),.gitattributes
                git update-index --add --cacheinfo 100644,$(git hash-object -w --no-filters .gitmodules),.gitmodules
                git commit -q -m sub
                """#)
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            #expect(try await client.changes(in: checkout) == [])
            let root = checkout.tree.root
            #expect(try await fixture.sh("od -An -c \(root)/crlf.txt | tr -d ' '") == "a\\r\\nb\\r\\n\n")
            #expect(try await fixture.sh("cat \(root)/ident.txt") == "$Id$\n")
            #expect(try await fixture.sh("head -1 \(root)/big.bin") == "version https://git-lfs.github.com/spec/v1\n")
            #expect(try await fixture.sh("readlink \(root)/link; stat -c %a \(root)/run.sh") == "../src/main.py\n755\n")
            #expect(try await fixture.sh("ls -A \(root)/sub | wc -l; cd \(root); ls -b | grep latin") == "0\nlatin\\351\\n\"name\n")
            // A change of each kind comes back as it was made.
            try await fixture.sh(
                #"cd \#(root); printf 'a\r\nc\r\n' > crlf.txt; chmod 644 run.sh; rm link; ln -s elsewhere link; printf y > "$(printf 'latin\351\n"name')"; printf z > "$(printf 'new\t\377')"; printf 'y\r\n' > t.u16; rm ' lead'"#
            )
            let changes = try await client.changes(in: checkout)
            #expect(changes.count == 7)
            #expect(changes.first { $0.path == Array("run.sh".utf8) }?.newMode == 0o100644)
            let commit = try await client.commit(checkout, message: CommitMessage("Change odd files"), policy: CommitPolicy())
            let listed = try await fixture.sh("git --git-dir=\(checkout.gitDirectory) diff-tree -r --name-status --no-renames \(checkout.base!) \(commit)")
            #expect(listed == "D\t lead\nM\tcrlf.txt\nM\t\"latin\\351\\n\\\"name\"\nM\tlink\nA\t\"new\\t\\377\"\nM\trun.sh\nM\tt.u16\n")
            #expect(
                try await fixture.sh("git --git-dir=\(checkout.gitDirectory) cat-file blob \(commit):crlf.txt | od -An -c | tr -d ' '") == "a\\r\\nc\\r\\n\n")
        }
    }

    @Test("files at the base are read from the commit; links, directories and outer paths give nothing")
    func fileAtBase() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "ln -s /etc/passwd link; git add -A; git commit -q -m link")
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try fixture.write("changed\n", to: checkout.tree.root.appending("readme.txt"))
            #expect(try await client.fileAtBase("readme.txt", in: checkout, limit: 100) == Array("hello\n".utf8))
            for path in ["link", "src", "none", "../readme.txt", "/etc/passwd", "", ":(glob)*", "-x"] {
                #expect(try await client.fileAtBase(path, in: checkout, limit: 100) == nil)
            }
            let large = try await failure { try await client.fileAtBase("readme.txt", in: checkout, limit: 2) }
            #expect(large.reason == .tooLarge)
        }
    }

    @Test("the base's tree can stand beside the changed one")
    func baseTree() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            let client = fixture.client()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task())
            try await fixture.sh("rm \(checkout.tree.root)/readme.txt")
            let base = try await client.baseTree(of: checkout, into: fixture.path("base"))
            #expect(try await fixture.sh("cat \(base.root)/readme.txt") == "hello\n")
            #expect(try await client.changes(in: checkout).map(\.kind) == [.deleted])
        }
    }

    @Test("as root, the files belong to the sandbox's user and git still sees no change", .enabled(if: geteuid() == 0))
    func ownership() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "ln -s /etc/passwd link; git add -A; git commit -q -m link")
            let client = fixture.client()
            let owner = WorkTree.Owner(uid: 12345, gid: 12346)
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: try fixture.task(), owner: owner)
            #expect(try await fixture.sh("find \(checkout.tree.root) ! -uid 12345 -o ! -gid 12346") == "")
            #expect(try await fixture.sh("stat -c %u /etc/passwd; stat -c '%u %a' \(checkout.gitDirectory)") == "0\n0 700\n")
            #expect(try await client.changes(in: checkout) == [])
        }
    }

    @Test("a checkout is removed whatever was done to it")
    func removal() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote()
            let client = fixture.client()
            let directory = try fixture.task()
            let checkout = try await client.checkOut(remote.string, ref: nil, credential: nil, into: directory)
            try fixture.write("kept\n", to: fixture.path("outside"))
            try await fixture.sh(
                "cd \(checkout.tree.root); mkdir -p a/b/c; mkfifo a/pipe; ln -s \(fixture.root) a/up; touch a/b/c/x; chmod 000 a/b; i=0; while [ $i -lt 700 ]; do mkdir d; cd d; i=$((i+1)); done; touch deep"
            )
            await client.remove(checkout)
            #expect(try await fixture.sh("ls -A \(directory); cat outside") == "kept\n")
        }
    }
}
