/// Text from outside as people see it: without the characters that hide, reorder or smuggle words.
package enum PlainText {
    /// Drops control, bidirectional, tag, zero-width and other invisible characters, and the white space around it all.
    ///
    /// Line ends become `\n`; tabs stay.
    package static func cleaned(_ text: some StringProtocol) -> String {
        cleaned(Array(text.utf8)[...])
    }

    static func cleaned(_ bytes: ArraySlice<UInt8>) -> String {
        var scalars = String.UnicodeScalarView()
        var lastWasReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { lastWasReturn = scalar == "\r" }
            switch scalar {
            case "\r", "\u{2028}", "\u{2029}": scalars.append("\n")
            case "\n": if !lastWasReturn { scalars.append("\n") }
            case _ where isVisible(scalar): scalars.append(scalar)
            default: break
            }
        }
        return trimmed(String(scalars))
    }

    /// Tabs and ordinary spaces count as visible.
    package static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F || scalar == "\t" }
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
