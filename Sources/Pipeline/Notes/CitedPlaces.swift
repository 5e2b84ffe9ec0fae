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
        // Only characters that mean themselves in an address.
        let pattern = /([A-Za-z0-9_.][A-Za-z0-9_.\/+\-]*)(?::|#L)([0-9]{1,7})(?:-L?([0-9]{1,7}))?/
        var places: [Place] = []
        for match in text.matches(of: pattern) where places.count < most {
            guard let start = Int(match.output.2), start > 0 else { continue }
            let end = match.output.3.flatMap { Int($0) } ?? start
            let path = match.output.1.hasPrefix("./") ? String(match.output.1.dropFirst(2)) : String(match.output.1)
            let place = Place(path: path, start: start, end: max(start, end))
            if !places.contains(place) { places.append(place) }
        }
        return places
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
