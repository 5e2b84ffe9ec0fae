import Testing

@testable import TestRuns

@Suite("Which changes need an approved plan")
struct PlanRequirementTests {
    @Test(
        "by path, by number of files, always or never",
        arguments: [
            ("{paths: [\"db/**\"]}", ["src/a.swift", "db/1.sql"], "db/1.sql"),
            ("{paths: [\"db/**\"]}", ["./db/sub/1.sql (new)"], "db/sub/1.sql"),
            ("{paths: [\"*.sql\"]}", ["deep/down/1.SQL"], "1.SQL"),
            ("{paths: [\"db/**\"]}", ["src/db.swift"], nil),
            ("{paths: db/**, files: 2}", ["a", "b"], "2 or more"),
            ("{files: 3}", ["a", "b"], nil),
            ("true", [], "every plan"),
            ("false", ["db/1.sql"], nil),
            // On doubt a person is asked.
            ("sometimes", ["a"], "every plan"),
        ] as [(String, [String], String?)])
    func reasons(rule: String, files: [String], words: String?) {
        let rules = ProjectRules.read("plan_required: \(rule)\n").rules
        let reason = rules.planRequired?.reason(for: files)
        #expect((reason == nil) == (words == nil), "\(reason ?? "none")")
        if let words { #expect(reason?.contains(words) == true, "\(reason ?? "none")") }
    }

    @Test("what can't be read is told")
    func problems() {
        for text in ["plan_required: sometimes", "plan_required: {files: none}", "plan_required: {size: 3}"] {
            #expect(ProjectRules.read(text).problems.count == 1, "\(text)")
        }
    }
}
