/// Any JSON, for what has no fixed shape: tool arguments, tool schemas, blocks of kinds that we don't know.
///
/// Objects keep their order, so that encoding is stable (a prompt cache depends on it).
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Any other number, as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}
