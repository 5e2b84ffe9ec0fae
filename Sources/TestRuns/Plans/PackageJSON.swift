import Foundation

/// The part of a `package.json` that tells how tests are started.
struct PackageJSON {
    let testScript: String?

    init?(_ text: String) {
        struct File: Decodable { var scripts: [String: String]? }
        guard let file = try? JSONDecoder().decode(File.self, from: Data(text.utf8)) else { return nil }
        testScript = file.scripts?["test"]
    }
}
