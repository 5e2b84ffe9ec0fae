import Hummingbird
import Logging

/// What is known about one request besides the request itself.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The other end's address; a proxy's, where there is one.
    let peer: String
    /// Whoever passed the gate.
    var viewer: Viewer?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}

/// A person or program that may see and steer tasks.
struct Viewer: Sendable {
    enum Way: Sendable { case bearer, session, loopback }
    let way: Way
    /// What forms of a page carry, so that no other site can send them.
    let formToken: String
    /// The signed-in browser's; nil for the other ways.
    var session: String?
}
