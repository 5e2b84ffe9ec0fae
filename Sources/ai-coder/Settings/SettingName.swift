/// Every setting of the product, by its environment variable, which is also its key in the YAML file.
enum SettingName: String, CaseIterable {
    case aiProvider = "AI_PROVIDER"
    case anthropicAPIKey = "ANTHROPIC_API_KEY"
    case anthropicBaseURL = "ANTHROPIC_BASE_URL"
    case anthropicAuthToken = "ANTHROPIC_AUTH_TOKEN"
    case openAIAPIKey = "OPENAI_API_KEY"
    case openAIBaseURL = "OPENAI_BASE_URL"
    case openAIWire = "OPENAI_WIRE"
    case modelName = "MODEL_NAME"
    case fallbackModel = "FALLBACK_MODEL"
    case modelPricesFile = "MODEL_PRICES_FILE"

    case gitUsername = "GIT_USERNAME"
    case gitEmail = "GIT_EMAIL"
    case gitSSHKeyFile = "GIT_SSH_KEY_FILE"
    case gitSSHKnownHostsFile = "GIT_SSH_KNOWN_HOSTS_FILE"

    case gitLabURL = "GITLAB_URL"
    case gitLabAPIToken = "GITLAB_API_TOKEN"
    case gitLabWebhookSecret = "GITLAB_WEBHOOK_SECRET"
    case gitLabWebhookSigningToken = "GITLAB_WEBHOOK_SIGNING_TOKEN"
    case projects = "PROJECTS"
    case minAccessLevel = "MIN_ACCESS_LEVEL"
    case botTrigger = "BOT_TRIGGER"
    case labelTrigger = "LABEL_TRIGGER"

    case webhookURL = "WEBHOOK_URL"
    case webhookSecret = "WEBHOOK_SECRET"

    case taskID = "TASK_ID"
    case repoURL = "REPO_URL"
    case taskIntent = "TASK_INTENT"
    case taskBranch = "TASK_BRANCH"
    case createMergeRequest = "CREATE_MERGE_REQUEST"

    case workspaceDir = "WORKSPACE_DIR"
    case maxIterations = "MAX_ITERATIONS"
    case workers = "WORKERS"
    case taskTimeout = "TASK_TIMEOUT"
    case maxCostPerTask = "MAX_COST_USD_PER_TASK"
    case maxCostPerDay = "MAX_COST_USD_PER_DAY"
    case maxTokensPerTask = "MAX_TOKENS_PER_TASK"
    case pipelineFixAttempts = "PIPELINE_FIX_ATTEMPTS"

    case listenAddress = "LISTEN_ADDRESS"
    case publicURL = "PUBLIC_URL"
    case databaseURL = "DATABASE_URL"
    case adminToken = "ADMIN_TOKEN"

    case sandbox = "SANDBOX"
    case sandboxImage = "SANDBOX_IMAGE"
    case sandboxAllowHosts = "SANDBOX_ALLOW_HOSTS"
    case sandboxMemory = "SANDBOX_MEMORY"
    case sandboxPIDs = "SANDBOX_PIDS"
    case sandboxTime = "SANDBOX_TIME"

    case sslCertFile = "SSL_CERT_FILE"
    case httpsProxy = "HTTPS_PROXY"
    case httpProxy = "HTTP_PROXY"
    case noProxy = "NO_PROXY"

    case logLevel = "LOG_LEVEL"
    case logFormat = "LOG_FORMAT"

    /// May be given as `NAME_FILE=/path` instead.
    var mayComeFromFile: Bool {
        ["_TOKEN", "_KEY", "_SECRET", "_URL"].contains { rawValue.hasSuffix($0) }
    }

    /// May be a list in the YAML file.
    var isList: Bool { [.projects, .sandboxAllowHosts, .noProxy].contains(self) }

    var isSecret: Bool {
        switch self {
        case .anthropicAPIKey, .anthropicAuthToken, .openAIAPIKey, .gitLabAPIToken, .gitLabWebhookSecret,
            .gitLabWebhookSigningToken, .webhookSecret, .adminToken, .databaseURL:
            true
        // A proxy's URL may hold a password.
        case .httpsProxy, .httpProxy: true
        default: false
        }
    }
}
