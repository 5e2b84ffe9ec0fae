
@main struct AICoder { static func main() async { print("hi") } }
