import Foundation

/// An empty folder that is removed with this value.
package final class TemporaryFolder: Sendable {
    /// Where it is, without symbolic links.
    package let url: URL
    /// The same as text.
    package var path: String { url.path }

    /// Makes the folder, and writes these files into it.
    package init(_ files: [String: String] = [:]) throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("ptero-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit { remove() }

    /// Removes the folder now; a `defer` of it keeps this value until then.
    package func remove() { try? FileManager.default.removeItem(at: url) }

    /// The place of a file, from its path below the folder.
    package func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Writes a file, and makes the folders that it is in.
    package func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

    /// Writes a file, and makes the folders that it is in.
    package func write(_ name: String, bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(
            at: file(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file(name))
    }

    /// The text of a file.
    package func text(_ name: String) throws -> String { try String(contentsOf: file(name), encoding: .utf8) }
}
