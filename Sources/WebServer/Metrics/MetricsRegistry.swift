import Synchronization

/// Counters, gauges and histograms in Prometheus' text format. Labels come from closed lists; none ever holds an id.
final class MetricsRegistry: Sendable {
    typealias Labels = [(name: String, value: String)]

    private struct Family {
        var help: String
        var type: String
        var values: [String: Double] = [:]
    }

    private struct Histogram {
        var help: String
        var series: [String: (counts: [Int], sum: Double, labels: String)] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var histograms: [String: Histogram] = [:]
    }

    private let state = Mutex(State())
    static let buckets: [Double] = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
    /// More combinations of labels than this are summed up under `other`.
    private static let seriesLimit = 500

    func add(_ amount: Double, to name: String, _ labels: Labels = [], help: String) {
        let key = Self.text(labels)
        state.withLock { state in
            var family = state.families[name] ?? Family(help: help, type: "counter")
            let isFull = family.values[key] == nil && family.values.count >= Self.seriesLimit
            family.values[isFull ? Self.text(labels.map { ($0.name, "other") }) : key, default: 0] += amount
            state.families[name] = family
        }
    }

    func set(_ name: String, to value: Double, _ labels: Labels = [], help: String) {
        state.withLock { state in
            state.families[name, default: Family(help: help, type: "gauge")].values[Self.text(labels)] = value
        }
    }

    func observe(_ value: Double, in name: String, _ labels: Labels, help: String) {
        let key = Self.text(labels)
        state.withLock { state in
            var histogram = state.histograms[name] ?? Histogram(help: help)
            var series = histogram.series[key] ?? (Array(repeating: 0, count: Self.buckets.count + 1), 0, key)
            series.counts[Self.buckets.firstIndex { value <= $0 } ?? Self.buckets.count] += 1
            series.sum += value
            histogram.series[key] = series
            state.histograms[name] = histogram
        }
    }

    func render() -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        for (name, family) in state.families.sorted(by: { $0.key < $1.key }) {
            lines += ["# HELP \(name) \(family.help)", "# TYPE \(name) \(family.type)"]
            for (labels, value) in family.values.sorted(by: { $0.key < $1.key }) {
                lines.append("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))")
            }
        }
        for (name, histogram) in state.histograms.sorted(by: { $0.key < $1.key }) {
            lines += ["# HELP \(name) \(histogram.help)", "# TYPE \(name) histogram"]
            for (labels, series) in histogram.series.sorted(by: { $0.key < $1.key }) {
                var total = 0
                let prefix = labels.isEmpty ? "" : "\(labels),"
                for (bound, count) in zip(Self.buckets.map(Self.number) + ["+Inf"], series.counts) {
                    total += count
                    lines.append("\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)")
                }
                let suffix = labels.isEmpty ? "" : "{\(labels)}"
                lines.append("\(name)_sum\(suffix) \(Self.number(series.sum))")
                lines.append("\(name)_count\(suffix) \(total)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ labels: Labels) -> String {
        labels.map { label in
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
