import SystemPackage

/// A process's three streams: the ends for the child, and the readers at ours.
struct Plumbing: Sendable {
    let input: OwnedDescriptor
    let output: OwnedDescriptor
    let error: OwnedDescriptor
    private let outputReader: OutputReader
    private let errorReader: OutputReader
    /// Yields when a stream goes over its limit.
    let excess: AsyncStream<Void>

    init(_ request: ProcessRequest) throws(Errno) {
        if let bytes = request.standardInput {
            input = try OwnedDescriptor.memory(holding: bytes)
        } else {
            input = try OwnedDescriptor.devNull()
        }
        let outputPipe = try OwnedDescriptor.pipe()
        let errorPipe = try OwnedDescriptor.pipe()
        output = outputPipe.write
        error = errorPipe.write
        let (excess, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.excess = excess
        let onExcess: @Sendable () -> Void = { continuation.yield() }
        let keepsEnd = request.excessOutput == .isCutInTheMiddle
        outputReader = OutputReader(
            outputPipe.read, limit: request.outputLimit, keepsEnd: keepsEnd, onBytes: request.observer(of: .standardOutput),
            onExcess: onExcess)
        errorReader = OutputReader(
            errorPipe.read, limit: request.outputLimit, keepsEnd: keepsEnd, onBytes: request.observer(of: .standardError),
            onExcess: onExcess)
    }

    /// Once the child has its own copies, ours would keep the pipes open.
    func closeChildEnds() {
        input.close()
        output.close()
        error.close()
    }

    func finish() async -> (standard: BoundedOutput, error: BoundedOutput) {
        (await outputReader.finish(), await errorReader.finish())
    }
}

extension ProcessRequest {
    fileprivate func observer(of stream: ProcessStream) -> (@Sendable ([UInt8]) -> Void)? {
        guard let onOutput else { return nil }
        return { onOutput(stream, $0) }
    }
}
