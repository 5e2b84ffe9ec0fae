import Glibc
import SystemPackage

/// A new directory of the service's own, which nobody else can have made before or look into.
enum TemporaryDirectory {
    /// - Parameter prefix: the beginning of the name; the rest is the system's choice.
    static func make(in parent: FilePath, prefix: String) throws(Errno) -> FilePath {
        // mkdtemp demands these six signs, and puts others in their place.
        var template = Array(parent.appending("\(prefix)-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        return FilePath(platformString: template)
    }
}
