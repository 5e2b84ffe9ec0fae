internal import Transport

extension GitLabClient {
    /// All pages of a list, one after the other, up to `limit` entries.
    ///
    /// It follows `Link: rel="next"`, which exists for every kind of paging, and takes only path and query from it. Anybody who may
    /// comment can write comments of a megabyte: where a page of them is too large, smaller ones are read.
    func list<Element: Decodable>(
        _ call: GitLabCall, as type: Element.Type = Element.self, perPage: Int? = 100, limit: Int = 10_000
    ) async throws(GitLabFailure) -> [Element] {
        guard let perPage else { return try await pages(call, perPage: nil, limit: limit) }
        for size in [perPage, 20].filter({ $0 <= perPage }) {
            do {
                return try await pages(call, perPage: size, limit: limit)
            } catch {
                guard error.reason == .tooLarge else { throw error }
            }
        }
        return try await pages(call, perPage: min(perPage, 4), limit: limit)
    }

    private func pages<Element: Decodable>(_ call: GitLabCall, perPage: Int?, limit: Int) async throws(GitLabFailure) -> [Element] {
        var page = call
        if let perPage { page.query.append(("per_page", String(perPage))) }
        var elements: [Element] = []
        var seen: Set<String> = []
        var bytes = 0
        // A server may go on naming pages that hold nothing.
        while seen.insert(page.target).inserted, seen.count <= Self.mostPages {
            let reply = try await reply(to: page)
            bytes += reply.body.count
            guard bytes <= Self.mostBytes else {
                throw GitLabFailure(
                    .unreadable, "GitLab lists more than can be read, to \(call.purpose); go on in a new issue or merge request.",
                    call: call.description)
            }
            elements += try decode(reply, call) as [Element]
            guard elements.count < limit, let next = Self.next(reply, after: page) else { break }
            page = next
        }
        return Array(elements.prefix(limit))
    }

    /// Of one list, which is kept in memory.
    private static var mostBytes: Int { 256 << 20 }
    private static var mostPages: Int { 1_000 }

    private static func next(_ reply: HTTPReply, after page: GitLabCall) -> GitLabCall? {
        var next = page
        for header in reply.headers.all("link") {
            guard let url = LinkHeader.next(header) else { continue }
            guard let suffix = GitLabAddress.suffixAfterAPI(url) else { return nil }
            // The link is a whole target: path and query together.
            next.path = suffix
            next.query = []
            return next
        }
        // Some proxies drop Link.
        guard let number = reply.headers["x-next-page"], let value = Int(number), value > 1 else { return nil }
        next.query.removeAll { $0.name == "page" }
        next.query.append(("page", String(value)))
        return next
    }
}

/// The header `Link`, of which only `rel="next"` matters.
enum LinkHeader {
    static func next(_ header: String) -> String? {
        var rest = header[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let url = rest[rest.index(after: open)..<close]
            let tail = rest[rest.index(after: close)...]
            let parameters = tail.prefix { $0 != "<" }
            if parameters.replacing(" ", with: "").contains("rel=\"next\"") || parameters.contains("rel=next") {
                return String(url)
            }
            rest = tail.dropFirst(parameters.count)
        }
        return nil
    }
}
