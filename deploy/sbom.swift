// Writes the software bill of materials of what is built into the program, as CycloneDX 1.6 JSON, to standard output.
//
//   swift deploy/sbom.swift VERSION [Package.resolved]
//
// Run it after a build, which resolves the packages. What an image adds from Debian is listed by dpkg inside it.
// Formats: https://cyclonedx.org/docs/1.6/json/ and https://github.com/package-url/purl-spec.
import Foundation

struct Resolved: Decodable {
    struct Pin: Decodable {
        struct State: Decodable {
            var revision: String
            var version: String?
        }
        var identity: String
        var location: String
        var state: State
    }
    var pins: [Pin]
}

struct Bill: Encodable {
    struct Component: Encodable {
        struct Reference: Encodable {
            var type = "vcs"
            var url: String
        }
        struct Property: Encodable {
            var name: String
            var value: String
        }
        enum CodingKeys: String, CodingKey {
            case type, bomRef = "bom-ref", name, version, purl, externalReferences, properties
        }
        var type: String
        var bomRef: String
        var name: String
        var version: String
        var purl: String?
        var externalReferences: [Reference]?
        var properties: [Property]?
    }
    struct Metadata: Encodable {
        var component: Component
    }
    struct Dependency: Encodable {
        var ref: String
        var dependsOn: [String]
    }
    var bomFormat = "CycloneDX"
    var specVersion = "1.6"
    var version = 1
    var metadata: Metadata
    var components: [Component]
    var dependencies: [Dependency]
}

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(1)
}

let arguments = CommandLine.arguments.dropFirst()
guard let version = arguments.first, arguments.count <= 2 else { fail("usage: swift deploy/sbom.swift VERSION [Package.resolved]") }
let file = arguments.dropFirst().first ?? "Package.resolved"
do {
    let resolved = try JSONDecoder().decode(Resolved.self, from: Data(contentsOf: URL(filePath: file)))
    let components = resolved.pins.sorted { $0.identity < $1.identity }.map { pin in
        guard let version = pin.state.version else { fail("\(pin.identity) is not pinned to a version.") }
        guard let url = URLComponents(string: pin.location), let host = url.host else { fail("\(pin.location) is no URL.") }
        let path = url.path.hasSuffix(".git") ? String(url.path.dropLast(4)) : url.path
        let purl = "pkg:swift/\(host)\(path)@\(version)"
        return Bill.Component(
            type: "library", bomRef: purl, name: pin.identity, version: version, purl: purl, externalReferences: [.init(url: pin.location)],
            properties: [.init(name: "git:revision", value: pin.state.revision)])
    }
    guard !components.isEmpty else { fail("\(file) names no package.") }
    let product = Bill.Component(type: "application", bomRef: "ai-coder", name: "ai-coder", version: version)
    let bill = Bill(
        metadata: .init(component: product), components: components,
        dependencies: [.init(ref: product.bomRef, dependsOn: components.map(\.bomRef))])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(bill) + Data("\n".utf8))
} catch {
    fail("\(file) can't be read: \(error)")
}
