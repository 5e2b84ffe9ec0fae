import Foundation
import Testing
import Yams

@testable import WebServer

/// What `openapi.yaml` says about each operation's answers, held against every answer that the tests get.
enum DescribedStatuses {
    /// By method and path, as the description spells them.
    static let all: [String: Set<Int>] = {
        let document = try? Yams.load(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self)) as? [String: Any]
        let paths = document?["paths"] as? [String: [String: [String: Any]]] ?? [:]
        var all: [String: Set<Int>] = [:]
        for (path, operations) in paths {
            for (method, operation) in operations {
                let responses = operation["responses"] as? [String: Any] ?? [:]
                all["\(method) \(path)"] = Set(responses.keys.compactMap { Int($0) })
            }
        }
        return all
    }()

    /// A status of an operation that is described must be among those described; what is no operation is nobody's promise.
    static func check(_ method: String, _ path: String, _ status: Int) {
        let parts = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        let name = all.keys.first { name in
            let words = name.split(separator: " ")
            guard words.first?.uppercased() == method, let template = words.last?.split(separator: "/", omittingEmptySubsequences: false),
                template.count == parts.count
            else { return false }
            return zip(template, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        guard let name, let described = all[name], status != 0 else { return }
        #expect(described.contains(status), "openapi.yaml does not describe \(status) of \(name)")
    }
}
