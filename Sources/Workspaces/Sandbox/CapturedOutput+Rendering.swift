extension CapturedOutput {
    /// Renders what was kept as text that can do nothing to a terminal, a log or a page.
    init(_ output: BoundedOutput) {
        guard output.isTruncated else {
            self.init(text: Self.printable(output.bytes), totalBytes: output.total, isTruncated: false)
            return
        }
        var text = Self.printable(output.head)
        if !text.hasSuffix("\n") { text += "\n" }
        text += "[\(output.omitted) bytes left out]\n"
        text += Self.printable(output.tail)
        self.init(text: text, totalBytes: output.total, isTruncated: true)
    }

    private static func printable(_ bytes: [UInt8]) -> String {
        var text = ""
        text.reserveCapacity(bytes.count)
        var afterReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            // A carriage return ends a line, whether it is Windows' or a progress bar's.
            if afterReturn, scalar != "\n" { text += "\n" }
            afterReturn = scalar == "\r"
            switch scalar {
            case "\n", "\t": text.unicodeScalars.append(scalar)
            case "\r": continue
            default:
                if scalar.properties.generalCategory == .control || isBidirectional(scalar) {
                    text += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text
    }

    /// Marks that change the order in which text is shown.
    private static func isBidirectional(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}
