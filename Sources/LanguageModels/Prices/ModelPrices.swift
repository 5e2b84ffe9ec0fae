/// What models cost, as the operator wrote it down. Nothing is built in: prices differ by contract and change.
///
/// A JSON object whose keys are models (`claude-sonnet-5-5`, `anthropic/claude-*`) and whose values are either
/// `{input, output, cache_read, cache_write, cache_write_1h}` in US dollars per million tokens or an entry of
/// LiteLLM's table in dollars per token. Both may have higher prices above a number of input tokens.
package struct ModelPrices: Sendable, Hashable {
    private var exact: [String: Price] = [:]
    private var patterns: [Pattern] = []

    private struct Pattern: Sendable, Hashable {
        let text: String
        let price: Price
    }

    package init() {}

    /// - Throws: `ModelPricesProblem`, which names the model and the field.
    package init(json: [UInt8]) throws(ModelPricesProblem) {
        let value: JSONValue
        do { value = try JSONValue(parsing: json) } catch { throw ModelPricesProblem("MODEL_PRICES_FILE is \(error).") }
        guard let members = value.members else {
            throw ModelPricesProblem("MODEL_PRICES_FILE: a JSON object of models is expected.")
        }
        for member in members where member.name != "sample_spec" {
            guard let price = try Price(member.value, model: member.name) else { continue }
            let key = member.name.lowercased()
            if key.contains("*") {
                patterns.append(Pattern(text: key, price: price))
            } else {
                exact[key] = price
            }
        }
        // The longest says most.
        patterns.sort { $0.text.utf8.count > $1.text.utf8.count }
    }

    package var isEmpty: Bool { exact.isEmpty && patterns.isEmpty }

    /// US dollars, about; nil without a price for any of the names.
    package func cost(of usage: WireUsage, models: [String]) -> Double? {
        guard !isEmpty else { return nil }
        return models.lazy.compactMap { price(of: $0.lowercased()) }.first?.cost(of: usage)
    }

    private func price(of model: String) -> Price? {
        let bare = model.split(separator: "/").last.map(String.init) ?? model
        for name in [model, bare, Self.withoutDate(bare)] {
            if let price = exact[name] { return price }
        }
        if let price = patterns.first(where: { Self.matches($0.text, model) || Self.matches($0.text, bare) })?.price {
            return price
        }
        // LiteLLM's keys often are `provider/model`.
        return exact.first { $0.key.hasSuffix("/" + bare) }?.value
    }

    /// `claude-sonnet-5-5-20260901` is sold as `claude-sonnet-5-5`.
    private static func withoutDate(_ name: String) -> String {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard let last = parts.last, last.count == 8, last.allSatisfy(\.isNumber) else { return name }
        return parts.dropLast().joined(separator: "-")
    }

    /// `*` stands for any characters.
    private static func matches(_ pattern: String, _ name: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
        if parts.count == 1 { return name == pattern }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = part.isEmpty ? rest.startIndex..<rest.startIndex : rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

/// A price that can't be read.
package struct ModelPricesProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    init(_ message: String) { self.message = message }
    package var description: String { message }
}
