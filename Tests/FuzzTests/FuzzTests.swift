import Foundation
import Testing

/// Properties of every parser that meets outside bytes, on mutations of a small corpus.
///
/// A plain run takes some seconds and is the same each time. With `FUZZ_SECONDS=600` each target runs that long on new seeds.
/// The input at hand is kept in `FUZZ_FOLDER` (for a long run by default the temporary folder), so that a trap can be looked at.
@Suite("Parsers of outside bytes")
struct FuzzTests {
    private static let seconds = ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap(Double.init)
    private static let rounds = 600

    @Test("A08, A51: nothing traps, hangs or breaks its promise", .timeLimit(.minutes(60)), arguments: FuzzTarget.chosen)
    func campaign(_ target: FuzzTarget) async throws {
        let corpus = target.corpus
        try #require(!corpus.isEmpty, "no corpus for \(target.name)")
        let mutation = Mutation(corpus: corpus, words: target.words)
        let clock = ContinuousClock()
        let end = Self.seconds.map { clock.now + .seconds($0) }
        let first: UInt64 = Self.seconds == nil ? 0 : UInt64(Date().timeIntervalSince1970) << 20
        let named = ProcessInfo.processInfo.environment["FUZZ_FOLDER"]
        let isKept = named != nil || end != nil
        let folder = named ?? FileManager.default.temporaryDirectory.path
        let last = URL(filePath: folder).appending(path: "fuzz-\(target.name)")
        for input in corpus {
            var generator = FuzzGenerator(seed: 0)
            if isKept { try Data(input).write(to: last) }
            try await check(target, input, &generator, "as it is")
        }
        var round: UInt64 = 0
        while end.map({ clock.now < $0 }) ?? (round < Self.rounds) {
            var generator = FuzzGenerator(seed: first + round)
            let input = mutation.input(&generator)
            if isKept { try Data(input).write(to: last) }
            let start = clock.now
            try await check(target, input, &generator, "seed \(first + round)")
            let taken = clock.now - start
            #expect(taken < .seconds(5), "seed \(first + round) took \(taken): \(Data(input).base64EncodedString())")
            round += 1
        }
        if end != nil { print("FUZZ \(target.name): \(round) inputs, first seed \(first)") }
        if isKept { try? FileManager.default.removeItem(at: last) }
    }

    private func check(_ target: FuzzTarget, _ input: [UInt8], _ generator: inout FuzzGenerator, _ name: String) async throws {
        do {
            try await target.check(input, &generator)
        } catch let broken as FuzzTarget.Broken {
            Issue.record("\(target.name), \(name): \(broken), input \(Data(input).base64EncodedString())")
        }
    }
}
