import Foundation

extension RouteTable {
    mutating func addServerRoutes() {
        add("GET", "version") { world, call in
            _ = try await world.user(of: call)
            return .ok(["version": .string(world.options.version), "revision": "0123abcdef0"])
        }
        add("GET", "metadata") { world, call in
            _ = try await world.user(of: call)
            return .ok([
                "version": .string(world.options.version), "revision": "0123abcdef0",
                "kas": ["enabled": false, "externalUrl": .null, "externalK8sProxyUrl": .null, "version": .null],
                "enterprise": .bool(world.options.version.hasSuffix("-ee")),
            ])
        }
        add("GET", "personal_access_tokens/self") { world, call in try await world.ownToken(call) }
        add("POST", "personal_access_tokens/self/rotate") { world, call in try await world.rotateOwnToken(call) }
    }
}

extension GitLabWorld {
    private func token(of call: GitLabCall) throws -> Token {
        guard let actor = call.actor, let token = tokens.values.first(where: { $0.id == actor.tokenID }) else {
            throw Refusal.unauthorized
        }
        return token
    }

    func ownToken(_ call: GitLabCall) throws -> GitLabReply { .ok(shape(try token(of: call))) }

    func rotateOwnToken(_ call: GitLabCall) throws -> GitLabReply {
        let old = try token(of: call)
        guard !old.scopes.isDisjoint(with: ["api", "self_rotate"]) else {
            throw Refusal.insufficientScope(["api", "self_rotate"])
        }
        tokens[old.secret]?.isRevoked = true
        let expiry = call.text("expires_at").flatMap(Stamp.date(fromDay:)) ?? Date().addingTimeInterval(7 * 86_400)
        let new = makeToken(for: old.userID, name: old.name, scopes: old.scopes, expiresAt: expiry)
        return .ok(shape(new).with(["token": .string(new.secret)]))
    }

    func shape(_ token: Token) -> JSON {
        [
            "id": .integer(token.id), "name": .string(token.name), "revoked": .bool(token.isRevoked),
            "created_at": .time(token.createdAt), "description": .null, "scopes": .texts(token.scopes.sorted()),
            "user_id": .integer(token.userID), "last_used_at": .time(token.lastUsedAt),
            "active": .bool(!token.isRevoked && token.expiresAt.map { $0 > Date() } ?? true),
            "expires_at": .text(token.expiresAt.map(Stamp.day)),
        ]
    }
}
