import Foundation
import Rehearsal
import TestSupport

/// GitLab's own description of its API, for checking that requests and routes exist there. It lies beside the repository,
/// not in it; without it the checks say that they were left out.
struct OpenAPIDescription: Sendable {
    let document: GitLabJSON

    /// Found by walking up from this file; nil when it isn't there.
    static let shared: OpenAPIDescription? = {
        guard let path = SharedFiles.find("gitlab/openapi/gitlab-openapi-v3-bot-subset.json"),
            let data = FileManager.default.contents(atPath: path), let document = try? GitLabJSON(parsing: data)
        else {
            print("NOTE: GitLab's API description (shared/gitlab/openapi) is missing; requests are NOT checked against it.")
            return nil
        }
        return OpenAPIDescription(document: document)
    }()

    struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    /// `/projects/{id}/issues/{}` with the parameter names taken out.
    static func shape(_ path: String) -> [String] {
        path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }
    }

    func operation(_ method: String, _ path: String) -> GitLabJSON? {
        let wanted = path.split(separator: "/").map(String.init)
        let candidates = (document["paths"]?.object ?? [:]).filter { pattern, _ in
            let shape = Self.shape(pattern)
            return shape.count == wanted.count && zip(shape, wanted).allSatisfy { $0 == "{}" || $0 == $1 }
        }
        // The most literal path wins, as `members/all` over `members/{user_id}`.
        let best = candidates.filter { $0.value[method.lowercased()] != nil }.max { left, right in
            Self.shape(left.key).filter { $0 != "{}" }.count < Self.shape(right.key).filter { $0 != "{}" }.count
        }
        return best?.value[method.lowercased()]
    }

    func knows(_ method: String, _ pattern: String) -> Bool {
        let wanted = Self.shape(pattern)
        return (document["paths"]?.object ?? [:]).contains { Self.shape($0.key) == wanted && $0.value[method.lowercased()] != nil }
    }

    /// Whether the description knows this path, method and every parameter of the request, and misses none that it requires.
    func check(_ method: String, _ target: String, _ body: GitLabJSON?) throws {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        guard let operation = operation(method, parts[0]) else {
            throw Mismatch(description: "GitLab's description knows no \(method) \(parts[0])")
        }
        let parameters = operation["parameters"]?.list ?? []
        let known = Set(parameters.filter { $0["in"]?.text == "query" }.compactMap { $0["name"]?.text }.map(Self.plain))
        var used: Set<String> = []
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let name = Self.plain(String(pair.prefix { $0 != "=" }).removingPercentEncoding ?? "")
            used.insert(name)
            guard known.contains(name) else {
                throw Mismatch(description: "\(method) \(parts[0]) has no parameter \(name)")
            }
        }
        for parameter in parameters where parameter["in"]?.text == "query" && parameter["required"] == true {
            let name = Self.plain(parameter["name"]?.text ?? "")
            guard used.contains(name) else { throw Mismatch(description: "\(method) \(parts[0]) lacks \(name)") }
        }
        // The description's body for commits is known to be wrong.
        guard let sent = body?.object, !parts[0].hasSuffix("/repository/commits") else { return }
        let schema = resolve(operation["requestBody"]?["content"]?["application/json"]?["schema"] ?? .null)
        guard let properties = schema["properties"]?.object else { return }
        for name in sent.keys where properties[name] == nil {
            throw Mismatch(description: "\(method) \(parts[0]) has no attribute \(name) in its body")
        }
        for name in (schema["required"]?.list ?? []).compactMap(\.text) where sent[name] == nil {
            throw Mismatch(description: "\(method) \(parts[0]) lacks the attribute \(name)")
        }
    }

    private static func plain(_ name: String) -> String { String(name.prefix { $0 != "[" }) }

    private func resolve(_ schema: GitLabJSON) -> GitLabJSON {
        guard let reference = schema["$ref"]?.text, let name = reference.split(separator: "/").last else { return schema }
        return document["components"]?["schemas"]?[String(name)] ?? .null
    }
}
