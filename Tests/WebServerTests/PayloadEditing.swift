import Foundation

/// A payload with some values replaced; a path is keys with dots between.
func edited(_ text: String, _ changes: [String: any Sendable]) throws -> String {
    func set(_ value: Any, _ path: ArraySlice<Substring>, in object: [String: Any]) -> [String: Any] {
        guard let key = path.first.map(String.init) else { return object }
        var object = object
        object[key] = path.count == 1 ? value : set(value, path.dropFirst(), in: object[key] as? [String: Any] ?? [:])
        return object
    }
    var object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    for (path, value) in changes { object = set(value, path.split(separator: ".")[...], in: object) }
    return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
}
