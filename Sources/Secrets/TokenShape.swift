/// Tokens that begin with words of their own.
struct TokenShape: Sendable {
    let prefix: [UInt8]
    let kind: String
    /// Characters after the prefix, at least.
    let minimum: Int
    /// Beside letters, digits, `-` and `_`.
    let extra: [UInt8]
    /// The prefix also ends ordinary words: only where none goes before, and only if the rest looks random.
    let isWeak: Bool
    /// Upper case and digits only after the prefix.
    let isUpperCase: Bool

    private init(
        _ prefix: String, _ kind: String, minimum: Int, extra: String = "", isWeak: Bool = false, isUpperCase: Bool = false
    ) {
        self.prefix = Array(prefix.utf8)
        self.kind = kind
        self.minimum = minimum
        self.extra = Array(extra.utf8)
        self.isWeak = isWeak
        self.isUpperCase = isUpperCase
    }

    private static let all: [TokenShape] =
        [
            "glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-",
            "glsoat-", "glffct-", "glwt-",
        ].map { TokenShape($0, "a GitLab token", minimum: 12, extra: ".") } + [
            TokenShape("sk-ant-", "an Anthropic key", minimum: 16),
            TokenShape("sk-", "an API key", minimum: 20, isWeak: true),
            TokenShape("ghp_", "a GitHub token", minimum: 16),
            TokenShape("gho_", "a GitHub token", minimum: 16),
            TokenShape("ghu_", "a GitHub token", minimum: 16),
            TokenShape("ghs_", "a GitHub token", minimum: 16),
            TokenShape("ghr_", "a GitHub token", minimum: 16),
            TokenShape("github_pat_", "a GitHub token", minimum: 20),
            TokenShape("AKIA", "an AWS access key", minimum: 16, isUpperCase: true),
            TokenShape("ASIA", "an AWS access key", minimum: 16, isUpperCase: true),
            TokenShape("AIza", "a Google API key", minimum: 30, isWeak: true),
            TokenShape("whsec_", "a webhook secret", minimum: 16, extra: "+/="),
            TokenShape("npm_", "an npm token", minimum: 30, isWeak: true),
            TokenShape("hf_", "a Hugging Face token", minimum: 30, isWeak: true),
            TokenShape("GR1348941", "a GitLab runner's token", minimum: 16),
            TokenShape("sk_live_", "a Stripe key", minimum: 16, isWeak: true),
            TokenShape("rk_live_", "a Stripe key", minimum: 16, isWeak: true),
            TokenShape("pypi-AgE", "a PyPI token", minimum: 40),
            TokenShape("xapp-", "a Slack token", minimum: 24, isWeak: true),
            TokenShape("hooks.slack.com/services/", "a Slack webhook", minimum: 30, extra: "/"),
            TokenShape("dop_v1_", "a DigitalOcean token", minimum: 40),
            TokenShape("dckr_pat_", "a Docker token", minimum: 20),
            TokenShape("shpat_", "a Shopify token", minimum: 28, isWeak: true),
            TokenShape("GOCSPX-", "a Google client secret", minimum: 20),
            TokenShape("SG.", "a SendGrid key", minimum: 60, extra: ".", isWeak: true),
            TokenShape("hvs.", "a Vault token", minimum: 24, isWeak: true),
        ] + "abeprs".map { TokenShape("xox\($0)-", "a Slack token", minimum: 10) }

    /// By the prefix's first byte.
    static let table: [[TokenShape]] = (UInt8.min...UInt8.max).map { byte in all.filter { $0.prefix[0] == byte } }

    func allows(_ byte: UInt8) -> Bool {
        if isUpperCase { return byte.isUpper || byte.isDigit }
        return byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || extra.contains(byte)
    }
}
