/// The configuration that every git process gets through its environment, where it wins over any file.
///
/// Nothing that a repository brings may start a program: hooks, filters, drivers and helpers are off by name where they
/// have one, and have no definition where their names are free.
struct GitConfiguration: Sendable {
    private var entries: [(key: String, value: String)]

    private static let base: [(key: String, value: String)] = [
        // Programs that git would start.
        ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("core.untrackedCache", "false"),
        ("core.editor", ":"), ("core.pager", "cat"), ("core.askPass", ""), ("credential.helper", ""),
        ("credential.useHttpPath", "true"), ("credential.interactive", "false"),
        ("commit.gpgSign", "false"), ("tag.gpgSign", "false"), ("push.gpgSign", "false"), ("log.showSignature", "false"),
        ("gc.auto", "0"), ("maintenance.auto", "false"),
        // LFS pointers stay pointers: a filter with this name and no command changes nothing.
        ("filter.lfs.smudge", ""), ("filter.lfs.clean", ""), ("filter.lfs.process", ""), ("filter.lfs.required", "false"),
        // Bytes, modes and links are kept as they are.
        ("core.attributesFile", "/dev/null"), ("core.excludesFile", "/dev/null"), ("core.autocrlf", "false"),
        ("core.eol", "lf"), ("core.safecrlf", "false"), ("core.symlinks", "true"), ("core.fileMode", "true"),
        ("core.ignoreCase", "false"), ("core.precomposeUnicode", "false"), ("core.quotePath", "true"),
        ("core.protectHFS", "true"), ("core.protectNTFS", "true"), ("core.logAllRefUpdates", "false"),
        ("i18n.commitEncoding", "UTF-8"),
        // Larger files are streamed instead of being held in memory.
        ("core.bigFileThreshold", "16m"),
        // Where it may go.
        ("protocol.allow", "never"), ("protocol.version", "2"), ("safe.bareRepository", "explicit"),
        ("http.followRedirects", "false"), ("http.sslVerify", "true"), ("http.saveCookies", "false"),
        ("http.lowSpeedLimit", "1"),
        ("fetch.recurseSubmodules", "false"), ("submodule.recurse", "false"), ("push.recurseSubmodules", "no"),
        ("push.followTags", "false"), ("push.default", "nothing"), ("push.useForceIfIncludes", "false"),
        // Objects are checked as they come in. Faults that real histories have and that harm nobody are let through;
        // names that could become git's own files are not.
        ("transfer.fsckObjects", "true"), ("transfer.unpackLimit", "1"), ("transfer.credentialsInUrl", "die"),
        ("fetch.fsck.badTimezone", "ignore"), ("fetch.fsck.missingSpaceBeforeDate", "ignore"),
        ("fetch.fsck.zeroPaddedFilemode", "ignore"), ("fetch.fsck.missingEmail", "ignore"),
        ("fetch.fsck.missingNameBeforeEmail", "ignore"), ("fetch.fsck.missingSpaceBeforeEmail", "ignore"),
        ("fetch.fsck.badDateOverflow", "ignore"), ("fetch.fsck.missingTaggerEntry", "ignore"),
        ("fetch.fsck.hasDotgit", "error"), ("fetch.fsck.hasDot", "error"), ("fetch.fsck.hasDotdot", "error"),
        ("fetch.fsck.fullPathname", "error"), ("fetch.fsck.emptyName", "error"),
    ]

    init() { entries = Self.base }

    mutating func set(_ key: String, _ value: String) { entries.append((key, value)) }

    /// `GIT_CONFIG_COUNT` and its pairs.
    var environment: [String: String] {
        var environment = ["GIT_CONFIG_COUNT": String(entries.count)]
        for (number, entry) in entries.enumerated() {
            environment["GIT_CONFIG_KEY_\(number)"] = entry.key
            environment["GIT_CONFIG_VALUE_\(number)"] = entry.value
        }
        return environment
    }
}
