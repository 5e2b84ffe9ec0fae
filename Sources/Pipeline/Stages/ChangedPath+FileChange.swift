import Domain
import Workspaces

extension ChangedPath {
    /// As people and the status webhook see it.
    var fileChange: FileChange {
        let kind: FileChange.Kind =
            switch self.kind {
            case .added: .created
            case .modified, .typeChanged: .modified
            case .deleted: .deleted
            }
        return FileChange(kind, String(decoding: path, as: UTF8.self))
    }
}
