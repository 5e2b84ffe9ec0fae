/// Which paths may be in a tree at all.
enum PathRules {
    /// Relative, without empty, `.` or `..` parts, and with no part that some file system would take for `.git`.
    static func isSafe(_ path: some Collection<UInt8>) -> Bool {
        guard !path.isEmpty, !path.contains(0) else { return false }
        return path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8) && !isGitLike(part)
        }
    }

    /// Whether a name is `.git` after case folding, without ignorable code points, trailing dots and spaces, as a DOS short
    /// name, or in front of an NTFS stream.
    static func isGitLike(_ part: some Collection<UInt8>) -> Bool {
        // Most names: no need to decode them.
        guard part.count >= 4, part.contains(where: { $0 | 0x20 == UInt8(ascii: "g") }) else { return false }
        let separators: Set<UInt8> = [UInt8(ascii: "\\"), UInt8(ascii: ":")]
        return part.split(whereSeparator: separators.contains).contains { piece in
            var name = String(
                String.UnicodeScalarView(
                    String(decoding: piece, as: UTF8.self).unicodeScalars.filter { !isIgnorable($0) })
            ).lowercased()
            while name.hasSuffix(".") || name.hasSuffix(" ") { name.removeLast() }
            if name == ".git" { return true }
            return name.hasPrefix("git~") && name.count == 5 && name.last?.isNumber == true
        }
    }

    private static func isIgnorable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200C...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xAD: true
        default: false
        }
    }
}
