import Foundation

/// Texts that are kept word for word in a folder `Snapshots` beside a test file. A change of a text is meant to show there;
/// `UPDATE_SNAPSHOTS=1` takes the new ones over.
package struct Snapshots: Sendable {
    private let folder: URL

    package init(beside testFile: String = #filePath) {
        folder = URL(filePath: testFile).deletingLastPathComponent().appending(path: "Snapshots")
    }

    /// What is kept under that name, for comparison with `text`, which it becomes when snapshots are updated.
    ///
    /// - Parameter name: without the `.txt` that every snapshot ends in.
    package func kept(_ name: String, for text: String) throws -> String {
        let file = folder.appending(path: "\(name).txt")
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
        let kept = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return kept.hasSuffix("\n") ? String(kept.dropLast()) : kept
    }
}
