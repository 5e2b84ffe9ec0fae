extension RehearsalGitLab {
    /// Serves while the closure runs; it gets the base URL.
    package func serving<Result: Sendable>(
        _ body: @escaping @Sendable (_ baseURL: String) async throws -> Result
    ) async throws -> Result {
        let (urls, continuation) = AsyncStream.makeStream(of: String.self)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await run { continuation.yield($0) }
                return nil
            }
            group.addTask {
                for await url in urls { return try await body(url) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Every API route that is served, as GitLab's own description writes paths.
    package static var routes: [(method: String, path: String)] {
        RouteTable.allGitLab.routes.map { ($0.method, "/api/v4/\($0.pattern)") }
    }
}
