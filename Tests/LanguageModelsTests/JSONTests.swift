import LanguageModels
import Testing

@Suite struct JSONTests {
    @Test(
        "a text comes back as it was: order, doubled names and numbers kept",
        arguments: [
            #"{"b":1,"a":[true,false,null,-0,1.50,1e400,12345678901234567890],"b":{"c":""}}"#,
            #"["a\"b\\c\n\u0001 é 😀"]"#, "0", "-1", "[]", "{}",
        ])
    func roundTrip(_ text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test(
        "escapes are read, halves of pairs replaced",
        arguments: [
            (#""\u00e9\/\b\f""#, "é/\u{8}\u{c}"), (#""\ud83d\ude00""#, "😀"), (#""\ud83dx""#, "\u{FFFD}x"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"),
        ])
    func escapes(_ text: String, _ expected: String) throws {
        #expect(try JSONValue(parsing: text).string == expected)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\"}", "01", "1.", "+1", "tru", "\"\n\"", "\"\\x\"", "\"\\u12\"", "1 2", "nul", "{'a':1}", "\"a",
        ])
    func refused(_ text: String) {
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: text) }
    }

    @Test("nesting has a limit")
    func depth() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: deep) }
        let allowed = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(try JSONValue(parsing: allowed).text == allowed)
    }

    @Test("members are found, null counts as absent, the last of a doubled name wins")
    func access() throws {
        let value = try JSONValue(parsing: #"{"a":1,"n":null,"a":2.0,"l":["x"]}"#)
        #expect(value["a"]?.int == 2)
        #expect(value["n"] == nil)
        #expect(value["l"]?[0]?.string == "x")
        #expect(value["l"]?[1] == nil)
    }
}
