/// What `--version` and the user agent say.
enum ProductVersion {
    static let text = "0.1.0"
}
