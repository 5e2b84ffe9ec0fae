import Foundation
import SystemPackage

/// Files that running a project leaves behind and that nobody means to commit, whether its `.gitignore` says so or not.
/// They count only where git does not track them.
enum ByProducts {
    static let patterns = """
        __pycache__/
        *.py[cod]
        .pytest_cache/
        .mypy_cache/
        .ruff_cache/
        .hypothesis/
        .tox/
        .nox/
        .venv/
        *.egg-info/
        .coverage
        node_modules/
        .nyc_output/
        .npm/
        .build/
        .build-tests/
        .swiftpm/
        .gradle/
        .DS_Store
        core.[0-9]*

        """
}

extension GitClient {
    /// From now on these paths, which git does not track, are no part of the change: a test run has left them.
    package func leaveOut(_ paths: [[UInt8]], of checkout: Checkout) throws {
        guard !paths.isEmpty else { return }
        let file = checkout.gitDirectory.appending("info").appending("exclude")
        var text = try Data(contentsOf: URL(fileURLWithPath: file.string))
        for path in paths where !path.contains(UInt8(ascii: "\n")) {
            text.append(UInt8(ascii: "/"))
            for byte in path {
                // Signs that a pattern would read as more than themselves (gitignore(5)).
                if "*?[]\\ !#".utf8.contains(byte) { text.append(UInt8(ascii: "\\")) }
                text.append(byte)
            }
            text.append(UInt8(ascii: "\n"))
        }
        try text.write(to: URL(fileURLWithPath: file.string), options: .atomic)
    }
}
