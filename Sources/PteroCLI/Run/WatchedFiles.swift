import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What tells two versions of a file apart, without reading it.
struct FileVersion: Hashable {
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int
    /// Editors that write a new file and rename it change this.
    private let file: UInt64

    /// The version that is there now; nil where nothing is.
    init?(_ path: String) {
        guard let status = Files.status(path) else { return nil }
        size = status.size
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
        file = UInt64(status.inode.rawValue)
    }
}

/// The files that a check rests on, as far as they are watched: tests, what these include, and the files that options name.
struct WatchedFiles {
    private let named: [String]
    private let folders: [String]
    /// What is read of a folder; reports that a check writes there are not.
    private static let inputs = [".litmus", ".swift", ".c", ".h"]

    /// The files that these arguments name, with the folders among them.
    init(_ arguments: [String], _ surroundings: Surroundings) {
        let paths = arguments.filter { !$0.hasPrefix(TestSource.scenarioPrefix) }.map(surroundings.resolved)
        folders = paths.filter(Files.isFolder)
        let files = paths.filter { !Files.isFolder($0) }
        named = files + files.flatMap(Self.includes)
    }

    /// The version of each file that is there now.
    func versions() -> [String: FileVersion] {
        var versions: [String: FileVersion] = [:]
        for path in named { versions[path] = FileVersion(path) }
        for folder in folders {
            for name in TestFinder.names(below: folder)?.names ?? [] where Self.inputs.contains(where: name.hasSuffix) {
                versions[folder + "/" + name] = FileVersion(folder + "/" + name)
            }
        }
        return versions
    }

    /// The files beside a test that its `Include=` lines name; those of a folder's tests lie in it.
    private static func includes(of path: String) -> [String] {
        guard let slash = path.lastIndex(of: "/"), let bytes = try? Files.contents(path, atMost: 1 << 16) else {
            return []
        }
        let key = "Include="
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix(key) }
            .flatMap { $0.dropFirst(key.count).split(separator: " ") }
            .map { $0.hasPrefix("/") ? String($0) : path[...slash] + String($0) }
    }
}
