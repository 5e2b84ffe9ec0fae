/// Takes secrets out of texts that leave the process: the configured ones in their usual encodings, and whatever
/// has the shape of a token.
///
/// The work is proportional to the text's length, whatever the text holds. It can't find a secret that was
/// transformed in other ways (split, reversed, encrypted), so it is the last wall and never the only one.
package struct Redactor: Sendable {
    /// What stands where a secret was.
    package static let mark = "***"

    private let secrets: Set<Secret>
    private let needles: NeedleSet
    /// Shared by all copies.
    private let learned: LearnedSecrets

    package init(secrets: [Secret] = []) { self.init(Set(secrets), learned: LearnedSecrets()) }

    private init(_ secrets: Set<Secret>, learned: LearnedSecrets) {
        self.secrets = secrets
        self.learned = learned
        needles = NeedleSet(secrets)
    }

    package func adding(_ more: [Secret]) -> Redactor {
        secrets.isSuperset(of: more) ? self : Redactor(secrets.union(more), learned: learned)
    }

    /// From now on takes out these too, in every copy of this value: secrets that come with a task while the service runs.
    package func learn(_ more: [Secret]) { learned.add(more.filter { !secrets.contains($0) }) }

    /// The text with `***` in place of each secret.
    package func redact(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            let matches = SecretMatch.merged(matches(in: bytes))
            guard !matches.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var done = 0
            for match in matches {
                result += bytes[done..<match.range.lowerBound]
                result += Redactor.mark.utf8
                done = match.range.upperBound
            }
            result += bytes[done...]
            return String(decoding: result, as: UTF8.self)
        }
    }

    /// Where secrets stand, to refuse a commit; quiet on code that only names them and on obvious placeholders.
    package func findings(in text: String) -> [SecretFinding] {
        var text = text
        return text.withUTF8 { findings(in: $0) }
    }

    package func findings(in bytes: [UInt8]) -> [SecretFinding] {
        bytes.withUnsafeBufferPointer { findings(in: $0) }
    }

    private func findings(in bytes: UnsafeBufferPointer<UInt8>) -> [SecretFinding] {
        var findings: [SecretFinding] = []
        var (line, counted) = (1, 0)
        for match in matches(in: bytes).filter(\.isCertain).sorted() {
            let start = max(match.range.lowerBound, counted)
            while counted < start {
                if bytes[counted] == UInt8(ascii: "\n") { line += 1 }
                counted += 1
            }
            let finding = SecretFinding(line: line, kind: match.kind)
            if findings.last?.line != line { findings.append(finding) }
        }
        return findings
    }

    private func matches(in bytes: UnsafeBufferPointer<UInt8>) -> [SecretMatch] {
        var scanner = ShapeScanner(bytes)
        let later = learned.needles
        return known(later, in: bytes) + scanner.matches()
    }

    /// The known secrets as they stand in the text, and as they stand in it once escapes are undone and torn parts are joined.
    private func known(_ later: NeedleSet, in text: UnsafeBufferPointer<UInt8>) -> [SecretMatch] {
        guard !needles.isEmpty || !later.isEmpty else { return [] }
        var found = needles.matches(in: text) + later.matches(in: text)
        func look(into plain: PlainBytes, atLeast shortest: Int = 0, origin: (Range<Int>) -> Range<Int>) {
            plain.bytes.withUnsafeBufferPointer { bytes in
                for match in needles.matches(in: bytes) + later.matches(in: bytes) where match.range.count >= shortest {
                    found.append(SecretMatch(range: origin(match.range), kind: match.kind, isCertain: match.isCertain))
                }
            }
        }
        if let torn = PlainBytes.squeezed(text) { look(into: torn, atLeast: Self.shortestTorn, origin: torn.origin) }
        guard let once = PlainBytes.unescaped(text) else { return found }
        // A backslash of its own in an address.
        if let address = PlainBytes.unescaped(text, marks: "%") { look(into: address, origin: address.origin) }
        look(into: once, origin: once.origin)
        once.bytes.withUnsafeBufferPointer { bytes in
            if let torn = PlainBytes.squeezed(bytes) {
                look(into: torn, atLeast: Self.shortestTorn) { once.origin(of: torn.origin(of: $0)) }
            }
            // What was put into JSON or an address twice.
            if let twice = PlainBytes.unescaped(bytes) { look(into: twice) { once.origin(of: twice.origin(of: $0)) } }
        }
        return found
    }

    /// Shorter ones may come about by chance where lines are joined.
    private static let shortestTorn = 12
}
