import Foundation
internal import Transport

/// GitLab's error bodies, of which there are many shapes: a message as text, list or object of lists, an `error` with
/// or without description, and plain text or a page from something in front of GitLab.
enum GitLabErrorBody {
    static let longest = 300

    static func text(_ reply: HTTPReply) -> String {
        guard let value = try? JSONSerialization.jsonObject(with: Data(reply.body), options: [.fragmentsAllowed]) else {
            // A page of HTML says nothing to a person.
            let text = reply.text
            return text.contains("<") ? "" : shortened(text)
        }
        guard let object = value as? [String: Any] else { return shortened(flat(value)) }
        let parts = ["message", "error", "error_description", "scope"].compactMap { object[$0] }.map(flat)
        return shortened(parts.filter { !$0.isEmpty }.joined(separator: ": "))
    }

    private static func flat(_ value: Any) -> String {
        switch value {
        case let text as String: text
        case let list as [Any]: list.map(flat).joined(separator: ", ")
        case let object as [String: Any]:
            object.keys.sorted().map { "\($0) \(flat(object[$0] ?? ""))" }.joined(separator: "; ")
        default: "\(value)"
        }
    }

    private static func shortened(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        return trimmed.count <= longest ? trimmed : trimmed.prefix(longest) + "..."
    }
}
