/// From which hosts a lock file takes packages. A change of host hides well among thousands of changed lines.
enum LockFile {
    private static let names: Set = [
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "gemfile.lock", "poetry.lock", "uv.lock",
        "pdm.lock", "pipfile.lock", "cargo.lock", "composer.lock", "mix.lock", "pubspec.lock", "package.resolved", "podfile.lock", "flake.lock",
    ]

    /// Where a file that is new may take packages from without a word. Where a file was there before, its own hosts count alone: a
    /// public registry in the place of the company's is a change, too.
    private static let publicRegistries: Set = [
        "registry.npmjs.org", "registry.yarnpkg.com", "pypi.org", "files.pythonhosted.org", "rubygems.org", "index.crates.io", "static.crates.io",
        "repo.packagist.org", "repo.hex.pm", "pub.dev", "cdn.cocoapods.org",
    ]

    static func isOne(_ path: [UInt8]) -> Bool { names.contains(name(of: path)) }

    /// The hosts of added lines that the file had none of before, sorted.
    ///
    /// - Parameter before: the file as it was; nil where it is new.
    static func newHosts(in file: AddedLines.File, before: [UInt8]?) -> [String] {
        let name = name(of: file.path)
        var known = publicRegistries
        if let before { known = Set(before.split(separator: UInt8(ascii: "\n")).flatMap { hosts(in: $0, of: name) }) }
        return Set(file.lines.flatMap { hosts(in: $0.bytes, of: name) }).subtracting(known).sorted()
    }

    private static func hosts(in line: ArraySlice<UInt8>, of name: String) -> [String] {
        var rest = line
        // These also tell home pages and where to give money.
        let key: String? =
            switch name {
            case "package-lock.json", "npm-shrinkwrap.json": #""resolved""#
            case "composer.lock": #""url""#
            default: nil
            }
        if let key, rest.firstRange(of: Array(key.utf8)) == nil { return [] }
        var hosts: [String] = []
        while let separator = rest.firstRange(of: Array("://".utf8)) {
            rest = rest[separator.upperBound...]
            let authority = rest.prefix { $0 > 0x20 && !"/\\?#\"'`<>,;(){}".utf8.contains($0) }
            let host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? authority
            if !host.isEmpty { hosts.append(String(decoding: host, as: UTF8.self).lowercased()) }
            rest = rest.dropFirst(authority.count)
        }
        return hosts
    }

    private static func name(of path: [UInt8]) -> String {
        String(decoding: path.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self).lowercased()
    }
}
