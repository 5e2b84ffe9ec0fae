import Foundation
import SystemPackage
import Testing

@testable import Workspaces

@Suite("Merging one branch into another")
struct MergeTests {
    /// Both sides change a line, one deletes a file that the other changes, and each adds something.
    private static func diverged(_ fixture: GitFixture) async throws -> (main: CommitID, side: CommitID, ancestor: CommitID) {
        let remote = try await fixture.remote("project", "seq 1 20 > numbers; echo a > gone; git add -A; git commit -q -m n; git branch side")
        func tip(_ branch: String) async throws -> CommitID {
            let text = try await fixture.sh("git -C \(remote) rev-parse \(branch)")
            return try #require(CommitID(rawValue: String(text.dropLast())))
        }
        let ancestor = try await tip("main")
        try await fixture.elsewhere(
            remote, branch: "side",
            "sed -i 's/^5$/five of side/; s/^20$/twenty/' numbers; echo b > gone; echo '*.o' > .gitignore; echo o > kept.o; git add -f kept.o")
        try await fixture.elsewhere(remote, "sed -i 's/^5$/five of main/; s/^1$/one/' numbers; rm gone; echo new > new.txt")
        return (try await tip("main"), try await tip("side"), ancestor)
    }

    @Test("conflicts are marked, only what is resolved counts as a change, and the merge commit has both parents and both sides' work")
    func merge() async throws {
        try await GitFixture.with { fixture in
            let sides = try await Self.diverged(fixture)
            let remote = fixture.path("project.git")
            let client = fixture.client()
            let date = Date(timeIntervalSince1970: 1_800_000_000)
            var made: [CommitID] = []
            // A second run from nothing makes the same commit.
            for run in ["first", "second"] {
                let tip = try await client.checkOut(remote.string, ref: sides.main.rawValue, credential: nil, into: try fixture.task(run))
                let begun = try await client.beginMerge(of: tip, into: sides.side, ancestor: sides.ancestor, credential: nil)
                #expect(begun.conflicts.sorted() == ["gone", "numbers"])
                #expect(begun.messages.contains { $0.contains("modify/delete") })
                #expect(try await client.changes(in: begun.checkout).isEmpty)
                let numbers = begun.checkout.tree.root.appending("numbers")
                let marked = try begun.checkout.tree.read("numbers")
                #expect(BegunMerge.holdsMarks(marked))
                #expect(String(decoding: marked, as: UTF8.self).contains("<<<<<<< merge-request\nfive of side\n=======\nfive of main\n>>>>>>> target-branch\n"))
                try await fixture.sh("sed -i '/^<<<<<<</d; /^=======/,/^>>>>>>>/d' \(numbers)")
                #expect(!BegunMerge.holdsMarks(try begun.checkout.tree.read("numbers")))
                let change = try await client.review(begun.checkout, policy: CommitPolicy())
                #expect(change.changes.map { String(decoding: $0.path, as: UTF8.self) } == ["numbers"])
                made.append(
                    try await client.commit(change, of: begun, message: CommitMessage("Merge main", taskID: "t1"), policy: CommitPolicy(), at: date))
                if run == "second" {
                    try await client.push(made[1], of: begun.checkout, to: "side", expecting: .at(sides.side), credential: nil)
                }
            }
            #expect(made[0] == made[1])
            #expect(try await fixture.sh("git -C \(remote) log -1 --format=%P side") == "\(sides.side) \(sides.main)\n")
            #expect(try await fixture.sh("git -C \(remote) show side:numbers | sed -n '1p;5p;20p'") == "one\nfive of side\ntwenty\n")
            #expect(
                try await fixture.sh("git -C \(remote) ls-tree --name-only side | tr '\\n' ' '") == ".gitignore gone kept.o new.txt numbers readme.txt src ")
        }
    }

    @Test("a file that can't be looked through counts as if its conflicts were left, and what is no file has none")
    func leftMarks() async throws {
        try await GitFixture.with { fixture in
            let tree = WorkTree(root: try fixture.task(), owner: nil)
            let marked = "<<<<<<< merge-request\na\n=======\nb\n>>>>>>> target-branch\n"
            try tree.write(Array((marked + String(repeating: "a line of data\n", count: 400_000)).utf8), to: "large")
            try tree.write(Array(marked.utf8), to: "small")
            try tree.write(Array("solved\n".utf8), to: "solved")
            try await fixture.sh("cd \(tree.root); head -c 17000000 /dev/zero >huge; mkdir folder; ln -s small link")
            for path in ["large", "small", "huge", "na\u{FFFD}me"] { #expect(BegunMerge.leavesMarks(in: path, of: tree), "\(path)") }
            for path in ["solved", "folder", "link", "gone", "gone/too"] { #expect(!BegunMerge.leavesMarks(in: path, of: tree), "\(path)") }
        }
    }

    @Test("what git can merge by itself has no conflicts")
    func clean() async throws {
        try await GitFixture.with { fixture in
            let remote = try await fixture.remote("project", "git branch side")
            let ancestor = try #require(CommitID(rawValue: String(try await fixture.sh("git -C \(remote) rev-parse main").dropLast())))
            try await fixture.elsewhere(remote, branch: "side", "echo a > a")
            try await fixture.elsewhere(remote, "echo b > b")
            let side = try #require(CommitID(rawValue: String(try await fixture.sh("git -C \(remote) rev-parse side").dropLast())))
            let client = fixture.client()
            let tip = try await client.checkOut(remote.string, ref: "main", credential: nil, into: try fixture.task())
            let begun = try await client.beginMerge(of: tip, into: side, ancestor: ancestor, credential: nil)
            #expect(begun.conflicts.isEmpty && begun.messages.isEmpty)
            #expect(fixture.exists(tip.tree.root.appending("a")) && fixture.exists(tip.tree.root.appending("b")))
        }
    }
}
