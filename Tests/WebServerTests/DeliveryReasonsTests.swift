import Foundation
import GitLabAPI
import Testing

@testable import WebServer

@Suite("Reasons of deliveries")
struct DeliveryReasonsTests {
    /// Every word that the sources of the intake, and of what looks for missed deliveries, give as a reason.
    private static func given() throws -> Set<String> {
        var root = URL(fileURLWithPath: #filePath)
        while root.lastPathComponent != "Tests" { root.deleteLastPathComponent() }
        let sources = root.deletingLastPathComponent().appendingPathComponent("Sources")
        var words: Set<String> = []
        for folder in ["WebServer/Intake", "Pipeline/Reconciling"] {
            let place = sources.appendingPathComponent(folder)
            for file in try FileManager.default.contentsOfDirectory(atPath: place.path) where file.hasSuffix(".swift") && file != "DeliveryReasons.swift" {
                let text = try String(contentsOf: place.appendingPathComponent(file), encoding: .utf8)
                for line in text.split(separator: "\n") where !line.contains("///") {
                    let names = ["reason:", "reasonWithoutThread:", "otherwise:", " own:", "withdraw(", ".branchDeleted, ", "DeliveryAnswer("]
                    guard let start = names.compactMap({ line.range(of: $0)?.upperBound }).min() else { continue }
                    words.formUnion(line[start...].matches(of: /"([a-z]+(?:_[a-z]+)*)"/).map { String($0.1) })
                }
            }
        }
        let commands = ["do", "review", "ask", "plan", "approve", "fix", "stop", "status", "retry", "help", "unknown"]
        return words.union(commands.map { "command_\($0)" })
    }

    @Test("each reason that a delivery can be given has a sentence")
    func complete() throws {
        let given = try Self.given()
        #expect(given.count > 45 && given.contains("no_open_task") && given.contains("own_event") && given.contains("branch_deleted"))
        for word in given { #expect(DeliveryReasons.explanation(of: word) != nil, "\(word)") }
        for word in ["missed_assigned", "missed_mentioned"] { #expect(DeliveryReasons.explanation(of: word) != nil) }
    }

    @Test("no sentence is for a reason that there is not")
    func noMore() throws {
        let codes = ["too_large", "not_utf8", "not_json", "too_deep", "doubled_key"]
        let verdicts: [DeliveryVerifier.Reason] = [
            .missingToken, .repeatedHeader, .wrongToken, .missingSignature, .malformedSignature, .staleSignature, .wrongSignature,
        ]
        let known = try Self.given().union(codes).union(verdicts.map(\.rawValue))
        #expect(Set(DeliveryReasons.sentences.keys).subtracting(known).isEmpty)
    }
}
