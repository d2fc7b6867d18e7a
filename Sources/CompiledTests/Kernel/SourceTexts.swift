import Litmus
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Source files by their paths, read once: what stands in a line, and in which function.
final class SourceTexts: Sendable {
    /// A file's lines and the functions that it defines.
    struct Text: Sendable {
        let lines: [Substring]
        private let functions: [(name: String, lines: ClosedRange<Int>)]

        init(_ text: String) {
            lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" }
            functions = SourceFunctions.all(in: text)
        }

        /// A line without surrounding blanks; empty beyond the end.
        func line(_ number: Int) -> String {
            lines.indices.contains(number - 1) ? AssemblyText.trimmed(lines[number - 1]) : ""
        }

        /// The function that a line stands in, if any.
        func function(at line: Int) -> String? {
            var low = 0
            var high = functions.count
            while low < high {
                let middle = (low + high) / 2
                if functions[middle].lines.upperBound < line { low = middle + 1 } else { high = middle }
            }
            return low < functions.count && functions[low].lines.contains(line) ? functions[low].name : nil
        }
    }

    /// More than this is not a source text.
    private static let mostBytes = 16 << 20
    private let known = Mutex<[String: Text?]>([:])

    /// The text of a file; nil where it cannot be read.
    func text(_ path: String) -> Text? {
        if let text = known.withLock({ $0[path] }) { return text }
        // Two threads may read one file: that costs time, a lock held meanwhile would cost more.
        let text = FileManager.default.contents(atPath: path).flatMap { data in
            data.count <= Self.mostBytes ? Text(String(decoding: data, as: UTF8.self)) : nil
        }
        known.withLock { $0[path] = .some(text) }
        return text
    }
}

/// Turns places of a compiler's listing into lines of source text that a reader knows.
struct SourceLines {
    /// The files; those that are not of the test.
    let texts: SourceTexts
    /// The test's own text by line, as far as it is at hand.
    let own: SourceTexts.Text?
    /// The last path component of the test's file, as the listing names it.
    let ownName: String
    /// What the test's file is called.
    let file: String
    /// Directories that paths are shown below.
    let roots: [String]

    /// The line for a place of the listing; `function` is what is known of the function without looking.
    func line(_ place: (path: String, line: Int, column: Int), function: String?) -> CompiledCode.SourceLine {
        let name = place.path.split(separator: "/").last.map(String.init) ?? place.path
        if name == ownName {
            return CompiledCode.SourceLine(
                function: function ?? own?.function(at: place.line), file: file, line: place.line, column: place.column,
                text: own?.line(place.line) ?? "")
        }
        let path = place.path.replacing("/./", with: "/")
        let (shown, text) = shipped(path) ?? (below(path), texts.text(path))
        return CompiledCode.SourceLine(
            function: text?.function(at: place.line) ?? function, file: shown, line: place.line, column: place.column,
            text: text?.line(place.line) ?? "")
    }

    private func below(_ path: String) -> String {
        let root = roots.first { !$0.isEmpty && path.hasPrefix($0 + "/") }
        return root.map { String(path.dropFirst($0.count + 1)) } ?? path
    }

    /// One of Ptero's own headers: they lay in a folder of their own while the compiler ran.
    private func shipped(_ path: String) -> (String, SourceTexts.Text?)? {
        guard let mark = path.firstRange(of: "/\(ScratchDirectory.prefix)") else { return nil }
        let name = path[mark.upperBound...].drop { $0 != "/" }.dropFirst()
        return (String(name), Self.headers[String(name)])
    }

    private static let headers = Dictionary(
        ShippedHeaders.contents.map { ($0.path, SourceTexts.Text(String(decoding: $0.bytes, as: UTF8.self))) }
    ) { first, _ in first }
}
