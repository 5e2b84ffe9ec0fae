import Foundation

/// The paths the stand-in knows. Matching happens on segments that are still percent-encoded, because a project's path
/// (`group%2Fproject`) and a file's path (`src%2Fmain.c`) are one segment each.
struct RouteTable: Sendable {
    typealias Handler = @Sendable (GitLabWorld, GitLabCall) async throws -> GitLabReply

    struct Route: Sendable {
        let method: String
        /// As in GitLab's own description, e.g. `projects/{id}/issues/{issue_iid}`.
        let pattern: String
        let segments: [String]
        let handler: Handler
    }

    private(set) var routes: [Route] = []
    private var byCount: [Int: [Int]] = [:]

    mutating func add(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
        let segments = pattern.split(separator: "/").map(String.init)
        byCount[segments.count, default: []].append(routes.count)
        routes.append(Route(method: method, pattern: pattern, segments: segments, handler: handler))
    }

    enum Match {
        case found(Route, parameters: [String: String])
        case wrongMethod(allowed: [String])
        case none
    }

    func match(_ method: String, _ raw: [String]) -> Match {
        var allowed: [String] = []
        for index in byCount[raw.count] ?? [] {
            let route = routes[index]
            guard let parameters = Self.parameters(of: route.segments, in: raw) else { continue }
            if route.method == method { return .found(route, parameters: parameters) }
            allowed.append(route.method)
        }
        return allowed.isEmpty ? .none : .wrongMethod(allowed: allowed)
    }

    private static func parameters(of pattern: [String], in raw: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (expected, actual) in zip(pattern, raw) {
            if expected.hasPrefix("{") {
                parameters[String(expected.dropFirst().dropLast())] = actual.removingPercentEncoding ?? actual
            } else if expected != actual {
                return nil
            }
        }
        return parameters
    }
}
