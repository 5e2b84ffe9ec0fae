import Foundation
import Testing

/// What the product is built from and runs as.
@Suite("The product's own supply chain")
struct SupplyChainTests {
    private static func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
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
