/// What comments and reactions stand under.
package enum NoteTarget: Sendable, Hashable {
    case issue(projectID: Int64, iid: Int64)
    case mergeRequest(projectID: Int64, iid: Int64)

    package var projectID: Int64 {
        switch self {
        case .issue(let id, _), .mergeRequest(let id, _): id
        }
    }

    package var iid: Int64 {
        switch self {
        case .issue(_, let iid), .mergeRequest(_, let iid): iid
        }
    }

    var path: [PathPart] {
        switch self {
        case .issue(let projectID, let iid): ["projects", .number(projectID), "issues", .number(iid)]
        case .mergeRequest(let projectID, let iid): ["projects", .number(projectID), "merge_requests", .number(iid)]
        }
    }
}

/// A project by its number, or by its path where a person has written that.
package enum ProjectReference: Sendable, Hashable {
    case id(Int64)
    case path(String)

    var part: PathPart {
        switch self {
        case .id(let id): .number(id)
        case .path(let path): .name(path)
        }
    }
}

/// Who a webhook belongs to. Those of groups exist in paid editions only.
package enum HookOwner: Sendable, Hashable {
    case project(ProjectReference)
    case group(String)

    var path: [PathPart] {
        switch self {
        case .project(let project): ["projects", project.part, "hooks"]
        case .group(let path): ["groups", .name(path), "hooks"]
        }
    }
}
