/// A stretch of bytes to be hidden.
struct SecretMatch: Comparable {
    var range: Range<Int>
    let kind: String
    /// Sure enough to refuse a commit for.
    var isCertain: Bool

    static func < (left: SecretMatch, right: SecretMatch) -> Bool {
        left.range.lowerBound < right.range.lowerBound
    }

    /// In order and without overlaps.
    static func merged(_ matches: [SecretMatch]) -> [SecretMatch] {
        matches.sorted().reduce(into: []) { merged, match in
            if let last = merged.last, match.range.lowerBound < last.range.upperBound {
                let end = max(last.range.upperBound, match.range.upperBound)
                merged[merged.count - 1].range = last.range.lowerBound..<end
            } else {
                merged.append(match)
            }
        }
    }
}
