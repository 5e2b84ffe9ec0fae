import Glibc
import SystemPackage
import Testing

@testable import Workspaces

@Suite("What of the machine is shown inside")
struct ToolchainRootsTests {
    @Test("A40, A49: of the search path nothing is shown that is hidden, holds what is hidden, or is somebody's home, and nothing relative is kept")
    func notShown() throws {
        let fixture = try SandboxFixture(SandboxSettings())
        defer { _ = HostileTree.remove(fixture.place) }
        let place = try #require(ToolchainRoots.realPath(fixture.place.string))
        for directory in [
            "work", "work/bin", "service", "service/bin", "service/state", "person", "person/bin", "tool", "tool/bin", "home", "home/bin",
        ] {
            mkdir("\(place)/\(directory)", 0o755)
        }
        try fixture.plant("secret", at: FilePath("\(place)/person/.netrc"))
        let roots = ToolchainRoots(
            searchPath: ["work", "service", "person", "tool", "home"].map { "\(place)/\($0)/bin" }.joined(separator: ":") + ":bin:.:",
            home: FilePath("\(place)/home"), hidden: ["\(place)/work", "\(place)/service/state"].map { FilePath($0) }, extra: [])
        // Where the whole can't be shown, the programs alone are.
        let shown = roots.directories.filter { $0.hasPrefix(place) }.map { $0.dropFirst(place.count) }
        #expect(Set(shown) == ["/service/bin", "/person/bin", "/tool", "/home/bin"], "\(shown)")
        #expect(roots.searchPath.allSatisfy { $0.hasPrefix("/") } && !roots.searchPath.contains("\(place)/work/bin"), "\(roots.searchPath)")
    }
}
