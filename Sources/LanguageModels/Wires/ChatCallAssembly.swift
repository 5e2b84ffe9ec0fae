/// Joins the fragments of tool calls, which each server numbers and names in its own way.
struct ChatCallAssembly: Sendable {
    private struct Call {
        var index: Int?
        var id: String?
        var name = ""
        var arguments = ""
    }
    private var calls: [Call] = []

    mutating func add(_ fragments: [JSONValue]) throws(ReplyTrouble) {
        for fragment in fragments {
            add(fragment)
            try ReplyBounds.check(calls.count)
        }
    }

    private mutating func add(_ fragment: JSONValue) {
        let id = fragment["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let index = fragment["index"]?.int
        let function = fragment["function"] ?? [:]
        let name = function["name"]?.string ?? ""
        let place = place(id: id, index: index, name: name)
        // Absent, null and empty mean the same, and repetitions are no continuation.
        if let id { calls[place].id = id }
        if !name.isEmpty { calls[place].name = name }
        if let arguments = function["arguments"] { calls[place].arguments += arguments.string ?? arguments.text }
    }

    private mutating func place(id: String?, index: Int?, name: String) -> Int {
        if let id {
            if let known = calls.lastIndex(where: { $0.id == id && (index == nil || $0.index == nil || $0.index == index) }) {
                return known
            }
            if let index, let known = calls.lastIndex(where: { $0.index == index }), calls[known].id == nil { return known }
            return open(index)
        }
        if let index { return calls.lastIndex { $0.index == index } ?? open(index) }
        guard let newest = calls.last else { return open(nil) }
        // Without id and index a new name after a whole call begins another one.
        let isWhole = (try? JSONValue(parsing: newest.arguments))?.members != nil
        return !name.isEmpty && !newest.name.isEmpty && isWhole ? open(nil) : calls.count - 1
    }

    private mutating func open(_ index: Int?) -> Int {
        calls.append(Call(index: index))
        return calls.count - 1
    }

    func finish(_ context: inout ReplyContext) -> [ToolCall] {
        calls.enumerated().map { index, call in
            ToolCall(
                id: context.unique(call.id, index: index), name: call.name, arguments: ToolArguments.read(call.arguments))
        }
    }
}
