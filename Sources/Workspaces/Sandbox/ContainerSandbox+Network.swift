extension ContainerSandbox {
    /// Opens the way to hosts for a container that has begun, and serves until cancelled.
    func serve(_ door: EgressDoor, of name: String) async throws {
        let request = ProcessRequest(
            executable: engine, arguments: settings.containerOptions + ["container", "inspect", "--format", "{{.State.Pid}}", name],
            environment: environment, timeLimit: .seconds(30), outputLimit: 4096, excessOutput: .isCutInTheMiddle)
        let said = String(decoding: try await processes.run(request).standardOutput, as: UTF8.self)
        guard let process = Int32(said.prefix { $0.isNumber }), process > 0, door.isShown(to: process) else {
            throw SandboxFailure(
                """
                The container's network can't be entered, so no host of SANDBOX_ALLOW_HOSTS can be reached: that needs podman on this \
                machine, or docker on this machine with the service as root. Use one of them, or run without allowed hosts.
                """)
        }
        try await door.serve(in: process)
    }
}
