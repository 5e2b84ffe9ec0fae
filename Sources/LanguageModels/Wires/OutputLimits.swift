/// Numbers in a refusal that say how much a model can read or write.
struct OutputLimits: Equatable {
    /// The largest output limit that would have been taken.
    var output: Int?
    var contextWindow: Int?

    /// - Parameter words: the error, lowered.
    static func read(_ words: String, asked: Int) -> OutputLimits? {
        let numbers = words.split { !$0.isNumber && $0 != "," }
            .compactMap { Int($0.replacing(",", with: "")) }.filter { $0 > 0 }
        let speaksOfContext = words.contains("context")
        if speaksOfContext {
            // "188240 + 21333 > 200000", "maximum context length is 32768 tokens. However, you requested 40000 tokens
            // (8000 in the messages, 32000 in the completion)", "request (5000 tokens) exceeds ... context size (4096)".
            guard let window = window(words, numbers, asked: asked) else { return nil }
            var limits = OutputLimits(output: nil, contextWindow: window)
            let inputs = numbers.filter { $0 < window && $0 != asked && $0 + asked > window }
            if numbers.contains(asked), let input = inputs.max(), window - input >= 1_024 {
                limits.output = window - input - 64
            }
            return limits
        }
        // "max_tokens: 64000 > 8192, which is the maximum allowed ...", "valid range of max_tokens is [1, 8192]".
        guard
            words.contains("max_tokens") || words.contains("max_completion_tokens") || words.contains("max_output_tokens")
                || words.contains("output tokens"),
            let cap = numbers.filter({ $0 >= 256 && $0 < asked }).max()
        else { return nil }
        return OutputLimits(output: cap, contextWindow: nil)
    }

    private static func window(_ words: String, _ numbers: [Int], asked: Int) -> Int? {
        for phrase in ["context length is ", "context length of ", "context window of ", "context size (", "context limit: "] {
            guard let range = words.firstRange(of: phrase) else { continue }
            let rest = words[range.upperBound...]
            if phrase == "context limit: " {
                // input + output > window
                return rest.firstIndex(of: ">").flatMap { number(rest[$0...]) } ?? number(rest)
            }
            if let window = number(rest) { return window }
        }
        return nil
    }

    private static func number(_ text: Substring) -> Int? {
        let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "," }
        return Int(digits.replacing(",", with: "")).flatMap { $0 > 0 ? $0 : nil }
    }
}
