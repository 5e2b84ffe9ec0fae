import Domain
import Testing

@Suite("PROJECTS")
struct ProjectAllowListTests {
    @Test(
        "a project or a group with all below it is allowed, a name that only begins alike is not",
        arguments: [
            (["acme"], "acme/tools/widgets", true), (["acme/tools/widgets"], "ACME/Tools/Widgets", true),
            (["/acme/tools/"], "acme/tools/x", true), (["acme"], "acme2/x", false), (["acme/tool"], "acme/tools", false),
            ([], "any/thing", true), (["", "/"], "any/thing", true), (["acme"], nil, false),
        ] as [([String], String?, Bool)])
    func allows(_ entries: [String], path: String?, _ allowed: Bool) {
        #expect(ProjectAllowList(entries).allows(path: path) == allowed)
    }
}
