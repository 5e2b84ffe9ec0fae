import Configuration
import Foundation
import SystemPackage
import Yams

/// The YAML file named by `AI_CODER_CONFIG`. What it can't mean is refused by name: nothing in it is passed over in silence.
struct SettingsFile {
    private let path: String

    init(_ path: String) { self.path = path }

    func provider() async throws -> any ConfigProvider {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw SettingsFailure("AI_CODER_CONFIG", value: path, expected: "the path of a YAML file that can be read")
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw SettingsFailure("\(path) is not YAML: \(error)".replacingOccurrences(of: "\n", with: " "))
        }
        let isEmpty = root.map { $0.scalar != nil && $0.null != nil } ?? true
        guard !isEmpty else { return EnvironmentVariablesProvider(environmentVariables: [:]) }
        guard case .mapping(let mapping)? = root else {
            throw SettingsFailure("\(path) holds no settings: expected lines such as `WORKERS: 2`.")
        }
        for (key, value) in mapping { try check(key, value) }
        guard !mapping.isEmpty else { return EnvironmentVariablesProvider(environmentVariables: [:]) }
        do {
            return try await FileProvider<YAMLSnapshot>(parsingOptions: .init(secretsSpecifier: .all), filePath: FilePath(path))
        } catch {
            throw SettingsFailure("\(path) can't be read as settings: \(error)".replacingOccurrences(of: "\n", with: " "))
        }
    }

    private func check(_ key: Node, _ value: Node) throws {
        guard let key = key.scalar?.string else {
            throw SettingsFailure("\(path) has a key that is no word. Keys are the names of the environment variables.")
        }
        guard SettingsReader.knownKeys.contains(key) else {
            throw SettingsFailure("\(path) has the key \(key), which is no setting. Keys are the names of the environment variables.")
        }
        let isList = SettingName(rawValue: key)?.isList == true
        switch value {
        case .scalar, .alias: return
        case .sequence(let items) where isList && items.allSatisfy({ $0.scalar != nil }): return
        case .sequence, .mapping:
            let kind = if case .mapping = value { "keys of its own" } else { "a list" }
            throw SettingsFailure("\(key) in \(path) has \(kind); expected \(isList ? "a list of words, or one line with commas" : "a single value").")
        }
    }
}
