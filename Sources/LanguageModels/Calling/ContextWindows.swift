/// How much a model can read, guessed from its name: too little costs an early summary, too much a failed call.
enum ContextWindows {
    static func guess(_ model: String, isFirstParty: Bool) -> Int {
        let name = model.lowercased()
        let version = ModelVersion(name)
        if name.contains("claude") {
            // Behind another host the name may stand for another model.
            guard isFirstParty else { return 200_000 }
            let isLarge = version.map { $0 >= ModelVersion(5, 0) || ($0 >= ModelVersion(4, 7) && name.contains("opus")) }
            return isLarge ?? false ? 1_000_000 : 200_000
        }
        if name.hasPrefix("gpt-"), isFirstParty, let version {
            if version >= ModelVersion(6, 0) { return 922_000 }
            if version >= ModelVersion(5, 0) { return 272_000 }
        }
        return 128_000
    }
}

/// The first number in a model's name, as `5.4` or `5-5`.
struct ModelVersion: Comparable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) { (self.major, self.minor) = (major, minor) }

    init?(_ name: String) {
        // Dates such as 20260901 are no versions.
        let numbers = name.split { !$0.isNumber }.prefix { $0.count <= 2 }.compactMap { Int($0) }
        guard let major = numbers.first else { return nil }
        self.init(major, numbers.dropFirst().first ?? 0)
    }

    static func < (left: ModelVersion, right: ModelVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
