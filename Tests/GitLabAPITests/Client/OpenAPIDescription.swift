import Foundation
import TestSupport
import Transport

/// GitLab's own description of its REST API, to hold requests against: path, method, parameters and body.
///
/// Types of answers are not checked: that part of the description is known to be wrong in places.
struct OpenAPIDescription {
    typealias Object = [String: Any]

    private let paths: Object
    private let schemas: Object

    init() throws {
        let bytes = try SharedFiles.bytes("openapi/gitlab-openapi-v3-bot-subset.json")
        let root = try JSONSerialization.jsonObject(with: Data(bytes)) as? Object ?? [:]
        paths = root["paths"] as? Object ?? [:]
        schemas = (root["components"] as? Object)?["schemas"] as? Object ?? [:]
    }

    /// What is wrong with the request; empty when it is as described.
    func problems(with request: HTTPRequest, base: String) -> [String] {
        let parts = request.url.dropFirst(base.count).split(separator: "?", maxSplits: 1)
        let path = parts.first.map(String.init) ?? ""
        let method = request.method.lowercased()
        guard let (template, operation) = operation(path, method) else { return ["\(request.method) \(path) is not described"] }
        var problems: [String] = []
        let parameters = (operation["parameters"] as? [Object] ?? []).map(resolved)
        problems += queryProblems(parts.count > 1 ? String(parts[1]) : "", parameters)
        problems += pathProblems(path, template, parameters)
        problems += bodyProblems(request.body, operation)
        return problems.map { "\(request.method) \(template): \($0)" }
    }

    private func operation(_ path: String, _ method: String) -> (String, Object)? {
        let wanted = path.split(separator: "/")
        var best: (String, Object, Int)?
        for (template, value) in paths {
            let parts = template.split(separator: "/")
            guard parts.count == wanted.count, let operation = (value as? Object)?[method] as? Object,
                zip(parts, wanted).allSatisfy({ $0.hasPrefix("{") || $0 == $1 })
            else { continue }
            let fixed = parts.count { !$0.hasPrefix("{") }
            if fixed > best?.2 ?? -1 { best = (template, operation, fixed) }
        }
        return best.map { ($0.0, $0.1) }
    }

    private func queryProblems(_ query: String, _ parameters: [Object]) -> [String] {
        let described = parameters.filter { $0["in"] as? String == "query" }
        var sent: Set<String> = []
        var problems: [String] = []
        for pair in query.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).removingPercentEncoding ?? ""
            }
            let name = halves[0].hasSuffix("[]") ? String(halves[0].dropLast(2)) : halves[0]
            sent.insert(name)
            guard let parameter = described.first(where: { $0["name"] as? String == name }) else {
                problems.append("unknown parameter \(name)")
                continue
            }
            let schema = resolved(parameter["schema"] as? Object ?? [:])
            let value: Any = Int64(halves[1]).map { $0 as Any } ?? Bool(halves[1]).map { $0 as Any } ?? halves[1]
            problems += self.problems(name, halves[0].hasSuffix("[]") ? [value] : value, schema, isText: true)
        }
        for parameter in described where parameter["required"] as? Bool == true {
            if let name = parameter["name"] as? String, !sent.contains(name) { problems.append("\(name) is missing") }
        }
        return problems
    }

    private func pathProblems(_ path: String, _ template: String, _ parameters: [Object]) -> [String] {
        zip(template.split(separator: "/"), path.split(separator: "/")).flatMap { part, value -> [String] in
            guard part.hasPrefix("{"), let parameter = parameters.first(where: { "{\($0["name"] ?? "")}" == part }) else { return [] }
            let text = String(value).removingPercentEncoding ?? ""
            let schema = resolved(parameter["schema"] as? Object ?? [:])
            return problems(String(part), Int64(text).map { $0 as Any } ?? text, schema, isText: true)
        }
    }

    private func bodyProblems(_ body: [UInt8]?, _ operation: Object) -> [String] {
        let content = (operation["requestBody"] as? Object)?["content"] as? Object
        let schema = ((content?["application/json"] ?? content?.values.first) as? Object)?["schema"] as? Object
        guard let body else {
            let required = schema.map(resolved)?["required"] as? [String] ?? []
            return required.isEmpty ? [] : ["no body, but \(required) are required"]
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? Object else { return ["the body is no JSON object"] }
        guard let schema else { return object.isEmpty ? [] : ["a body is not described"] }
        return problems("body", object, resolved(schema), isText: false)
    }

    private func problems(_ name: String, _ value: Any, _ schema: Object, isText: Bool) -> [String] {
        if let choices = (schema["oneOf"] ?? schema["anyOf"]) as? [Object] {
            let results = choices.map { problems(name, value, resolved($0), isText: isText) }
            return results.contains([]) ? [] : results.first ?? []
        }
        if let allowed = schema["enum"] as? [Any], !(value is [Any]), !allowed.contains(where: { "\($0)" == "\(value)" }) {
            return ["\(name) is \(value), not one of \(allowed)"]
        }
        switch schema["type"] as? String {
        case "integer", "number": return value is NSNumber && !Self.isFlag(value) ? [] : ["\(name) is no number"]
        case "boolean": return Self.isFlag(value) ? [] : ["\(name) is no flag"]
        case "string": return value is String || isText ? [] : ["\(name) is no text"]
        case "array":
            // GitLab's own lists of labels are commas in one text.
            guard let list = value as? [Any] else { return value is String || isText ? [] : ["\(name) is no list"] }
            let items = resolved(schema["items"] as? Object ?? [:])
            return list.flatMap { problems("\(name)[]", $0, items, isText: isText) }
        case "object":
            guard let object = value as? Object else { return ["\(name) is no object"] }
            guard let properties = schema["properties"] as? Object else { return [] }
            var found = object.flatMap { key, value -> [String] in
                guard let property = properties[key] as? Object else { return ["\(name) has an unknown \(key)"] }
                return problems(key, value, resolved(property), isText: isText)
            }
            for key in schema["required"] as? [String] ?? [] where object[key] == nil { found.append("\(name) lacks \(key)") }
            return found
        default: return []
        }
    }

    private static func isFlag(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return value is Bool }
        return String(cString: number.objCType) == "c" || value is Bool && (number == 0 || number == 1) && type(of: value) == Bool.self
    }

    private func resolved(_ object: Object) -> Object {
        guard let reference = object["$ref"] as? String, let name = reference.split(separator: "/").last else { return object }
        return schemas[String(name)] as? Object ?? [:]
    }
}
