import Configuration
import Foundation
import Secrets
import SystemPackage

/// Reads single settings: a flag wins over the environment, the environment over the YAML file named by `AI_CODER_CONFIG`.
/// An empty value counts as none, as compose files leave them.
struct SettingsReader {
    /// One for each source, the stronger first: a setting and its `_FILE` form are looked for in one source after the other.
    private let layers: [ConfigReader]
    private let configFile: String?

    /// - Parameters:
    ///   - flags: values given on the command line, by setting name.
    ///   - environment: the process's environment.
    init(flags: [String: String], environment: [String: String]) async throws {
        for name in flags.keys where !Self.knownKeys.contains(name) {
            throw SettingsFailure("\(name) is no setting. `ai-coder doctor` lists them all.")
        }
        var providers: [any ConfigProvider] = []
        for values in [flags, environment] {
            let present = values.filter { !$0.value.isEmpty }
            providers.append(EnvironmentVariablesProvider(environmentVariables: present, secretsSpecifier: .all))
        }
        configFile = environment["AI_CODER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let configFile { providers.append(try await SettingsFile(configFile).provider()) }
        layers = providers.map { ConfigReader(provider: $0) }
    }

    static let knownKeys: Set<String> = Set(
        SettingName.allCases.flatMap { $0.mayComeFromFile ? [$0.rawValue, $0.rawValue + "_FILE"] : [$0.rawValue] })

    /// The value as text; nil when it is not set. In one source a setting stands plainly or as `NAME_FILE`, not both.
    func text(_ name: SettingName) throws -> String? {
        for layer in layers {
            if let text = try text(name, in: layer) { return text }
        }
        return nil
    }

    private func text(_ name: SettingName, in layer: ConfigReader) throws -> String? {
        let value = plain(name.rawValue, in: layer)
        guard name.mayComeFromFile, let path = plain(name.rawValue + "_FILE", in: layer) else { return value }
        guard value == nil else {
            throw SettingsFailure("\(name.rawValue) and \(name.rawValue)_FILE are both set; keep one of them.")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsFailure("\(name.rawValue)_FILE", value: path, expected: "the path of a file that can be read")
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else {
            throw SettingsFailure("\(name.rawValue)_FILE", value: path, expected: "a file with the value in it; it is empty")
        }
        return trimmed
    }

    /// The files that settings are read from: the YAML file, and those of `NAME_FILE` in any source.
    var files: [FilePath] {
        let named = SettingName.allCases.filter(\.mayComeFromFile).flatMap { name in
            layers.compactMap { plain(name.rawValue + "_FILE", in: $0) }
        }
        return ([configFile].compactMap { $0 } + named).map { path in
            path.hasPrefix("/") ? FilePath(path) : FilePath(FileManager.default.currentDirectoryPath).appending(path)
        }
    }

    private func plain(_ key: String, in layer: ConfigReader) -> String? {
        let value = layer.string(forKey: ConfigKey([key]), isSecret: true)
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    func secret(_ name: SettingName) throws -> Secret? { try text(name).map { Secret($0) } }

    func number(_ name: SettingName, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        try number(name, in: range) ?? fallback
    }

    func number(_ name: SettingName, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = try text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsFailure(name.rawValue, value: text, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func money(_ name: SettingName) throws -> Double? {
        guard let text = try text(name) else { return nil }
        guard let value = Double(text), value.isFinite, value > 0 else {
            throw SettingsFailure(name.rawValue, value: text, expected: "an amount of US dollars above 0, such as 2.50")
        }
        return value
    }

    /// `90s`, `60m`, `2h`, `500ms`, or plain seconds.
    func duration(_ name: SettingName, default fallback: Duration) throws -> Duration {
        guard let text = try text(name) else { return fallback }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let factor: Double? =
            switch text.dropFirst(digits.count) {
            case "ms": 0.001
            case "", "s": 1
            case "m", "min": 60
            case "h": 3600
            case "d": 86400
            default: nil
            }
        guard let factor, let value = Double(digits), value > 0, value * factor < 1e9 else {
            throw SettingsFailure(name.rawValue, value: text, expected: "a time above 0 such as 90s, 60m or 2h")
        }
        return .seconds(value * factor)
    }

    /// `512M`, `2GiB`, or plain bytes.
    func bytes(_ name: SettingName) throws -> Int? {
        guard let text = try text(name) else { return nil }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let factor: Double? =
            switch text.dropFirst(digits.count).lowercased() {
            case "", "b": 1
            case "k", "kb", "kib": 1024
            case "m", "mb", "mib": 1_048_576
            case "g", "gb", "gib": 1_073_741_824
            default: nil
            }
        guard let factor, let value = Double(digits), value * factor >= 1_048_576, value * factor < 1e15 else {
            throw SettingsFailure(name.rawValue, value: text, expected: "a size of at least 1M, such as 512M or 2G")
        }
        return Int(value * factor)
    }

    func choice<Value: RawRepresentable & CaseIterable>(_ name: SettingName) throws -> Value?
    where Value.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let value = Value(rawValue: text.lowercased()) else {
            let list = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsFailure(name.rawValue, value: name.isSecret ? nil : text, expected: "one of \(list)")
        }
        return value
    }

    /// Comma-separated, or a YAML list.
    func list(_ name: SettingName) throws -> [String] {
        var whole: [String] = []
        for layer in layers where whole.isEmpty {
            let values = layer.stringArray(forKey: ConfigKey([name.rawValue]), isSecret: true) ?? []
            whole = try values.isEmpty ? text(name, in: layer).map { [$0] } ?? [] : values
        }
        return whole.flatMap { $0.split(whereSeparator: { $0 == "," || $0.isNewline }) }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// As `url`, with no slash at its end, since paths are put behind it.
    func baseURL(_ name: SettingName) throws -> String? {
        guard var url = try url(name) else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    /// An http or https URL without user or fragment, as it was written.
    func url(_ name: SettingName) throws -> String? {
        guard let text = try text(name) else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.fragment == nil
        else {
            throw SettingsFailure(
                name.rawValue, value: name.isSecret ? nil : text, expected: "a URL such as https://gitlab.example.com")
        }
        return text
    }

    /// The path of a file that can be read, from the root on: programs that run elsewhere are given it.
    func file(_ name: SettingName) throws -> FilePath? {
        guard let text = try text(name) else { return nil }
        guard !text.contains("\0"), FileManager.default.isReadableFile(atPath: text) else {
            throw SettingsFailure(name.rawValue, value: text, expected: "the path of a file that can be read")
        }
        return Self.absolute(text)
    }

    static func absolute(_ path: String) -> FilePath {
        path.hasPrefix("/") ? FilePath(path) : FilePath(FileManager.default.currentDirectoryPath).appending(path).lexicallyNormalized()
    }
}
