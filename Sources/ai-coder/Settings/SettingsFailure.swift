/// A setting that can't be read: its name, its value unless it is a secret, and what is expected.
struct SettingsFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(_ name: String, value: String?, expected: String) {
        let shown = value.map { " is \"\($0.prefix(200))\"" } ?? " has a value that can't be used"
        description = "\(name)\(shown); expected \(expected)."
    }
}
