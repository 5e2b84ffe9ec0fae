import Secrets

/// A setting that can't be read: its name, its value unless it is a secret, and what is expected.
struct SettingsFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(_ name: String, value: String?, expected: String) {
        // A password may stand in an address, and a token in the place of another setting.
        let shown = value.map { " is \"\(Redactor().redact($0).prefix(200))\"" } ?? " has a value that can't be used"
        description = "\(name)\(shown); expected \(expected)."
    }
}
