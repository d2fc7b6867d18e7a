import Diagnostics
import Report
import Synchronization
import Synthesis
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A journal in an append-only file of JSON lines: a head that says of what it is, then a line for each finished piece of work.
///
/// Each line has a checksum. The end of a line that was being written when the process died is cut off; a line that is
/// damaged elsewhere is an error. `jq` reads the file.
final class CheckpointFile: Journal {
    /// What a checkpoint is of; pieces of another search are of no use.
    struct Subject: Hashable {
        /// Digest of the problem's files.
        var problem: String
        /// The bounds of the search, and the profiles.
        var bounds: String

        fileprivate var line: String {
            JSONText.object([
                RecordSchema.checkpoint.member, .init("problem", .string(problem)), .init("bounds", .string(bounds)),
            ]).text
        }
    }

    private struct Content {
        var pieces: [String: String] = [:]
        var unwritten = ""
        var hasFailed = false
    }

    private let content = Mutex(Content())
    private let file: FileDescriptor?

    /// A journal that is kept in memory alone: what was read from the parts of a merge.
    private init(_ pieces: [String: String], _ file: FileDescriptor?) {
        self.file = file
        content.withLock { $0.pieces = pieces }
    }

    deinit { try? file?.close() }

    /// How many pieces are known.
    var count: Int { content.withLock { $0.pieces.count } }

    /// Whether something could not be written.
    var hasFailed: Bool { content.withLock { $0.hasFailed } }

    /// Opens a checkpoint for going on, and makes it if it is not there.
    ///
    /// - Throws: `Diagnostic` for a file that is not a checkpoint, is one of another search, or is damaged.
    static func open(_ name: String, of subject: Subject, _ surroundings: Surroundings) throws(Diagnostic)
        -> CheckpointFile
    {
        let path = surroundings.resolved(name)
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        } catch {
            throw Diagnostic(
                withoutPlace: "\(name) cannot be written", remedy: "check that its folder is there, and the permissions"
            )
        }
        do throws(Diagnostic) {
            return try opened(file, name, subject, surroundings)
        } catch {
            try? file.close()
            throw error
        }
    }

    /// Takes the file for this process alone, reads it, and cuts off what was being written when the one before died.
    private static func opened(
        _ file: FileDescriptor, _ name: String, _ subject: Subject, _ surroundings: Surroundings
    ) throws(Diagnostic) -> CheckpointFile {
        // SAFETY: flock(2) and ftruncate(2) on an open descriptor.
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            throw Diagnostic(
                withoutPlace: "another process writes \(name)", remedy: "give each shard a checkpoint of its own")
        }
        let part = try CheckpointText(try bytes(name, surroundings), name: name)
        try part.check(subject.line, mayBeEmpty: true)
        guard ftruncate(file.rawValue, off_t(part.length)) == 0, (try? file.seek(offset: 0, from: .end)) != nil else {
            throw Diagnostic(withoutPlace: "\(name) cannot be written", remedy: "name a file on a disk")
        }
        let checkpoint = CheckpointFile(part.pieces, file)
        if part.length == 0 { checkpoint.append(subject.line + "\n") }
        checkpoint.synchronize()
        return checkpoint
    }

    /// Reads the parts of a search that several processes did.
    ///
    /// - Throws: `Diagnostic` for files that are not checkpoints of one search, and for damaged ones.
    static func merged(_ names: [String], of subject: Subject, _ surroundings: Surroundings) throws(Diagnostic)
        -> CheckpointFile
    {
        var pieces: [String: String] = [:]
        for name in names {
            let part = try CheckpointText(try bytes(name, surroundings), name: name)
            try part.check(subject.line, mayBeEmpty: false)
            for (piece, result) in part.pieces {
                if let known = pieces.updateValue(result, forKey: piece), known != result {
                    throw Diagnostic(
                        withoutPlace: "\(name) contradicts another part about a piece",
                        remedy: "the parts were made by different versions of Ptero: make them again")
                }
            }
        }
        return CheckpointFile(pieces, nil)
    }

    private static func bytes(_ name: String, _ surroundings: Surroundings) throws(Diagnostic) -> [UInt8] {
        do { return try Files.contents(surroundings.resolved(name), atMost: 4 << 30) } catch {
            throw Diagnostic(withoutPlace: "\(name) cannot be read", remedy: "check its name and the permissions")
        }
    }

    // MARK: Journal

    func result(of piece: String) -> String? { content.withLock { $0.pieces[piece] } }

    func record(_ piece: String, _ result: String) {
        guard file != nil else { return }
        let line = CheckpointText.line(piece, result)
        content.withLock { $0.unwritten += line }
    }

    func synchronize() {
        let text = content.withLock { content in
            defer { content.unwritten = "" }
            return content.unwritten
        }
        append(text)
        if let file { _ = fsync(file.rawValue) }
    }

    private func append(_ text: String) {
        guard let file, !text.isEmpty else { return }
        if (try? file.writeAll(text.utf8)) == nil { content.withLock { $0.hasFailed = true } }
    }
}
