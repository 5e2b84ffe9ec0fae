import Mustache

/// The pages' templates, embedded in the program. What goes into them is escaped, always.
struct Templates: Sendable {
    private let library: MustacheLibrary

    init() throws {
        // Mustache's own escaping goes by characters and misses a `<` that a combining mark has merged with. Each template
        // is told to use ours; set once, at the first use.
        _ = Self.registration
        let sources: [String: [UInt8]] = [
            "head": PackageResources.head_mustache, "foot": PackageResources.foot_mustache,
            "tasks": PackageResources.tasks_mustache, "task": PackageResources.task_mustache,
            "entry": PackageResources.entry_mustache, "names": PackageResources.names_mustache,
            "signin": PackageResources.signin_mustache, "problem": PackageResources.problem_mustache,
        ]
        var library = MustacheLibrary()
        for (name, bytes) in sources {
            try library.register("{{% CONTENT_TYPE:\(Self.contentType)}}\n" + String(decoding: bytes, as: UTF8.self), named: name)
        }
        self.library = library
    }

    func render(_ name: String, _ values: [String: Any]) -> String {
        library.render(values, withTemplate: name) ?? ""
    }

    private static let contentType = "AICODERHTML"
    private static let registration: Void = MustacheContentTypes.register(EscapedHTML(), named: contentType)
}

/// Escapes byte by byte, so that no neighbour can hide a character; safe in text and in quoted attributes.
struct EscapedHTML: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "\""): escaped += "&quot;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            case UInt8(ascii: "`"): escaped += "&#96;".utf8
            // Control characters are no text; a browser would show or drop them as it likes.
            case 0..<0x20 where byte != 0x09 && byte != 0x0A && byte != 0x0D, 0x7F: escaped += "\u{FFFD}".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
