import Foundation
import Subprocess
import Testing

/// What the product is built from and runs as.
@Suite("The product's own supply chain")
struct SupplyChainTests {
    private static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("A64: every dependency is pinned to a released version and a commit")
    func pinned() throws {
        let resolved = try #require(
            try JSONSerialization.jsonObject(with: Data(Self.text("Package.resolved").utf8)) as? [String: Any])
        let pins = try #require(resolved["pins"] as? [[String: Any]])
        #expect(pins.count > 10)
        for pin in pins {
            let state = try #require(pin["state"] as? [String: Any])
            #expect((state["revision"] as? String)?.count == 40 && state["version"] is String && state["branch"] == nil, "\(pin)")
            #expect((pin["location"] as? String)?.hasPrefix("https://") == true, "\(pin)")
        }
        let manifest = try Self.text("Package.swift")
        #expect(!manifest.contains("branch:") && !manifest.contains("revision:") && !manifest.contains("unsafeFlags"))
    }

    @Test("A64: the bill of materials names each package with the version and the commit that it was built from", .timeLimit(.minutes(3)))
    func billOfMaterials() async throws {
        let root = Self.root.path
        let printed = try await run(
            .name("swift"), arguments: ["\(root)/deploy/sbom.swift", "1.2.3", "\(root)/Package.resolved"], output: .string(limit: 1 << 20),
            error: .string(limit: 64 << 10))
        #expect(printed.terminationStatus.isSuccess, "\(printed.standardError)")
        let bill = try #require(try JSONSerialization.jsonObject(with: Data(printed.standardOutput.utf8)) as? [String: Any])
        #expect(bill["bomFormat"] as? String == "CycloneDX" && bill["specVersion"] as? String == "1.6")
        let product = (bill["metadata"] as? [String: Any])?["component"] as? [String: Any]
        #expect(product?["name"] as? String == "ai-coder" && product?["version"] as? String == "1.2.3")
        let named = try #require(bill["components"] as? [[String: Any]]).map { component in
            let revision = (component["properties"] as? [[String: String]])?.first { $0["name"] == "git:revision" }?["value"]
            return [component["name"] as? String, component["version"] as? String, revision]
        }
        let resolved = try #require(
            try JSONSerialization.jsonObject(with: Data(Self.text("Package.resolved").utf8)) as? [String: Any])
        let pinned = try #require(resolved["pins"] as? [[String: Any]]).map { pin in
            let state = pin["state"] as? [String: Any]
            return [pin["identity"] as? String, state?["version"] as? String, state?["revision"] as? String]
        }
        #expect(Set(named) == Set(pinned) && named.count == pinned.count)
        #expect(try Self.text("Dockerfile").contains("deploy/sbom.swift"))
    }

    @Test("A64: the image runs as a plain user, and what builds it does not stay in it")
    func image() throws {
        let lines = try Self.text("Dockerfile").split(separator: "\n").map(String.init)
        let last = try #require(lines.lastIndex { $0.hasPrefix("FROM ") })
        #expect(lines[last...].contains { $0.hasPrefix("USER ") && $0 != "USER root" && $0 != "USER 0" })
        #expect(!lines[last].contains("swift:") && lines.filter { $0.hasPrefix("FROM ") }.count > 1)
        #expect(!lines.contains { $0.hasPrefix("ADD http") || $0.contains("curl ") || $0.contains("| sh") })
        for line in lines where line.hasPrefix("ENV ") || line.hasPrefix("ARG ") {
            #expect(!["TOKEN", "SECRET", "KEY", "PASSWORD"].contains { line.contains($0) }, "\(line)")
        }
    }
}
