/// A value that must never be seen: printing, interpolating or reflecting it gives `***`.
///
/// Reading it takes a call to `reveal()`, so that each place that does can be found and looked at.
package struct Secret: Sendable, Hashable {
    private let value: String

    package init(_ value: String) { self.value = value }

    /// The value itself, for the one call that needs it.
    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
