/// Addresses that stand in the text as they are.
extension InlineFilter {
    mutating func url() {
        guard isAddress(at: index) || has("www.", at: index, ignoringCase: true) else {
            if source[index] == "H" || source[index] == "W" { key() } else { keep() }
            return
        }
        var end = index
        while end < source.count, !WebAddress.ends(source[end]) { end += 1 }
        while end > index, Self.closingMarks.contains(source[end - 1]) { end -= 1 }
        // Readers take everything up to the next space for the address, whatever it is escaped with, and other blanks than the
        // plain ones are no spaces for them: what looks like code behind it would be the address's.
        let rest = source[end...].prefix { $0 != " " && $0 != "\t" }
        let text = String(String.UnicodeScalarView(source[index..<end]))
        if WebAddress.isRisky(text) || !rest.allSatisfy(Self.closingMarks.contains) {
            wrap(end - index)
        } else {
            keep(end - index)
        }
    }

    static let closingMarks = Set(".,:;!?)'\"*_".unicodeScalars)
}
