import Foundation

/// Reference data about GitLab that may lie in a folder `shared` beside the repository or above it: payloads, signatures, the
/// API's description. It is not part of the product; tests that need it say so when it isn't there.
package enum SharedFiles {
    package static func find(_ path: String) -> String? {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "shared/\(path)").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }

    package static var isThere: Bool {
        let isThere = find("gitlab/webhooks") != nil
        if !isThere { print("SKIPPED: no folder shared/gitlab beside the package") }
        return isThere
    }

    /// - Parameter path: below `shared/gitlab`.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = find("gitlab/\(path)") else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: URL(filePath: file)))
    }

    package static var payloadNames: [String] {
        let names = find("gitlab/webhooks").flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) }
        return (names ?? []).filter { $0.hasSuffix(".json") && $0 != "SIGNING_VECTORS.json" }.sorted()
    }
}
