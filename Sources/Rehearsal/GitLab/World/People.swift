package import Foundation

extension GitLabWorld {
    package struct User: Sendable {
        package let id: Int
        package var username: String
        package var name: String
        package var email: String
        package var state = "active"  // active, blocked, ...
        package var isBot = false
        package var isAdmin = false
        package let createdAt: Date
    }

    package struct Token: Sendable {
        package let id: Int
        package let userID: Int
        package let name: String
        package let secret: String
        package var scopes: Set<String>
        package var expiresAt: Date?
        package var isRevoked = false
        package let createdAt: Date
        package var lastUsedAt: Date?
    }

    /// GitLab's role numbers. They are compared, never enumerated: custom roles and new ones come.
    package struct AccessLevel: Sendable, Comparable, Hashable, ExpressibleByIntegerLiteral {
        package let rawValue: Int
        package init(_ rawValue: Int) { self.rawValue = rawValue }
        package init(integerLiteral value: Int) { rawValue = value }
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        package static let none: Self = 0
        package static let guest: Self = 10
        package static let planner: Self = 15
        package static let reporter: Self = 20
        package static let developer: Self = 30
        package static let maintainer: Self = 40
        package static let owner: Self = 50

        /// A number, or GitLab's word for it.
        package init?(named text: String) {
            switch text.lowercased() {
            case "none": self = .none
            case "guest": self = .guest
            case "planner": self = .planner
            case "reporter": self = .reporter
            case "developer": self = .developer
            case "maintainer": self = .maintainer
            case "owner": self = .owner
            default:
                guard let number = Int(text) else { return nil }
                self.init(number)
            }
        }
    }

    package struct Member: Sendable {
        package let userID: Int
        package var level: AccessLevel
        package var expiresAt: Date?
        package var state = "active"  // active, awaiting, ...
        package let createdAt: Date

        func counts(at now: Date) -> Bool { state == "active" && expiresAt.map { $0 > now } ?? true }
    }

    package struct Group: Sendable {
        package let id: Int
        package let name: String
        package let fullPath: String
        package let parentID: Int?
        package var members: [Int: Member] = [:]
        package var visibility: Visibility
    }

    package enum Visibility: String, Sendable {
        case `private`, `internal`, `public`
        var level: Int {
            switch self {
            case .private: 0
            case .internal: 10
            case .public: 20
            }
        }
    }
}
