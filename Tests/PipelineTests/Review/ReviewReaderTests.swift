import Agent
import Domain
import LanguageModels
import Testing

@testable import Pipeline

@Suite("What ends a review, and what only ends a part of it")
struct ReviewReaderTests {
    @Test("what the model does with one text leaves the others to be read")
    func ofOnePart() {
        #expect(ReviewReader.isOfOnePart(TaskFailure(.code, "The model declined the request.")))
        #expect(ReviewReader.isOfOnePart(TaskFailure(.configuration, "It does not fit.")))
        #expect(ReviewReader.isOfOnePart(TaskFailure(.budget, "It did not come to an end within 60 turns.", cause: TurnsUsedUp())))
    }

    @Test("what would meet every part ends the review", arguments: TaskFailure.Kind.allCases.filter { $0 != .code && $0 != .configuration })
    func ofAll(_ kind: TaskFailure.Kind) {
        #expect(!ReviewReader.isOfOnePart(TaskFailure(kind, "No.")))
        #expect(!ReviewReader.isOfOnePart(TaskFailure(.code, "Later.", isTransient: true)))
    }

    @Test("a model that is not there is not there for any part")
    func noModel() {
        let failure = ModelFailure(.unknownModel, "There is no such model.")
        #expect(!ReviewReader.isOfOnePart(TaskFailure(.configuration, "No.", cause: failure)))
        #expect(ReviewReader.isOfOnePart(TaskFailure(.configuration, "No.", cause: ModelFailure(.contextExhausted, "Too long."))))
    }
}
