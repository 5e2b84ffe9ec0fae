import Glibc
import SystemPackage

/// The directories that the service's programs live in, beyond the system's own: compilers and interpreters in `/opt`, in
/// version managers below a home directory, and so on. They are shown read-only; what else a home holds is not.
struct ToolchainRoots: Sendable {
    /// Directories to show, none inside another.
    private(set) var directories: [String] = []
    /// The search path for inside: the service's own, without what is not shown.
    private(set) var searchPath: [String] = []
    /// Variables that version managers need to find what is theirs when HOME is another.
    private(set) var environment: [String: String] = [:]

    private let home: String
    private let hidden: [String]
    private let forbidden: [String]

    /// - Parameter hidden: directories that must not be shown, nor anything that holds them.
    init(searchPath text: String, home: FilePath, hidden: [FilePath], extra: [FilePath]) {
        let homeText = home.string
        self.home = homeText.count > 1 ? Self.realPath(homeText) ?? homeText : homeText
        self.hidden = hidden.map { Self.realPath($0.string) ?? $0.string }
        forbidden =
            self.hidden + ["/etc", "/home", "/root", "/var", "/run", "/proc", "/sys", "/dev", "/tmp", "/workspace", self.home]
        for directory in extra.map(\.string) { show(directory) }
        for entry in text.split(separator: ":").map(String.init) where entry.hasPrefix("/") { add(entry) }
        for entry in ["/usr/local/bin", "/usr/bin", "/bin"] where !searchPath.contains(entry) { searchPath.append(entry) }
        for directory in ["/usr/local/bin", "/usr/bin"] { followLinks(in: directory) }
        directories = directories.filter { one in !directories.contains { $0 != one && Self.isInside(one, $0) } }
    }

    /// What must not be shown and yet lies below a directory that is: the system's own ones are shown whole. Looked for anew
    /// each time, since a file may have come since.
    func shownSecrets() -> [(path: String, isDirectory: Bool)] {
        var found: [(path: String, isDirectory: Bool)] = []
        for path in hidden.map({ Self.realPath($0) ?? $0 }) {
            var status = stat()
            guard lstat(path, &status) == 0, !found.contains(where: { $0.path == path }),
                Self.isSystem(path) || Self.isInside(path, "/etc") || directories.contains(where: { Self.isInside(path, $0) })
            else { continue }
            // What of /etc is not shown needs no mask, and there is no place for one.
            if Self.isInside(path, "/etc"), !BubblewrapArguments.shows(path) { continue }
            found.append((path, status.st_mode & S_IFMT == S_IFDIR))
        }
        return found
    }

    private mutating func add(_ entry: String) {
        guard !searchPath.contains(entry) else { return }
        if Self.isSystem(entry) {
            searchPath.append(entry)
            return
        }
        guard Self.isDirectory(entry) else { return }
        if showHome(of: entry) { searchPath.append(entry) }
        followLinks(in: entry)
    }

    /// Shows the installation that a directory of programs belongs to: what holds `bin`, except where that holds more than
    /// programs.
    private mutating func showHome(of programs: String) -> Bool {
        let parts = programs.split(separator: "/").map(String.init)
        if let index = parts.lastIndex(where: { Self.managers.keys.contains($0) }), let manager = Self.managers[parts[index]] {
            let root = "/" + parts[...index].joined(separator: "/")
            let base = "/" + parts[..<index].joined(separator: "/")
            var isShown = false
            for part in manager.shown { isShown = show(part.isEmpty ? root : "\(base)/\(part)") || isShown }
            guard isShown else { return false }
            for (name, place) in manager.variables where Self.isDirectory("\(base)/\(place)") {
                environment[name] = "\(base)/\(place)"
            }
            return true
        }
        let last = parts.last ?? ""
        let isPrivate = Self.isInside(programs, home)
        if last == "bin" || last == "sbin" || last == "shims" {
            let root = "/" + parts.dropLast().joined(separator: "/")
            // `~/bin` and `~/.local/bin` stand beside everything else of a person.
            if !(isPrivate && parts.dropLast().last == ".local"), show(root) { return true }
        }
        return show(programs)
    }

    /// Programs that are links lead to installations elsewhere.
    private mutating func followLinks(in directory: String) {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        var seen = Set<String>()
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == DT_LNK else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard let target = Self.realPath("\(directory)/\(name)"), !Self.isSystem(target) else { continue }
            let place = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
            guard seen.insert(place).inserted, !place.isEmpty, !directories.contains(where: { Self.isInside(place, $0) }) else {
                continue
            }
            _ = showHome(of: place)
        }
    }

    @discardableResult
    private mutating func show(_ directory: String) -> Bool {
        guard let real = Self.realPath(directory), Self.isDirectory(real) else { return false }
        if Self.isSystem(real) { return true }
        guard real != "/", !hidden.contains(where: { Self.isInside(real, $0) }),
            !forbidden.contains(where: { Self.isInside($0, real) }),
            !Self.secretNames.contains(where: { access("\(real)/\($0)", F_OK) == 0 })
        else { return false }
        for path in Set([real, directory]) where !directories.contains(path) { directories.append(path) }
        return true
    }

    private struct Manager {
        /// Relative to what holds the manager's directory; "" for the directory itself.
        var shown: [String]
        var variables: [String: String] = [:]
    }

    /// Version managers by the name of their directory. Cargo's keeps a registry token beside its programs.
    private static let managers: [String: Manager] = [
        ".cargo": Manager(shown: [".cargo/bin", ".rustup"], variables: ["RUSTUP_HOME": ".rustup"]),
        ".pyenv": Manager(shown: [""], variables: ["PYENV_ROOT": ".pyenv"]),
        ".rbenv": Manager(shown: [""], variables: ["RBENV_ROOT": ".rbenv"]),
        ".nvm": Manager(shown: [".nvm/versions"]),
        ".volta": Manager(shown: [""], variables: ["VOLTA_HOME": ".volta"]),
        ".asdf": Manager(shown: [""], variables: ["ASDF_DATA_DIR": ".asdf"]),
        ".sdkman": Manager(shown: [".sdkman/candidates"]),
        ".swiftly": Manager(shown: [".swiftly/bin", ".local/share/swiftly/toolchains"]),
    ]

    /// A directory with one of these is somebody's home or configuration, not an installation.
    private static let secretNames = [
        ".ssh", ".gnupg", ".netrc", ".git-credentials", ".aws", ".kube", ".docker", ".config", ".gitconfig", "credentials",
        "credentials.toml", "credentials.json", ".npmrc", ".pypirc", ".env",
    ]

    private static func isSystem(_ path: String) -> Bool {
        ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].contains { isInside(path, $0) }
    }

    static func isInside(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix(directory == "/" ? "/" : directory + "/")
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
