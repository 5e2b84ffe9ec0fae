/// The first and the last bytes of a stream of any length, or the first ones alone, in bounded memory.
struct BoundedOutput: Sendable {
    private let headLimit: Int
    private let tailLimit: Int
    private(set) var head: [UInt8] = []
    /// A ring once it is full; `tailStart` is where its oldest byte stands.
    private var tailRing: [UInt8] = []
    private var tailStart = 0
    private(set) var total = 0

    init(limit: Int, keepsEnd: Bool) {
        headLimit = keepsEnd ? (limit + 1) / 2 : limit
        tailLimit = limit - headLimit
    }

    var isTruncated: Bool { total > headLimit + tailLimit }
    var omitted: Int { max(0, total - headLimit - tailLimit) }
    var tail: [UInt8] { Array(tailRing[tailStart...] + tailRing[..<tailStart]) }
    /// Head and tail with nothing between; the whole output where nothing was cut.
    var bytes: [UInt8] { head + tail }

    mutating func append(_ bytes: some Collection<UInt8>) {
        total += bytes.count
        var rest = Array(bytes)[...]
        if head.count < headLimit {
            let part = rest.prefix(headLimit - head.count)
            head.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
        }
        guard tailLimit > 0 else { return }
        rest = rest.suffix(tailLimit)
        if tailRing.count < tailLimit {
            let part = rest.prefix(tailLimit - tailRing.count)
            tailRing.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
        }
        // At most the whole ring once, in one piece or two.
        while !rest.isEmpty {
            let part = rest.prefix(tailLimit - tailStart)
            tailRing.replaceSubrange(tailStart..<(tailStart + part.count), with: part)
            tailStart = (tailStart + part.count) % tailLimit
            rest = rest.dropFirst(part.count)
        }
    }
}
