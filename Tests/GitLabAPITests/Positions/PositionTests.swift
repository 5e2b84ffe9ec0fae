import Foundation
import Testing

@testable import GitLabAPI

@Suite("Places on a diff")
struct PositionTests {
    static let diff = "@@ -1,4 +1,5 @@ f\n a\n--- b\n+B\r\n+C\n c\n d\n\\ No newline at end of file\n@@ -10 +11,0 @@\n-x\n@@ -20,0 +21 @@\n+y\n"

    @Test(
        "a line has the numbers of the sides it is on",
        arguments: [
            (1, "new", 1, 1), (2, "new", nil, 2), (3, "new", nil, 3), (4, "new", 3, 4), (2, "old", 2, nil), (4, "old", 4, 5),
            (10, "old", 10, nil), (21, "new", nil, 21), (11, "new", nil, nil), (6, "new", nil, nil), (0, "old", nil, nil),
        ] as [(Int, String, Int?, Int?)])
    func line(number: Int, side: String, old: Int?, new: Int?) throws {
        let found = DiffLineMap(Self.diff).line(number, on: try #require(DiffLineMap.Side(rawValue: side)))
        #expect(found?.old == old && found?.new == new)
        #expect((found == nil) == (old == nil && new == nil))
    }

    private func ladder() throws -> PositionLadder {
        let entry: [String: String] = ["old_path": "old.swift", "new_path": "new.swift", "diff": Self.diff]
        let file = try JSONDecoder().decode(GitLabFileDiff.self, from: JSONEncoder().encode(entry))
        return PositionLadder(refs: GitLabDiffRefs(baseSHA: "b", startSHA: "s", headSHA: "h"), files: [file])
    }

    private func kinds(_ rungs: [PositionLadder.Rung]) -> [String] {
        rungs.map { rung in
            guard case .diff(let position) = rung else { return "summary" }
            guard case .lines(let first, let last) = position.place else { return "file" }
            return first == last ? "line" : "range"
        }
    }

    @Test(
        "a finding goes down from range to line to file to summary",
        arguments: [
            ("new.swift", 2...4, ["range", "line", "file", "summary"]), ("new.swift", 2...2, ["line", "file", "summary"]),
            ("new.swift", 4...21, ["line", "file", "summary"]), ("new.swift", 4...99, ["line", "file", "summary"]),
            ("new.swift", 50...51, ["file", "summary"]), ("else.swift", 1...1, ["summary"]),
        ])
    func rungs(path: String, lines: ClosedRange<Int>, expected: [String]) throws {
        #expect(kinds(try ladder().rungs(path: path, lines: lines, side: .new)) == expected)
    }

    @Test("any finding on any line has a way down to exactly one summary, and names both paths of a renamed file")
    func anywhere() throws {
        let ladder = try ladder()
        for path in ["new.swift", "old.swift", "none"] {
            for side in [DiffLineMap.Side.old, .new] {
                for first in 0...30 {
                    for last in first...31 {
                        let rungs = ladder.rungs(path: path, lines: first...last, side: side)
                        #expect(rungs.last == .summary && rungs.count { $0 == .summary } == 1 && Set(rungs).count == rungs.count)
                        for case .diff(let position) in rungs { #expect(position.oldPath == "old.swift" && position.newPath == "new.swift") }
                    }
                }
            }
        }
    }
}
