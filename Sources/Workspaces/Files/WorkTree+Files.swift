import CConfinement
import Glibc

extension WorkTree {
    /// The largest file that can be written through the tools.
    package static let writeLimit = 16 << 20

    /// The whole content of a regular file; a link may be read through as long as it stays inside the tree.
    package func read(_ path: String, limit: Int = 4 << 20) throws(FileFailure) -> [UInt8] {
        let path = try TreePath(path)
        // Not blocking, or opening a FIFO would wait for its writer.
        let file = try TreeDescriptors(self).open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let status = try stat(of: file)
        try status.requireRegular(path)
        guard Int(status.st_size) <= limit else {
            throw FileFailure(.tooLarge, "\(path.text) has \(status.st_size) bytes; at most \(limit) are read.")
        }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size))
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, Glibc.read(file.rawValue, buffer.baseAddress, buffer.count))
            }
            if chunk.isEmpty { return content }
            content += chunk
            // It may grow while it is read.
            guard content.count <= limit else {
                throw FileFailure(.tooLarge, "\(path.text) has more than the \(limit) bytes that are read.")
            }
        }
    }

    /// Puts the whole content in place at once: a reader sees the old file or the new one. Parent directories are made;
    /// mode and owner of an existing file are kept.
    package func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        var path = try TreePath(path)
        guard !path.isRoot else { throw FileFailure(.isDirectory, "The project's root is a directory.") }
        guard bytes.count <= Self.writeLimit else {
            throw FileFailure(.tooLarge, "\(path.text) would have \(bytes.count) bytes; at most \(Self.writeLimit) are written.")
        }
        let descriptors = try TreeDescriptors(self)
        let existing = try existingFile(&path, descriptors)
        let parent = try descriptors.parent(of: path, creatingFor: owner)
        let temporary = ".ai-coder-\(UInt64.random(in: .min ... .max)).tmp"
        let descriptor = openat(parent.rawValue, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(errno: errno, path.text) }
        let file = OwnedDescriptor(descriptor)
        do throws(FileFailure) {
            try file.writeAll(bytes, path)
            if geteuid() == 0, let user = existing.map({ Owner(uid: $0.st_uid, gid: $0.st_gid) }) ?? owner {
                guard fchown(descriptor, user.uid, user.gid) == 0 else { throw FileFailure(errno: errno, path.text) }
            }
            // Set-user-id and its kin are not kept: the content is new.
            guard fchmod(descriptor, existing.map { $0.st_mode & 0o777 } ?? 0o644) == 0 else {
                throw FileFailure(errno: errno, path.text)
            }
            guard renameat(parent.rawValue, temporary, parent.rawValue, path.name) == 0 else {
                throw FileFailure(errno: errno, path.text)
            }
        } catch {
            unlinkat(parent.rawValue, temporary, 0)
            throw error
        }
    }

    /// Removes a file, or a link without following it.
    package func delete(_ path: String) throws(FileFailure) {
        let path = try TreePath(path)
        guard !path.isRoot else { throw FileFailure(.isDirectory, "The project's root can't be deleted.") }
        let parent = try TreeDescriptors(self).parent(of: path)
        guard unlinkat(parent.rawValue, path.name, 0) == 0 else { throw FileFailure(errno: errno, path.text) }
    }

    /// Renames a file or directory; what stands at the new place is never replaced.
    package func move(_ from: String, to: String) throws(FileFailure) {
        let (from, to) = (try TreePath(from), try TreePath(to))
        guard !from.isRoot, !to.isRoot else { throw FileFailure(.isDirectory, "The project's root can't be moved.") }
        let descriptors = try TreeDescriptors(self)
        let source = try descriptors.parent(of: from)
        guard try kind(of: from.text) != nil else { throw FileFailure(.notFound, "\(from.text) is not there.") }
        let target = try descriptors.parent(of: to, creatingFor: owner)
        guard confinement_rename_new(source.rawValue, from.name, target.rawValue, to.name) == 0 else {
            throw FileFailure(errno: errno, errno == EEXIST ? to.text : from.text)
        }
    }

    /// What stands at a path, a link itself rather than what it leads to; nil when nothing does.
    package func kind(of path: String) throws(FileFailure) -> FileKind? {
        let path = try TreePath(path)
        do {
            return try stat(of: TreeDescriptors(self).open(path, CONFINEMENT_O_PATH | O_NOFOLLOW)).kind
        } catch {
            guard error.reason == .notFound || error.reason == .notDirectory else { throw error }
            return nil
        }
    }

    /// The regular file that is to be replaced; `path` becomes the place that a link leads to, so that the link stays.
    private func existingFile(_ path: inout TreePath, _ descriptors: TreeDescriptors) throws(FileFailure) -> stat? {
        let file: OwnedDescriptor
        do {
            file = try descriptors.open(path, CONFINEMENT_O_PATH)
        } catch {
            guard error.reason == .notFound else { throw error }
            guard try kind(of: path.text) == nil else {
                throw FileFailure(.notRegular, "\(path.text) is a link to something that is not there.")
            }
            return nil
        }
        let status = try stat(of: file)
        try status.requireRegular(path)
        guard let location = descriptors.location(of: file) else {
            throw FileFailure(.other, "\(path.text) was moved while it was written.")
        }
        path = try TreePath(location)
        return status
    }
}

extension stat {
    fileprivate func requireRegular(_ path: TreePath) throws(FileFailure) {
        switch kind {
        case .regular: return
        case .directory: throw FileFailure(.isDirectory, "\(path.isRoot ? "The project's root" : path.text) is a directory.")
        case .link, .special: throw FileFailure(.notRegular, "\(path.text) is not a regular file.")
        }
    }
}

extension OwnedDescriptor {
    fileprivate func writeAll(_ bytes: [UInt8], _ path: TreePath) throws(FileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure(errno: errno, path.text)
            }
            rest = rest.dropFirst(count)
        }
    }
}
