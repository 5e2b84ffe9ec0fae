import Foundation
import Testing

/// A reader of outside bytes, and what must hold of it whatever they are. That it ends, soon and without a trap, holds for all.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
    let name: String
    /// Pieces that mean something to it.
    var words: [String] = []
    /// Throws `Broken` when a promise is not kept.
    let check: @Sendable (_ input: [UInt8], _ generator: inout FuzzGenerator) async throws -> Void

    var testDescription: String { name }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    static func expect(_ isSo: Bool, _ what: @autoclosure () -> String) throws {
        guard isSo else { throw Broken(description: what()) }
    }

    /// All of them, or the one that `FUZZ_TARGET` names.
    static var chosen: [FuzzTarget] {
        guard let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] else { return all }
        return all.filter { $0.name == name }
    }

    var corpus: [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(name)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().compactMap { try? Array(Data(contentsOf: folder.appending(path: $0))) }
    }
}
