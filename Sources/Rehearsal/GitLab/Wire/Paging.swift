import Foundation

/// Offset pagination with GitLab's headers. The API hides totals above 10,000 rows.
struct Paging {
    let page: Int
    let perPage: Int

    init(_ call: GitLabCall) throws {
        page = max(1, call.query["page"]?.int ?? 1)
        perPage = min(100, max(1, call.query["per_page"]?.int ?? 20))
    }

    func reply(_ items: [GitLabJSON], to call: GitLabCall) -> GitLabReply {
        let start = min(items.count, (page - 1) * perPage)
        let end = min(items.count, start + perPage)
        let pages = max(1, (items.count + perPage - 1) / perPage)
        let next = end < items.count ? page + 1 : nil
        let previous = page > 1 ? page - 1 : nil
        var links: [String] = []
        if let previous { links.append(link(previous, "prev", call)) }
        if let next { links.append(link(next, "next", call)) }
        links.append(link(1, "first", call))
        let countsAreShown = items.count <= 10_000
        if countsAreShown { links.append(link(pages, "last", call)) }
        var headers: [(name: String, value: String)] = [
            ("Link", links.joined(separator: ", ")),
            ("X-Next-Page", next.map(String.init) ?? ""),
            ("X-Page", String(page)),
            ("X-Per-Page", String(perPage)),
            ("X-Prev-Page", previous.map(String.init) ?? ""),
        ]
        if countsAreShown {
            headers.append(("X-Total", String(items.count)))
            headers.append(("X-Total-Pages", String(pages)))
        }
        return GitLabReply(200, .json(.list(Array(items[start..<end]))), headers: headers)
    }

    private func link(_ page: Int, _ relation: String, _ call: GitLabCall) -> String {
        var parts = ["page=\(page)", "per_page=\(perPage)"]
        for (name, value) in call.query.sorted(by: { $0.key < $1.key }) where name != "page" && name != "per_page" {
            if let items = value.list {
                parts += items.compactMap(\.text).map { "\(name)[]=\(Self.escaped($0))" }
            } else if let text = value.text {
                parts.append("\(name)=\(Self.escaped(text))")
            }
        }
        return "<\(call.baseURL)\(call.path)?\(parts.joined(separator: "&"))>; rel=\"\(relation)\""
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
