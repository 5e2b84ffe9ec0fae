import HTTPTypes
import Hummingbird

/// Lets in who may see and steer tasks, and tells the others what to do.
struct AdminGate: RouterMiddleware {
    typealias Context = WebContext

    let access: AdminAccess
    /// Called for browsers that have not signed in.
    let signInPage: (@Sendable (Request) -> Response)?

    @concurrent func handle(
        _ request: Request, context: WebContext, next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        switch access.decide(request, peer: context.peer) {
        case .granted(let viewer):
            var context = context
            context.viewer = viewer
            return try await next(request, context)
        case .unauthenticated:
            if let signInPage { return signInPage(request) }
            throw APIProblem(
                .unauthorized, "unauthorized", "Send ADMIN_TOKEN as a bearer token, or sign in on the dashboard.",
                headers: [.wwwAuthenticate: "Bearer"])
        case .throttled(let seconds):
            throw APIProblem(
                .tooManyRequests, "too_many_failures", "Too many wrong tokens. Try again later.",
                headers: [.retryAfter: "\(seconds)"])
        case .closed(let why):
            throw APIProblem(.forbidden, "admin_token_needed", why)
        case .crossSite:
            throw APIProblem(.forbidden, "cross_site", "The request comes from another site.")
        }
    }
}
