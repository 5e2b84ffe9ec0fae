internal import Transport

extension GitLabClient {
    /// All pages of a list, one after the other, up to `limit` entries.
    ///
    /// It follows `Link: rel="next"`, which exists for every kind of paging, and takes only path and query from it.
    func list<Element: Decodable>(
        _ call: GitLabCall, as type: Element.Type = Element.self, perPage: Int? = 100, limit: Int = 10_000
    ) async throws(GitLabFailure) -> [Element] {
        var page = call
        if let perPage { page.query.append(("per_page", String(perPage))) }
        var elements: [Element] = []
        var seen: Set<String> = []
        // A server may go on naming pages that hold nothing.
        while seen.insert(page.target).inserted, seen.count <= Self.mostPages {
            let reply = try await reply(to: page)
            elements += try decode(reply, call) as [Element]
            guard elements.count < limit, let next = Self.next(reply, after: page) else { break }
            page = next
        }
        return Array(elements.prefix(limit))
    }

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
