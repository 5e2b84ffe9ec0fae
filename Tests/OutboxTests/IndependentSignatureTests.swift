import Domain
import Foundation
import Secrets
import Subprocess
import TestSupport
import Testing

@testable import Outbox

@Suite("Signatures, checked by the standardwebhooks package of PyPI", .timeLimit(.minutes(1)))
struct IndependentSignatureTests {
    /// Prints "verified", or the reason why not. Arguments: secret, id, time, signatures, body.
    private static let script = """
        import sys
        from standardwebhooks import Webhook
        secret, id, time, signatures, body = sys.argv[1:]
        headers = {"webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures}
        try:
            print("verified" if Webhook(secret).verify(body, headers)["task_id"] == "t1" else "other")
        except Exception as error:
            print(type(error).__name__)
        """

    private static func python(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name("python3"), arguments: Arguments(["-c"] + arguments), output: .string(limit: 10_000), error: .discarded)
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func isInstalled() async -> Bool {
        (try? await python(["import standardwebhooks; print('yes')"])) == "yes"
    }

    @Test(
        "a message is verified, and a changed one is not",
        .enabled("needs python3 and: pip install standardwebhooks") { await isInstalled() },
        arguments: [
            // As Standard Webhooks writes it; the same without the prefix; a plain text, whose bytes are the key.
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("whsec_YS1zZWNyZXQtb2YtdHdlbnR5LXR3by0=", "whsec_YS1zZWNyZXQtb2YtdHdlbnR5LXR3by0="),
            ("correct horse battery staple", Data("correct horse battery staple".utf8).base64EncodedString()),
        ])
    func verified(_ secret: String, _ readerSecret: String) async throws {
        try await OutboxFixture.run { fixture in
            try await WebhookReceiver.run { receiver in
                let id = try await fixture.submit("t1")
                var change = StatusChange(status: "failed", progress: 3)
                change.error = "caf\u{e9} \u{1F600} \"quoted\" </script>"
                try await fixture.tell(id, change)
                _ = try await fixture.outbox(to: receiver, secret: secret).drain(task: id, deadline: .seconds(30))
                let message = try #require(receiver.messages.first)
                let headers = try ["webhook-id", "webhook-timestamp", "webhook-signature"].map {
                    try #require(message.headers[$0])
                }
                let body = String(decoding: message.body, as: UTF8.self)
                let good = try await Self.python([Self.script, readerSecret] + headers + [body])
                #expect(good == "verified")
                let bad = try await Self.python([Self.script, readerSecret] + headers + [body + " "])
                #expect(bad == "WebhookVerificationError")
            }
        }
    }
}
