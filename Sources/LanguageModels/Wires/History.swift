/// A conversation as all wires need it: each call has its result directly after it, and nothing is empty.
struct History {
    enum Item {
        case user([String])
        case assistant(ModelTurn)
        case results([ToolResult], texts: [String])
    }

    private(set) var items: [Item] = []

    init(_ conversation: Conversation) {
        var open: [ToolCall] = []
        for message in conversation.messages {
            switch message {
            case .user(let text):
                close(&open)
                append(text)
            case .assistant(let turn):
                close(&open)
                guard !turn.text.isEmpty || !turn.calls.isEmpty || !Self.isEmpty(turn.raw) else { continue }
                items.append(.assistant(turn))
                open = turn.calls
            case .toolResults(let results, let text):
                close(&open, with: results)
                if let text { append(text) }
            }
        }
        close(&open)
        if case .assistant(let turn)? = items.last, turn.stop != .paused {
            // A trailing turn of the model would be taken for the beginning of its reply, which most refuse.
            items.append(.user(["Go on."]))
        }
    }

    private static func isEmpty(_ raw: String) -> Bool { raw.isEmpty || raw == "[]" || raw == "{}" }

    /// A call without a result, or a result without a call, is an error everywhere.
    private mutating func close(_ open: inout [ToolCall], with results: [ToolResult] = []) {
        guard !open.isEmpty else { return }
        let paired = open.map { call in
            results.first { $0.callID == call.id }
                ?? ToolResult(callID: call.id, content: "No result: the call was not carried out.", isError: true)
        }
        items.append(.results(paired, texts: []))
        open = []
    }

    private mutating func append(_ text: String) {
        let text = text.allSatisfy(\.isWhitespace) ? "(no text)" : text
        switch items.last {
        case .user(let texts)?: items[items.count - 1] = .user(texts + [text])
        case .results(let results, let texts)?: items[items.count - 1] = .results(results, texts: texts + [text])
        case .assistant?, nil: items.append(.user([text]))
        }
    }
}

/// Ids of calls that come from another server, in the form that this one accepts.
struct CallIDs {
    private var mapped: [String: String] = [:]
    private var taken: Set<String> = []
    /// OpenAI refuses longer ones.
    private static let longest = 40

    mutating func keep(_ calls: [ToolCall]) {
        for call in calls {
            mapped[call.id] = call.id
            taken.insert(call.id)
        }
    }

    mutating func translate(_ calls: [ToolCall]) {
        for call in calls {
            let base = call.id.utf8.prefix(Self.longest - 4).map { byte -> Character in
                let character = Character(Unicode.Scalar(byte))
                return character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
                    ? character : "_"
            }
            var id = call.id.utf8.count <= Self.longest && String(base) == call.id ? call.id : String(base)
            var number = 2
            while taken.contains(id) || id.isEmpty {
                id = "\(String(base))_\(number)"
                number += 1
            }
            mapped[call.id] = id
            taken.insert(id)
        }
    }

    subscript(_ id: String) -> String { mapped[id] ?? id }
}

/// A name that services accept in history, whatever the model called.
func wireToolName(_ name: String) -> String {
    let mapped = name.unicodeScalars.prefix(64).map { scalar -> Character in
        let character = Character(scalar)
        return character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character)) ? character : "_"
    }
    return mapped.isEmpty ? "unknown" : String(mapped)
}
