/// Names that git, or git on another file system, takes for its own directory: case folding, NTFS short names, trailing
/// dots and spaces, alternate streams, back slashes, and code points that HFS+ leaves out.
package enum GitLookalike {
    /// Whether any component of a `/`-separated path, as git has it, is one.
    package static func isIn(path: [UInt8]) -> Bool {
        path.split(separator: UInt8(ascii: "/")).contains { matches(Array($0)) }
    }

    /// Whether one component is one, or hides one behind back slashes.
    package static func matches(_ component: [UInt8]) -> Bool {
        String(decoding: component, as: UTF8.self).unicodeScalars.split(separator: "\\").contains { part in
            var name = ""
            for scalar in part where !scalar.properties.isDefaultIgnorableCodePoint && !isControl(scalar) {
                name += scalar.properties.lowercaseMapping
            }
            if let stream = name.firstIndex(of: ":") { name = String(name[..<stream]) }
            while let last = name.last, last == "." || last == " " { name.removeLast() }
            return name == ".git" || isShortName(name)
        }
    }

    /// `git~1` and its siblings, which NTFS makes for `.git`.
    private static func isShortName(_ name: String) -> Bool {
        guard name.hasPrefix("git~") else { return false }
        let number = name.dropFirst(4)
        return !number.isEmpty && number.allSatisfy(\.isASCII) && number.allSatisfy(\.isNumber)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
