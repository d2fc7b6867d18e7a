import Foundation

/// Texts kept in files, so that a change of a format is seen in review.
///
/// With `PTERO_UPDATE_GOLDEN=1` in the environment the files are written anew.
package enum Golden {
    /// A text that is not what its file keeps.
    package struct Difference: Error, CustomStringConvertible {
        /// The file's name.
        package var name: String
        /// The first line that differs, from 1.
        package var line: Int
        /// What the file has there, and what the test made.
        package var lines: (kept: String, made: String)

        /// The difference in a sentence.
        package var description: String {
            "Golden/\(name):\(line) has `\(lines.kept)`, now it is `\(lines.made)`; PTERO_UPDATE_GOLDEN=1 accepts it"
        }
    }

    /// Compares a text with the file of this name in the folder `Golden` beside the test.
    ///
    /// Throws ``Difference``, or what makes the file unreadable.
    package static func expect(_ text: String, _ name: String, file: String = #filePath) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
        let path = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["PTERO_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        let kept = try String(contentsOf: path, encoding: .utf8)
        guard text != kept else { return }
        let old = kept.split(separator: "\n", omittingEmptySubsequences: false)
        let new = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(old, new).prefix { $0 == $1 }.count
        func shown(_ lines: [Substring]) -> String { lines.indices.contains(line) ? String(lines[line]) : "(the end)" }
        throw Difference(name: name, line: line + 1, lines: (shown(old), shown(new)))
    }
}
