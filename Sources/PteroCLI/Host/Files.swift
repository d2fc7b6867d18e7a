import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What commands ask of the file system: each question is a system call or a few.
///
/// Foundation would do too, but to start a program that has it in itself takes longer than to check a small test.
enum Files {
    /// Whether there is something of this name; links are followed.
    static func exists(_ path: String) -> Bool { type(path) != nil }

    /// Whether it is a folder; links are followed.
    static func isFolder(_ path: String) -> Bool { type(path) == .directory }

    /// What is there, or nil.
    static func type(_ path: String, followsLinks: Bool = true) -> FileType? {
        status(path, followsLinks: followsLinks)?.type
    }

    /// What the system knows of a file, or nil (stat(2)).
    static func status(_ path: String, followsLinks: Bool = true) -> Stat? {
        canName(path) ? try? Stat(FilePath(path), followTargetSymlink: followsLinks) : nil
    }

    /// What tells a regular file from all others, whatever its names are.
    struct Identity: Hashable {
        fileprivate var device: UInt64
        fileprivate var number: UInt64
    }

    /// The file that a path leads to; nil where there is none, or it is not a regular file: a device can be named twice.
    static func identity(_ path: String) -> Identity? {
        var found = stat()
        return canName(path) && stat(path, &found) == 0 ? identity(found) : nil
    }

    /// The file that standard output goes to; nil where that is not a regular file.
    static func identityOfStandardOutput() -> Identity? {
        var found = stat()
        return fstat(STDOUT_FILENO, &found) == 0 ? identity(found) : nil
    }

    private static func identity(_ found: stat) -> Identity? {
        guard found.st_mode & S_IFMT == S_IFREG else { return nil }
        return Identity(device: UInt64(truncatingIfNeeded: found.st_dev), number: UInt64(found.st_ino))
    }

    /// Reads a file, but no more than `limit` bytes.
    ///
    /// - Throws: `Errno`.
    static func contents(_ path: String, atMost limit: Int) throws -> [UInt8] {
        guard canName(path) else { throw Errno.noSuchFileOrDirectory }
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        return try file.closeAfter { try contents(file, atMost: limit) }
    }

    /// Reads to the end, but no more than `limit` bytes: devices and pipes may have no end.
    ///
    /// - Throws: `Errno`.
    static func contents(_ file: FileDescriptor, atMost limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let wanted = min(limit - bytes.count, max(4096, bytes.count))
            let read = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if read.isEmpty { break }
            bytes = bytes.isEmpty ? read : bytes + read
        }
        return bytes
    }

    /// Writes a file; one that is there is replaced.
    ///
    /// - Throws: `Errno`.
    static func write(_ text: String, to path: String) throws {
        guard canName(path) else { throw Errno.noSuchFileOrDirectory }
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate],
            permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }

    /// Makes a folder unless it is there; the one that it is in must be.
    ///
    /// - Throws: `Errno`.
    static func makeFolder(_ path: String) throws {
        guard canName(path) else { throw Errno.noSuchFileOrDirectory }
        if isFolder(path) { return }
        guard mkdir(path, 0o777) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes a file, or a link and not what it names.
    ///
    /// - Throws: `Errno`.
    static func remove(_ path: String) throws {
        guard canName(path) else { throw Errno.noSuchFileOrDirectory }
        guard unlink(path) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes a folder if there is nothing in it.
    static func removeEmptyFolder(_ path: String) { if canName(path) { _ = rmdir(path) } }

    /// The names in a folder, sorted bytewise, so that the order is the same everywhere; nil when it cannot be read.
    static func names(in folder: String) -> [String]? {
        guard canName(folder), let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: readdir(3) ends the name with a zero byte inside the entry, which stays until the next call.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The executable of this process by its real path, or nil.
    static func executable() -> String? { realPath("/proc/self/exe") ?? CommandLine.arguments.first.flatMap(realPath) }

    /// The folder that relative paths begin in; one that was deleted, or is too deep to have a path, has no other name.
    static func currentDirectory() -> String { realPath(".") ?? "." }

    /// Whether the system takes the whole text for a path: it would stop at a zero byte, and find something else.
    private static func canName(_ path: String) -> Bool { !path.utf8.contains(0) }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
