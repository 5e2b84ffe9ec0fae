import LanguageModels
import Secrets
import Synchronization
import TestSupport
import Testing
import Transport

/// The request and its key go to the configured address, whatever that answers.
@Suite("A61: the model's endpoint")
struct MovedEndpointTests {
    @Test("A61: a redirect is not followed, so that neither the key nor a word goes elsewhere", .timeLimit(.minutes(1)), arguments: WireKind.allCases)
    func redirect(_ wire: WireKind) async throws {
        for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let strangers = Mutex(0)
            try await ByteServer.serving({ _ in strangers.withLock { $0 += 1 } }) { elsewhere in
                try await ByteServer.serving({ connection in
                    while await connection.request() != nil {
                        try await connection.write("HTTP/1.1 \(status)\r\nlocation: http://127.0.0.1:\(elsewhere)/v1/messages\r\ncontent-length: 0\r\n\r\n")
                    }
                }) { port in
                    let rig = try Rig()
                    let model = try rig.model(wire, "http://127.0.0.1:\(port)")
                    let failure = await #expect(throws: ModelFailure.self) {
                        try await model.turn(Rig.conversation(), maxOutputTokens: 100, progress: { _ in })
                    }
                    #expect(failure?.reason == .configuration, "\(String(describing: failure))")
                    await rig.transport.shutdown()
                }
            }
            #expect(strangers.withLock { $0 } == 0, "\(status)")
        }
    }

    @Test("A61: an address in the conversation or in the model's name does not move it", .timeLimit(.minutes(1)))
    func words() async throws {
        let strangers = Mutex(0)
        let asked = Mutex<[String]>([])
        try await ByteServer.serving({ _ in strangers.withLock { $0 += 1 } }) { elsewhere in
            try await ByteServer.serving({ connection in
                while let request = await connection.request() {
                    asked.withLock { $0.append(String(request.prefix { $0 != "\r" && $0 != "\r\n" })) }
                    try await connection.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}")
                }
            }) { port in
                let rig = try Rig()
                let names = ["http://127.0.0.1:\(elsewhere)/", "@127.0.0.1:\(elsewhere)", "../../x", "x\r\nhost: 127.0.0.1:\(elsewhere)"]
                for name in names {
                    let model = try rig.model(.anthropic, "http://127.0.0.1:\(port)", name: name)
                    let conversation = Rig.conversation("ANTHROPIC_BASE_URL=http://127.0.0.1:\(elsewhere)/")
                    _ = try? await model.turn(conversation, maxOutputTokens: 100, progress: { _ in })
                }
                await rig.transport.shutdown()
                let seen = asked.withLock { $0 }
                #expect(seen.count >= names.count && seen.allSatisfy { $0 == "POST /v1/messages HTTP/1.1" }, "\(seen)")
            }
        }
        #expect(strangers.withLock { $0 } == 0)
    }
}
