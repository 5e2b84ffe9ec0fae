import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The pages for people: the tasks, one task, signing in. They are whole without JavaScript.
struct Dashboard: Sendable {
    let templates: Templates
    let store: any Store
    let api: TaskAPI
    let access: AdminAccess
    let publicURL: String?
    let gitLabURL: String
    let version: String
    let now: @Sendable () -> Date

    // MARK: Routes

    func addOpenRoutes(to router: Router<WebContext>) {
        router.get("/assets/app.css") { _, _ in asset(PackageResources.app_css, "text/css; charset=utf-8") }
        router.get("/assets/app.js") { _, _ in asset(PackageResources.app_js, "text/javascript; charset=utf-8") }
        router.get("/sign-in") { request, _ in
            access.hasToken ? page("signin", ["title": "Sign in", "next": "/"]) : Response.redirect(to: "/")
        }
        router.post("/sign-in") { request, context in try await signIn(request, context) }
    }

    func addRoutes(to group: RouterGroup<WebContext>) {
        group.get("/") { request, context in try await tasks(request, context) }
        group.get("/tasks/{id}") { request, context in try await task(request, context) }
        group.post("/tasks/{id}/stop") { request, context in
            try await steer(request, context) { try await api.stop($0) }
        }
        group.post("/tasks/{id}/retry") { request, context in
            try await steer(request, context) { try await api.retry($0) }
        }
        group.post("/sign-out") { request, context in
            try await checkForm(request, context)
            var response = Response.redirect(to: "/")
            response.headers[.setCookie] = access.signOut(context.viewer)
            return response
        }
    }

    private func asset(_ bytes: [UInt8], _ type: String) -> Response {
        var response = Response.bytes(bytes, type: type)
        response.headers[.cacheControl] = "public, max-age=300"
        return response
    }

    func page(_ template: String, _ values: [String: Any], status: HTTPResponse.Status = .ok) -> Response {
        let html = templates.render(template, values.merging(["version": version]) { own, _ in own })
        return Response.bytes(html.utf8, type: "text/html; charset=utf-8", status: status)
    }

    func problemPage(_ problem: APIProblem) -> Response {
        var response = page(
            "problem", ["title": problem.status.reasonPhrase, "message": problem.message], status: problem.status)
        for field in problem.headers { response.headers[field.name] = field.value }
        return response
    }

    // MARK: Pages

    private func tasks(_ request: Request, _ context: WebContext) async throws -> Response {
        var query = try TaskAPI.query(request)
        query.limit = min(query.limit, 50)
        let tasks = try await api.page(query)
        let counts = try await store.counts()
        let list = TaskListPage(page: tasks, query: query, counts: counts, now: now())
        return page("tasks", list.values.merging(shared(context, title: "Tasks")) { own, _ in own })
    }

    private func task(_ request: Request, _ context: WebContext) async throws -> Response {
        let record = try await api.record(context)
        let after = request.uri.queryParameters["after"].flatMap { Int64($0) } ?? 0
        var entries: [JournalEntry] = []
        while entries.count < TaskDetailPage.maximumEntries {
            let more = try await store.entries(
                of: record.task.id, after: entries.last?.sequence ?? max(0, after), kinds: EventView.kinds, limit: 500)
            entries += more
            if more.count < 500 { break }
        }
        let details = TaskDetailPage(
            record: record, entries: entries, isWhole: entries.count < TaskDetailPage.maximumEntries, gitLabURL: gitLabURL, now: now())
        return page("task", details.values.merging(shared(context, title: "Task \(record.task.id)")) { own, _ in own })
    }

    private func shared(_ context: WebContext, title: String) -> [String: Any] {
        var values: [String: Any] = ["title": title, "formToken": context.viewer?.formToken ?? ""]
        if context.viewer?.way == .session { values["canSignOut"] = true }
        return values
    }

    // MARK: Forms

    private struct SignInForm: Decodable {
        let token: String
        let next: String?
    }

    private struct SteeringForm: Decodable { let csrf: String }

    private func form<Form: Decodable>(_ type: Form.Type, _ request: Request) async throws -> Form {
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            throw APIProblem(.unsupportedMediaType, "not_a_form", "Send the page's own form.")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: 16 << 10)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw APIProblem(.contentTooLarge, "too_large", "The form is too large.")
        }
        do {
            return try URLEncodedFormDecoder().decode(Form.self, from: String(buffer: body))
        } catch {
            throw APIProblem(.badRequest, "malformed_form", "The form is not complete.")
        }
    }

    private func checkForm(_ request: Request, _ context: WebContext) async throws {
        let form = try await form(SteeringForm.self, request)
        guard let viewer = context.viewer, access.isFormToken(form.csrf, of: viewer) else {
            throw APIProblem(.forbidden, "stale_form", "The page is too old. Load it again and repeat.")
        }
    }

    private func steer(
        _ request: Request, _ context: WebContext, _ action: (WebContext) async throws -> TaskRecord
    ) async throws -> Response {
        try await checkForm(request, context)
        return .redirect(to: "/tasks/\(try await action(context).task.id)")
    }

    // MARK: Signing in

    /// Shown in place of a page to a browser that has not signed in.
    func signInPage(for request: Request) -> Response {
        var values: [String: Any] = ["title": "Sign in", "next": request.uri.path]
        if let name = HTTPField.Name("Sec-Fetch-Site"), request.headers[name] == "cross-site", request.method == .get {
            // The cookie does not come along from a link on another site, but does when this page loads itself again.
            values["again"] = true
        }
        return page("signin", values, status: .unauthorized)
    }

    private func signIn(_ request: Request, _ context: WebContext) async throws -> Response {
        guard AdminAccess.isSameOrigin(request) else {
            return problemPage(APIProblem(.forbidden, "cross_site", "The request comes from another site."))
        }
        let form: SignInForm
        do { form = try await self.form(SignInForm.self, request) } catch let problem as APIProblem { return problemPage(problem) }
        let next = form.next.flatMap { FrontDoor.isExact($0) ? $0 : nil } ?? "/"
        switch access.signIn(token: form.token, peer: context.peer) {
        case .success(let cookie):
            var response = Response.redirect(to: next)
            response.headers[.setCookie] = cookie
            return response
        case .failure(.wrongToken):
            return page("signin", ["title": "Sign in", "next": next, "error": "This is not the token."], status: .unauthorized)
        case .failure(.throttled(let seconds)):
            var response = page(
                "signin", ["title": "Sign in", "next": next, "error": "Too many wrong tokens. Wait a minute."], status: .tooManyRequests)
            response.headers[.retryAfter] = "\(seconds)"
            return response
        }
    }
}

/// Shows problems of pages as pages.
struct ProblemPages: RouterMiddleware {
    typealias Context = WebContext

    let render: @Sendable (APIProblem) -> Response

    @concurrent func handle(
        _ request: Request, context: WebContext, next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as APIProblem {
            return render(problem)
        } catch let failure as StoreFailure {
            guard let problem = APIProblem(failure) else { throw failure }
            context.logger.warning("The store could not answer", metadata: ["error": "\(failure)"])
            return render(problem)
        }
    }
}
