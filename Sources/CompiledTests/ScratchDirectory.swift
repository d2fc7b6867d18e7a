import Diagnostics

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder for files that a compiler reads and writes.
package struct ScratchDirectory: Sendable {
    /// How the names of such folders begin.
    static let prefix = "ptero-"

    /// Where it is.
    package let path: String

    /// Makes a new one where temporary files belong.
    package init() throws(Diagnostic) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(Self.prefix + UUID().uuidString)
        path = folder.path
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch { throw fault(error) }
    }

    /// Removes it with all that is in it.
    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, given by its whole path.
    package func write(_ bytes: [UInt8], to file: String) throws(Diagnostic) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch { throw fault(error) }
    }

    /// Makes a folder in it.
    func makeFolder(_ name: String) throws(Diagnostic) {
        do {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        } catch { throw fault(error) }
    }

    /// The assembly that a compiler wrote; nil when it is not there, or longer than any test's.
    func assembly(in file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: file), data.count < 64 << 20 else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private func fault(_ error: any Error) -> Diagnostic {
        Diagnostic(
            withoutPlace: "cannot write to \(path): \(error)",
            remedy: "set TMPDIR to a directory that can be written")
    }
}
