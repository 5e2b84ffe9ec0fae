import Agent
import Testing

@testable import Pipeline

@Suite("What a later round of reviewing makes of the earlier ones")
struct LaterRoundTests {
    private typealias Files = ReviewedRepository.Files

    private static func shop(_ first: String, more: String = "") -> Files {
        ["shop.py": "def total(items):\n    result = \(first)\n    for item in items:\n        result += item\n    return result\n\(more)"]
    }
    private static let base: Files = ["shop.py": "pass\n"]
    private static let sum = ReviewOutcome.Finding("shop.py", 2, "The sum starts at one")

    private static func memory(_ threads: ReviewMemory.Thread...) -> ReviewMemory {
        var memory = ReviewMemory()
        memory.threads = threads
        return memory
    }

    private static func reading(unread: [String] = [], stillOpen: [String] = []) -> ReviewReading {
        var reading = ReviewReading()
        reading.leave(unread, "the budget was used up")
        reading.stillOpen = stillOpen
        return reading
    }

    @Test("an open thread whose trouble is found again stays open, and one whose code is mended does not")
    func foundAgain() async throws {
        try await ReviewedRepository.run { repository in
            let before = Self.shop("1")
            let memory = Self.memory(try await repository.thread(Self.sum, base: Self.base, reviewed: before))
            let change = try await repository.change(Self.base, before: before, head: Self.shop("1 + 0"))
            let again = try await change.mark([(.init("shop.py", 2, "The sum still starts at one"), nil)], memory: memory)
            #expect(again.findings.isEmpty && again.repeated == ["d1"])
            let kept = try await change.mended(memory, again, reading: Self.reading())
            #expect(kept.threads.isEmpty && kept.openBefore == 1)
            let mended = try await change.mended(memory, .init(), reading: Self.reading())
            #expect(mended.threads.map(\.discussionID) == ["d1"] && mended.openBefore == 0)
        }
    }

    @Test("what the model names as still open stays open", arguments: ["E1", "e1", "[E1]"])
    func stillOpen(_ name: String) async throws {
        try await ReviewedRepository.run { repository in
            let memory = Self.memory(try await repository.thread(Self.sum, base: Self.base, reviewed: Self.shop("1")))
            let change = try await repository.change(Self.base, before: Self.shop("1"), head: Self.shop("one()"))
            let mended = try await change.mended(memory, .init(), reading: Self.reading(stillOpen: [name]))
            #expect(mended.threads.isEmpty && mended.openBefore == 1)
        }
    }

    @Test("nothing is settled in a file that was not read, nor what a person opened again")
    func notSettled() async throws {
        try await ReviewedRepository.run { repository in
            let thread = try await repository.thread(Self.sum, base: Self.base, reviewed: Self.shop("1"))
            let change = try await repository.change(Self.base, before: Self.shop("1"), head: Self.shop("0"))
            #expect(try await change.mended(Self.memory(thread), .init(), reading: Self.reading(unread: ["shop.py"])).threads.isEmpty)
            var reopened = thread
            reopened.isReopened = true
            #expect(try await change.mended(Self.memory(reopened), .init(), reading: Self.reading()).threads.isEmpty)
            var left = change.skipped
            left.append(.init(path: "shop.py", reason: "says that it is generated"))
            let skipping = try await repository.change(Self.base, before: Self.shop("1"), head: Self.shop("0"), skipped: left)
            #expect(try await skipping.mended(Self.memory(thread), .init(), reading: Self.reading()).threads.isEmpty)
        }
    }

    @Test("trouble that was mended and comes back is a finding once more")
    func regression() async throws {
        try await ReviewedRepository.run { repository in
            let bad = Self.shop("1")
            let thread = try await repository.thread(Self.sum, base: Self.base, reviewed: bad) { ($0.isResolved, $0.isSettled) = (true, true) }
            let change = try await repository.change(Self.base, before: Self.shop("0"), head: bad)
            let marked = try await change.mark([(Self.sum, nil), (Self.sum, nil)], memory: Self.memory(thread))
            #expect(marked.findings.count == 2)
            #expect(Set(marked.findings.map(\.mark.print) + [thread.mark.print]).count == 3, "Each is a comment of its own.")
            // What a person resolved is settled by them, and stays so.
            var theirs = thread
            (theirs.isSettled, theirs.isRejected) = (false, true)
            #expect(try await change.mark([(Self.sum, nil)], memory: Self.memory(theirs)).findings.isEmpty)
        }
    }

    @Test("what people waved off is not raised again because its code was edited or moved, while other code is judged by itself")
    func wavedOff() async throws {
        try await ReviewedRepository.run { repository in
            let before = Self.shop("1")
            let thread = try await repository.thread(Self.sum, base: Self.base, reviewed: before) { ($0.isRejected, $0.isWavedOff) = (true, true) }
            let lead: Files = ["shop.py": (1...30).map { "value\($0) = \($0)\n" }.joined() + (Self.shop("1 # one")["shop.py"] ?? "")]
            let moved = try await repository.change(Self.base, before: before, head: lead)
            #expect(try await moved.mark([(.init("shop.py", 32, "Sum starts at one"), nil)], memory: Self.memory(thread)).findings.isEmpty)
            #expect(try await moved.mark([(.init("shop.py", 32, "Starts with a float"), nil)], memory: Self.memory(thread)).findings.count == 1)
            // Resolved without a word, it may have been mended: only the place itself is left alone.
            var resolved = thread
            (resolved.isResolved, resolved.isWavedOff) = (true, false)
            #expect(try await moved.mark([(.init("shop.py", 32, "Sum starts at one"), nil)], memory: Self.memory(resolved)).findings.count == 1)
            let second = Self.shop("1", more: (1...30).map { "value\($0) = \($0)\n" }.joined() + "result = 1 + total([])\n")
            let other = try await repository.change(Self.base, before: before, head: second)
            #expect(try await other.mark([(.init("shop.py", 36, "The sum starts at one"), nil)], memory: Self.memory(thread)).findings.count == 1)
        }
    }

    @Test("a file that a later push renames keeps its threads open as long as their code is there", arguments: [1, 2])
    func renamed(times: Int) async throws {
        try await ReviewedRepository.run { repository in
            let body = (1...20).map { "value\($0) = \($0)\n" }.joined()
            func files(_ name: String, _ line: String = "zero = 1") -> Files { ["other.txt": "x\n", name: body + line + "\n" + body] }
            let base: Files = ["other.txt": "x\n"]
            let finding = ReviewOutcome.Finding("a.py", 21, "Zero is one")
            // The file is new in the change, so that only the step from the reviewed commit shows its rename.
            let memory = Self.memory(try await repository.thread(finding, base: base, reviewed: files("a.py")))
            let before = times == 1 ? files("a.py") : files("b.py")
            let change = try await repository.change(base, before: before, head: files("c.py"))
            #expect(try await change.mended(memory, .init(), reading: Self.reading()).threads.isEmpty)
            #expect(try await change.mark([(.init("c.py", 21, "Zero is one here"), nil)], memory: memory).findings.isEmpty == (times == 1))
            let mended = try await repository.change(base, before: before, head: files("c.py", "zero = 0"))
            #expect(try await mended.mended(memory, .init(), reading: Self.reading()).threads.count == 1)
        }
    }

    @Test("a file that was deleted or emptied since the last review is shown as it was", arguments: [nil, ""] as [String?])
    func deleted(_ text: String?) async throws {
        try await ReviewedRepository.run { repository in
            let base: Files = ["a.txt": "one\ntwo\nthree\n", "b.txt": "b\n"]
            var (before, head) = (base, base)
            before["b.txt"] = "c\n"
            head["b.txt"] = "c\n"
            head["a.txt"] = text
            let change = try await repository.change(base, before: before, head: head)
            #expect(change.files.map(\.path) == ["a.txt"])
            #expect(change.files.first?.text.hunks.first?.lines.map(\.text) == ["one", "two", "three"])
            let marked = try await change.mark([(.init("a.txt", 2, "Two is gone", side: .old), nil)], memory: ReviewMemory())
            #expect(marked.findings.count == 1)
        }
    }

    @Test("after a rebase with a forced push only what differs in the change itself is new")
    func rebased() async throws {
        try await ReviewedRepository.run { repository in
            let lead = (1...30).map { "value\($0) = \($0)\n" }.joined()
            func files(_ start: String, _ more: Files = [:]) -> Files { Self.shop(start, more: lead).merging(more) { $1 } }
            let theirs: Files = ["theirs.py": lead]
            let finding = ReviewOutcome.Finding("shop.py", 20, "Value says nothing")
            let thread = try await repository.thread(finding, base: Self.base, reviewed: files("1"))
            // The base moved on, and all commits of the branch are others.
            let change = try await repository.change(Self.base.merging(theirs) { $1 }, before: files("1"), head: files("0", theirs))
            #expect(change.files.map(\.path) == ["shop.py"])
            #expect(change.files.first?.text.hunks.flatMap(\.lines).contains { $0.text.contains("value25") } == false)
            let mended = try await change.mended(Self.memory(thread), .init(), reading: Self.reading())
            #expect(mended.threads.isEmpty)
            #expect(try await change.mark([(.init("shop.py", 20, "Value is odd"), nil)], memory: Self.memory(thread)).findings.isEmpty)
        }
    }

    @Test("what was not read counts as new with all its lines, under its new name, too")
    func unread() async throws {
        try await ReviewedRepository.run { repository in
            let body = (1...20).map { "value\($0) = \($0)\n" }.joined()
            let before: Files = ["a.py": body, "b.py": "b = 1\n", "c.py": "c = 1\n"]
            let head: Files = ["z.py": body, "b.py": "b = 1\n", "c.py": "c = 1\n"]
            let change = try await repository.change(["x": "x\n"], before: before, head: head, unread: ["a.py", "c.py"])
            #expect(change.files.map(\.path).sorted() == ["c.py", "z.py"])
            #expect(change.files.first { $0.path == "z.py" }?.text.changedLines == 20)
        }
    }

    @Test("a finding that is kept in the summary stays there while its trouble is found again or its file is not read")
    func carried() async throws {
        try await ReviewedRepository.run { repository in
            let thread = try await repository.thread(Self.sum, base: Self.base, reviewed: Self.shop("1"))
            var memory = ReviewMemory()
            memory.carried = [CarriedFinding(MarkedFinding(finding: Self.sum, mark: thread.mark))]
            let change = try await repository.change(Self.base, before: Self.shop("1"), head: Self.shop("0"))
            #expect(try await change.mended(memory, .init(), reading: Self.reading()).carried.isEmpty)
            #expect(try await change.mended(memory, .init(carried: [thread.mark.print]), reading: Self.reading()).carried.count == 1)
            #expect(try await change.mended(memory, .init(), reading: Self.reading(unread: ["shop.py"])).carried.count == 1)
            // About a file that is not there nothing can be seen.
            let astray = try await change.mark([(.init("elsewhere.py", 3, "The caller breaks"), nil)], memory: ReviewMemory()).findings
            memory.carried = astray.map { CarriedFinding($0) }
            #expect(try await change.mended(memory, .init(), reading: Self.reading()).carried.count == 1)
        }
    }

    @Test("the model is told what an earlier finding says and what was answered")
    func told() async throws {
        try await ReviewedRepository.run { repository in
            let thread = try await repository.thread(Self.sum, base: Self.base, reviewed: Self.shop("1")) {
                ($0.body, $0.replies) = ("Every total is one too high.", ["@dana: That is the entry fee."])
            }
            let change = try await repository.change(Self.base, head: Self.shop("1"))
            #expect(
                change.earlier(Self.memory(thread))
                    == ["E1 (open) shop.py:2: The sum starts at one. Every total is one too high.\n    answered by @dana: That is the entry fee."])
            // All have their line before one has more.
            let two = change.earlier(Self.memory(thread, thread), limit: 170)
            #expect(two.map { $0.contains("entry fee") } == [true, false] && two[1].hasPrefix("E2 (open)"), "\(two)")
        }
    }
}
