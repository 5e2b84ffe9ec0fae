import Testing

@testable import Pipeline

@Suite("Places that an answer names")
struct CitedPlacesTests {
    @Test(
        "a path with a line or a range of lines is a place",
        arguments: [
            ("It is in `Sources/App.swift:12`.", ["Sources/App.swift:12"]),
            ("See lib/a-b.py:3-9 and lib/a-b.py:3-9 again", ["lib/a-b.py:3-9"]),
            ("web form: src/x.c#L7-L9, and ./src/x.c:7", ["src/x.c:7-9", "src/x.c:7"]),
            ("turned round: a.txt:9-3", ["a.txt:9"]),
            ("no place: at line 0 of a.txt:0, or `name: value`", []),
        ])
    func mentioned(_ text: String, _ places: [String]) {
        #expect(CitedPlaces.mentioned(in: text).map(\.text) == places)
    }

    @Test("A51: an answer of one long word is looked through at once", .timeLimit(.minutes(1)), arguments: ["a", "a/", "a:", "#L", "1"])
    func endless(part: String) {
        #expect(CitedPlaces.mentioned(in: String(repeating: part, count: 60_000) + " a.txt:3").map(\.text) == ["a.txt:3"])
    }

    @Test("a flood of places is cut")
    func bounded() {
        let text = (1...500).map { "a.txt:\($0)" }.joined(separator: " ")
        #expect(CitedPlaces.mentioned(in: text).count == CitedPlaces.most)
    }
}
