import Domain
import GitLabAPI
import Workspaces

/// The places that an answer names as `path:line` or `path:line-line`: each becomes a link, once it is sure that it is there.
/// A model may invent a file or count past its end; such a mention stays plain text.
struct CitedPlaces: Sendable {
    struct Place: Sendable, Hashable {
        var path: String
        var start: Int
        var end: Int

        var text: String { start == end ? "\(path):\(start)" : "\(path):\(start)-\(end)" }
        var anchor: String { start == end ? "L\(start)" : "L\(start)-\(end)" }
    }

    /// More would bury the answer.
    static let most = 20
    private static let largestFile = 4 << 20

    /// In the order of their first mention.
    static func mentioned(in text: String) -> [Place] {
        let pattern = /(?::|#L)([0-9]{1,7})(?:-L?([0-9]{1,7}))?/.matchingSemantics(.unicodeScalar)
        var places: [Place] = []
        var end = text.startIndex
        // The path is looked for backwards: forwards each of its signs would begin another one.
        for match in text.matches(of: pattern) where places.count < most {
            let path = path(before: match.range.lowerBound, after: end, in: text)
            end = match.range.upperBound
            guard !path.isEmpty, let first = Int(match.output.1), first > 0 else { continue }
            let last = match.output.2.flatMap { Int($0) } ?? first
            let place = Place(path: path.hasPrefix("./") ? String(path.dropFirst(2)) : path, start: first, end: max(first, last))
            if !places.contains(place) { places.append(place) }
        }
        return places
    }

    /// Only characters that mean themselves in an address.
    private static func path(before end: String.Index, after start: String.Index, in text: String) -> String {
        let scalars = text.unicodeScalars[start..<end].reversed().prefix { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_./+-".unicodeScalars.contains(scalar))
        }
        let path = scalars.prefix(1000).reversed().drop { "/+-".unicodeScalars.contains($0) }
        return String(String.UnicodeScalarView(path))
    }

    /// Those that the looked-at commit really has.
    static func found(in text: String, at checkout: Checkout, git: GitClient) async throws -> [Place] {
        var lines: [String: Int] = [:]
        var places: [Place] = []
        for place in mentioned(in: text) {
            if lines[place.path] == nil { lines[place.path] = try await lineCount(of: place.path, at: checkout, git: git) }
            if place.end <= lines[place.path, default: 0] { places.append(place) }
        }
        return places
    }

    private static func lineCount(of path: String, at checkout: Checkout, git: GitClient) async throws -> Int {
        do {
            guard let bytes = try await git.fileAtBase(path, in: checkout, limit: largestFile) else { return 0 }
            return bytes.count { $0 == UInt8(ascii: "\n") } + (bytes.last.map { $0 == UInt8(ascii: "\n") } ?? true ? 0 : 1)
        } catch let failure as GitFailure where failure.reason == .tooLarge {
            return 0
        }
    }

    /// `- [path:line](address at the commit)`, one a line.
    static func list(_ places: [Place], at commit: CommitID, project address: String) -> Markdown {
        .lines(
            places.map { place in
                "- \(Markdown.link(place.text, to: "\(address)/-/blob/\(commit.rawValue)/\(place.path)#\(place.anchor)"))"
            })
    }
}
