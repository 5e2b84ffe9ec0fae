import Domain
import HTTPTypes
import Hummingbird
import Logging

/// Every request's first stop: exact paths only, safe headers on every answer, and no error that repeats what was sent.
struct FrontDoor: RouterMiddleware {
    typealias Context = WebContext

    @concurrent func handle(
        _ request: Request, context: WebContext, next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            guard Self.isExact(request.uri.path) else { throw APIProblem.notFound }
            // The first one has become the request's authority.
            guard !request.headers.contains(where: { $0.name.canonicalName == "host" }) else {
                throw APIProblem(.badRequest, "bad_host", "The request has more than one Host header.")
            }
            response = try await next(request, context)
        } catch let problem as APIProblem {
            response = problem.response
        } catch let failure as StoreFailure where failure.isTransient || failure.code == .notFound {
            context.logger.warning("The store could not answer", metadata: ["error": "\(failure)"])
            response = (APIProblem(failure) ?? .notFound).response
        } catch let error as any HTTPResponseError {
            response = Self.plain(error.status)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("Request failed", metadata: ["error": "\(error)"])
            response = APIProblem(.internalServerError, "internal", "Something went wrong; the log says what.").response
        }
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
        return response
    }

    private static func plain(_ status: HTTPResponse.Status) -> Response {
        switch status {
        case .notFound: APIProblem.notFound.response
        case .contentTooLarge: APIProblem(.contentTooLarge, "too_large", "The body is too large.").response
        default: APIProblem(status, "refused", "The request could not be answered.").response
        }
    }

    /// One spelling per path, so that whatever stands in front sees the same path as we do.
    static func isExact(_ path: String) -> Bool {
        guard path.hasPrefix("/"), path.utf8.count <= 1024 else { return false }
        if path == "/" { return true }
        guard !path.hasSuffix("/"), !path.contains("//") else { return false }
        let isPlain = path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isPlain
            && !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    private static let headers: [HTTPField.Name: String] = {
        let policy =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
        var headers: [HTTPField.Name: String] = [
            .xContentTypeOptions: "nosniff", .contentSecurityPolicy: policy, .cacheControl: "no-store",
        ]
        for (name, value) in [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }()
}
