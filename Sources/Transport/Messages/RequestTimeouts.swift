/// How long each part of an exchange may take.
package struct RequestTimeouts: Sendable, Hashable {
    /// From the start (connecting included) to the first byte of the reply's body, or its end.
    package var firstByte: Duration
    /// Between two chunks of the body.
    package var idle: Duration
    /// For everything, the body included: a server that sends a byte now and then ends here.
    package var total: Duration

    package init(firstByte: Duration = .seconds(30), idle: Duration = .seconds(30), total: Duration = .seconds(120)) {
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}
