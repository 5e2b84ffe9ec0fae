/// Of one model: US dollars per token, with the higher ones above some sizes of input.
struct Price: Sendable, Hashable {
    private enum Kind: Sendable { case input, output, cacheRead, cacheWrite, cacheWriteHour }
    private typealias Rates = [Kind: Double]

    private var base: Rates = [:]
    /// By the number of input tokens above which they hold, ascending.
    private var tiers: [Tier] = []
    private struct Tier: Sendable, Hashable {
        let above: Int
        let rates: Rates
    }

    private static let ours: [String: Kind] = [
        "input": .input, "output": .output, "cache_read": .cacheRead, "cache_write": .cacheWrite,
        "cache_write_1h": .cacheWriteHour,
    ]
    private static let liteLLM: [String: Kind] = [
        "input_cost_per_token": .input, "output_cost_per_token": .output,
        "cache_read_input_token_cost": .cacheRead, "cache_creation_input_token_cost": .cacheWrite,
        "cache_creation_input_token_cost_above_1hr": .cacheWriteHour,
    ]

    /// nil for an entry that has no prices per token, such as one for images.
    init?(_ value: JSONValue, model: String) throws(ModelPricesProblem) {
        guard let members = value.members else {
            throw ModelPricesProblem("MODEL_PRICES_FILE: \(model): an object with input and output is expected.")
        }
        var tiers: [Int: Rates] = [:]
        for member in members {
            try read(member, model, &tiers)
        }
        guard base[.input] != nil || base[.output] != nil else { return nil }
        self.tiers = tiers.sorted { $0.key < $1.key }.map { Tier(above: $0.key, rates: $0.value) }
    }

    private mutating func read(
        _ member: JSONValue.Member, _ model: String, _ tiers: inout [Int: Rates]
    ) throws(ModelPricesProblem) {
        if let kind = Self.ours[member.name] {
            base[kind] = try Self.dollars(member, model) / 1_000_000
        } else if let kind = Self.liteLLM[member.name] {
            base[kind] = try Self.dollars(member, model)
        } else if member.name == "above_tokens" {
            try readTiers(member.value, model, &tiers)
        } else if let (kind, above) = Self.tier(member.name) {
            tiers[above, default: [:]][kind] = try Self.dollars(member, model)
        }
    }

    /// `{"272000": {"input": 4, "output": 15}}`
    private func readTiers(
        _ value: JSONValue, _ model: String, _ tiers: inout [Int: Rates]
    ) throws(ModelPricesProblem) {
        for tier in value.members ?? [] {
            guard let above = Int(tier.name), let fields = tier.value.members else {
                throw ModelPricesProblem("MODEL_PRICES_FILE: \(model): above_tokens: expected {\"200000\": {\"input\": …}}.")
            }
            for member in fields {
                guard let kind = Self.ours[member.name] else { continue }
                tiers[above, default: [:]][kind] = try Self.dollars(member, model) / 1_000_000
            }
        }
    }

    /// `input_cost_per_token_above_272k_tokens`
    private static func tier(_ name: String) -> (Kind, Int)? {
        guard name.hasSuffix("k_tokens"), let mark = name.ranges(of: "_above_").last,
            let thousands = Int(name[mark.upperBound...].dropLast("k_tokens".count)),
            let kind = liteLLM[String(name[..<mark.lowerBound])]
        else { return nil }
        return (kind, thousands * 1_000)
    }

    private static func dollars(_ member: JSONValue.Member, _ model: String) throws(ModelPricesProblem) -> Double {
        let value = member.value.double ?? member.value.string.flatMap(Double.init)
        guard let value, value.isFinite, value >= 0 else {
            throw ModelPricesProblem("MODEL_PRICES_FILE: \(model): \(member.name): a number of US dollars is expected.")
        }
        return value
    }

    /// Where a kind of input has no price of its own it counts as plain: a little too much is better than nothing.
    func cost(of usage: WireUsage) -> Double {
        let rates = tiers.last { usage.input > $0.above }.map { base.merging($0.rates) { $1 } } ?? base
        let input = rates[.input] ?? 0
        let write = rates[.cacheWrite] ?? input
        let hour = min(usage.cacheWriteHour, usage.cacheWrite)
        let plain = max(0, usage.input - usage.cacheRead - usage.cacheWrite)
        let read = Double(plain) * input + Double(usage.cacheRead) * (rates[.cacheRead] ?? input)
        let written = Double(usage.cacheWrite - hour) * write + Double(hour) * (rates[.cacheWriteHour] ?? write)
        return read + written + Double(usage.output) * (rates[.output] ?? 0)
    }
}
