import Foundation

/// Reference data about GitLab that may lie beside the package: payloads, signatures, the API's description. It is not
/// part of the product; tests that need it say so when it isn't there.
enum SharedFiles {
    static let directory: URL? = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "shared/gitlab")
            if FileManager.default.fileExists(atPath: candidate.appending(path: "webhooks").path) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }()

    static var isThere: Bool {
        if directory == nil { print("SKIPPED: no folder shared/gitlab beside the package") }
        return directory != nil
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let directory else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: directory.appending(path: path)))
    }

    static var payloadNames: [String] {
        guard let directory else { return [] }
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "webhooks").path)
        return (names ?? []).filter { $0.hasSuffix(".json") && $0 != "SIGNING_VECTORS.json" }.sorted()
    }
}
