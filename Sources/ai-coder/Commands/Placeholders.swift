import ArgumentParser


struct Review: AsyncParsableCommand { func run() async throws {} }
struct Doctor: AsyncParsableCommand { func run() async throws {} }
struct Webhooks: AsyncParsableCommand { func run() async throws {} }
struct Tasks: AsyncParsableCommand { func run() async throws {} }
struct Demo: AsyncParsableCommand { func run() async throws {} }
struct ForwardSocket: AsyncParsableCommand { func run() async throws {} }
