/// What a remote told about its refs.
struct RemoteRefs: Sendable {
    private(set) var head: CommitID?
    private(set) var defaultBranch: String?
    private(set) var refs: [String: CommitID] = [:]

    /// Reads `git ls-remote --symref`.
    init(reading output: [UInt8]) {
        for line in output.split(separator: UInt8(ascii: "\n")) {
            guard let tab = line.firstIndex(of: UInt8(ascii: "\t")),
                let name = String(validating: line[line.index(after: tab)...], as: UTF8.self)
            else { continue }
            let value = String(decoding: line[..<tab], as: UTF8.self)
            if value.hasPrefix("ref: refs/heads/"), name == "HEAD" {
                let branch = String(value.dropFirst("ref: refs/heads/".count))
                defaultBranch = RefName.isPlain(branch) ? branch : nil
            } else if let id = CommitID(rawValue: value) {
                if name == "HEAD" { head = id } else { refs[name] = id }
            }
        }
    }
}

/// What of a remote is to be fetched.
struct FetchTarget: Sendable {
    /// The object to ask for: a commit, or an annotated tag that leads to one.
    var object: CommitID
    var branch: String?
}
