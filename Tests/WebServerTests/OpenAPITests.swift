import Domain
import Foundation
import GitLabAPI
import Hummingbird
import Logging
import SQLiteStore
import Secrets
import Testing
import Yams

@testable import WebServer

@Suite("openapi.yaml")
struct OpenAPITests {
    private static func routes() throws -> Set<String> {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("openapi-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let store = try SQLiteStore.open(path: file)
        let logger = Logger(label: "test")
        let server = WebServer(
            settings: WebServerSettings(), store: store,
            verifier: try DeliveryVerifier([.init(.token, Secret(WebBench.token))]), bot: { nil }, logger: logger)
        let router = try server.router(metrics: ServerMetrics(store: store, version: "", logger: logger, now: Date()))
        return Set(router.routes.map { "\($0.method.rawValue.lowercased()) \($0.path.description)" })
    }

    private static func document() throws -> [String: Any] {
        try #require(try Yams.load(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self)) as? [String: Any])
    }

    @Test("every route is described, and everything described is a route")
    func complete() throws {
        let paths = try #require(try Self.document()["paths"] as? [String: [String: Any]])
        let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } })
        #expect(try Self.routes() == described)
    }

    @Test("every operation behind the gate tells what the gate answers")
    func gate() throws {
        #expect(DescribedStatuses.all.count > 15)
        for (name, statuses) in DescribedStatuses.all where name.contains(" /api/") || name.hasSuffix("/metrics") {
            #expect(statuses.isSuperset(of: [401, 403, 429]), "\(name)")
        }
    }

    @Test("every reference in it leads somewhere")
    func references() throws {
        let document = try Self.document()
        func walk(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String {
                    let target = reference.dropFirst(2).split(separator: "/").reduce(document as Any?) { place, key in
                        (place as? [String: Any])?[String(key)]
                    }
                    #expect(target != nil, "\(reference)")
                }
                object.values.forEach(walk)
            } else if let array = value as? [Any] {
                array.forEach(walk)
            }
        }
        walk(document)
    }

    @Test("the task JSON it describes has the keys that are taken, and the statuses are the real ones")
    func schemas() throws {
        let components = try #require(try Self.document()["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let request = try #require(schemas["TaskRequest"]?["properties"] as? [String: Any])
        #expect(Set(request.keys) == Set(TaskRequest.Key.allCases.map(\.rawValue)))
        #expect(Set(schemas["Status"]?["enum"] as? [String] ?? []) == Set(TaskStatus.allCases.map(\.rawValue)))
        let task = try #require(schemas["Task"]?["properties"] as? [String: [String: Any]])
        #expect(Set(task["kind"]?["enum"] as? [String] ?? []) == Set(CodingTask.Kind.allCases.map(\.rawValue)))
    }
}
