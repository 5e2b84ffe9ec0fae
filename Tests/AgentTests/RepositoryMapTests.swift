import Foundation
import LanguageModels
import Testing

@testable import Agent

@Suite("The repository map")
struct RepositoryMapTests {
    private func map(_ fixture: Fixture, focus: String? = nil) async throws -> String {
        let room = ToolRoom(
            tree: fixture.tree, sandbox: DirectSandbox(keeping: fixture), treeIsWritable: false, resultLimit: 32 << 10, commandTime: .seconds(20),
            maxCommandTime: .seconds(30), image: nil)
        let arguments = focus.map { JSONText.object(["focus": $0]) } ?? "{}"
        return try await RepositoryMap().run(ToolArguments(.object(arguments), for: RepositoryMap().parameters), in: room).text
    }

    @Test("Swift declarations are found with their nesting")
    func swift() {
        let source = """
            import Foundation
            /* struct No {} */
            @MainActor(x) public final class Greeter<T>: Base where T: P {
                private static let text = "func no() {"
                package init(name: String) { self.name = name }
                /// func notThis()
                @discardableResult
                private(set) var x = 1
                class func make() -> Greeter { .init() }
                static func greet(_ who: String) async throws -> String {
                    func inner() {}
                    let sql = \"\"\"
                        func no() { {
                        \"\"\"
                    return "}"
                }
                enum Kind: String { case a, b }
                deinit {}
            }
            extension Greeter: Sendable {}
            func free() {}
            """
        let symbols = SwiftOutline.symbols(in: source)
        #expect(
            symbols.map { "\($0.line) \($0.depth) \($0.text)" } == [
                "3 0 class Greeter<T>: Base where T: P",
                "5 1 init(name: String)",
                "9 1 func make() -> Greeter",
                "10 1 func greet(_ who: String) async throws -> String",
                "11 2 func inner()",
                "17 1 enum Kind: String",
                "20 0 extension Greeter: Sendable",
                "21 0 func free()",
            ])
    }

    @Test("folders, kinds and outlines of several languages are shown")
    func outlines() async throws {
        let map = try await map(
            try Fixture([
                "README.md": "# hi", "src/app.py": "class A:\n    def f(self, x):\n        y = 1\n\ndef g(): pass\n",
                "src/lib.c": "int add(int a, int b) { return a + b; }\n", "Sources/M/M.swift": "struct M { func run() {} }\n",
                ".ctags.d/evil.ctags": "--langdef=evil\n",
            ]))
        #expect(map.hasPrefix("5 files: "))
        #expect(map.contains("at the root: README.md\n"))
        #expect(map.contains("src/app.py\n  1\tclass A\n  2\t  method A.f(self, x)\n  5\tfunction g()\n"))
        #expect(map.contains("src/lib.c\n  1\tfunction add(int a,int b)\n"))
        #expect(map.contains("Sources/M/M.swift\n  1\tstruct M\n"))
    }

    @Test("what is in focus comes first, by name and by content")
    func focus() async throws {
        var files: [String: String] = [:]
        for number in 0..<60 { files["pkg/mod\(number).py"] = "def f\(number)(): pass\n" }
        files["pkg/deep/down/invoice.py"] = "def total(): pass\n"
        files["pkg/deep/down/other.py"] = "# the invoice is paid here\ndef pay(): pass\n"
        let map = try await map(try Fixture(files), focus: "fix the invoice total")
        let invoice = try #require(map.range(of: "invoice.py")?.lowerBound)
        let other = try #require(map.range(of: "other.py")?.lowerBound)
        let module = try #require(map.range(of: "mod0.py")?.lowerBound)
        #expect(invoice < other && other < module)
    }

    @Test("its size does not grow with the repository", .timeLimit(.minutes(1)))
    func bounded() async throws {
        let body = (0..<30).map { "def function_number_\($0)(first, second): pass\n" }.joined()
        var sizes: [Int] = []
        for count in [100, 800] {
            let fixture = try Fixture()
            for number in 0..<count { try fixture.put(Array(body.utf8), at: "dir\(number % 90)/file\(number).py") }
            sizes.append(try await map(fixture).utf8.count)
        }
        #expect(sizes.allSatisfy { $0 <= 16 << 10 })
        #expect(abs(sizes[0] - sizes[1]) < 1500)
    }
}
