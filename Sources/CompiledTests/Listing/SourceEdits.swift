import Litmus
import X86

/// Changes to the text of a test in C or Swift.
package enum SourceEdits {
    /// Two neighbouring lines that can be exchanged, each a statement of its own with a step in it.
    package struct Exchange: Sendable, Hashable {
        /// The processor whose code they are.
        package var processor: Int
        /// The first line.
        package var first: Int
        /// The second one; blank lines and comments may stand between.
        package var second: Int
    }

    /// The exchanges that the text allows; whether they compile is another matter.
    ///
    /// `steps` are the lines that have steps, with their processors.
    package static func exchanges(in text: [UInt8], language: TestLanguage, steps: [Int: Set<Int>]) -> [Exchange] {
        let lines = self.lines(of: text)
        let wanted = steps.filter { $0.value.count == 1 && lines.indices.contains($0.key - 1) }
            .filter { Statement(lines, at: $0.key - 1, language) != nil }
        return wanted.keys.sorted().compactMap { first in
            guard let processor = steps[first]?.first,
                let second = (first + 1...max(first + 1, lines.count)).first(where: { line in
                    lines.indices.contains(line - 1) && !isBlank(lines[line - 1])
                }),
                wanted[second]?.first == processor,
                let one = Statement(lines, at: first - 1, language),
                let other = Statement(lines, at: second - 1, language),
                one.indent == other.indent, !one.uses(other), !other.uses(one)
            else { return nil }
            return Exchange(processor: processor, first: first, second: second)
        }
    }

    /// Lines that are a statement of their own with a step in it, and nothing that others need.
    package static func statements(
        in text: [UInt8], language: TestLanguage, steps: [Int: Set<Int>]
    ) -> [(line: Int, processor: Int)] {
        let lines = self.lines(of: text)
        return steps.keys.sorted().compactMap { line in
            guard let processors = steps[line], processors.count == 1, let processor = processors.first,
                lines.indices.contains(line - 1), let statement = Statement(lines, at: line - 1, language),
                statement.isCall
            else { return nil }
            return (line, processor)
        }
    }

    /// The text without a statement; its line stays.
    package static func removing(line: Int, from text: [UInt8], language: TestLanguage) -> [UInt8] {
        var lines = self.lines(of: text)
        lines[line - 1] = String(lines[line - 1].prefix { $0 == " " || $0 == "\t" }) + (language == .c ? ";" : "")
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// The text with two lines exchanged.
    package static func applying(_ exchange: Exchange, to text: [UInt8]) -> [UInt8] {
        var lines = self.lines(of: text)
        lines.swapAt(exchange.first - 1, exchange.second - 1)
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// The text with another name, description and expectation, and further header lines after the first.
    ///
    /// Nil when the first line is not where they go. `shift` is by how many lines everything else moves down.
    package static func renamed(
        _ text: [UInt8], language: TestLanguage, name: String, description: String, headers: (_ shift: Int) -> [String]
    ) -> [UInt8]? {
        var lines = self.lines(of: text)
        let word = language == .c ? "C" : "Swift"
        guard let head = lines.firstIndex(where: { !isBlank($0) }) else { return nil }
        let prefix = language == .c ? "" : "/*"
        let words = lines[head].split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
        let own = words.first == "/*" ? ["/*"] + words.dropFirst() : words
        let start = own.first == prefix + word ? 1 : own.count > 1 && own[0] == prefix && own[1] == word ? 2 : nil
        guard let start, own.count == start + 1 else { return nil }
        let count = headers(0).count
        let end = lines[head...].firstIndex { $0.contains("{") } ?? lines.count
        var isInside = false
        var isDescribed = false
        for index in head + 1..<max(head + 1, end) {
            // What was expected of the whole test.
            if isInside || isResult(lines[index]) {
                let closing = lines[index].firstRange(of: "*)")
                isInside = closing == nil
                lines[index] = closing.map { String(lines[index][$0.upperBound...]) } ?? ""
            } else if !isDescribed, trimmed(lines[index]).hasPrefix("\"") {
                guard trimmed(lines[index]).dropFirst().hasSuffix("\"") else { return nil }
                lines[index] = "\"" + description.replacing("\"", with: "'") + "\""
                isDescribed = true
            }
        }
        lines[head] = (language == .c ? "C " : "/* Swift ") + name
        lines.insert(contentsOf: headers(count), at: head + 1)
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// The text for another folder: `Include=` names files that lie beside the test by their whole path.
    package static func findingIncludes(
        _ text: [UInt8], from folder: String, exists: (String) -> Bool
    ) -> [UInt8] {
        var lines = self.lines(of: text)
        let end = lines.firstIndex { trimmed($0).hasPrefix("{") } ?? lines.count
        for index in 0..<end where lines[index].hasPrefix("Include=") {
            let words = lines[index].dropFirst("Include=".count).split(separator: " ").map { word in
                let path = "\(folder)/\(word)"
                return word.hasPrefix("/") || !exists(path) ? String(word) : path
            }
            lines[index] = "Include=" + words.joined(separator: " ")
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func isResult(_ line: String) -> Bool {
        let text = trimmed(line)
        return text.hasPrefix("(*") && trimmed(String(text.dropFirst(2))).hasPrefix("Result")
    }

    static func lines(of text: [UInt8]) -> [String] {
        String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isBlank(_ line: String) -> Bool {
        let text = trimmed(line)
        return text.isEmpty || text.hasPrefix("//") || (text.hasPrefix("/*") && text.hasSuffix("*/"))
    }

    private static func trimmed(_ text: String) -> String { AssemblyText.trimmed(text[...]) }

    /// A statement that fills its line and governs nothing.
    private struct Statement {
        let indent: Substring
        private let names: Set<String>
        private let assigned: String?

        init?(_ lines: [String], at index: Int, _ language: TestLanguage) {
            let line = lines[index]
            let text = SourceEdits.trimmed(line)
            indent = line.prefix { $0 == " " || $0 == "\t" }
            guard !text.contains("{"), !text.contains("}"), !text.contains("//"), !text.contains("/*"),
                text.count(where: { $0 == "(" }) == text.count(where: { $0 == ")" }),
                language == .c ? text.hasSuffix(";") && text.count(where: { $0 == ";" }) == 1 : text.hasSuffix(")")
            else { return nil }
            let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
            guard let first = words.first, text.first?.isLetter == true || text.first == "_" || text.first == "*",
                !Self.keywords.contains(first), !first.hasPrefix("spin_"), KernelService(rawValue: first)?.waits != true
            else { return nil }
            names = Set(words)
            // `type name` declares; `name = ...` assigns.
            let parts = text.split(separator: "=", maxSplits: 1)
            let left = parts.count > 1 ? SourceEdits.trimmed(String(parts[0])) : ""
            let isAssignment = parts.count > 1 && !left.contains("(") && !parts[1].hasPrefix("=")
            if isAssignment {
                guard !left.contains(" "), !left.contains("\t") else { return nil }
                assigned = words.first
            } else {
                guard text.contains("(") else { return nil }
                assigned = nil
                // A declaration without a value has two words before anything else.
                let head = text.prefix { $0 != "(" }
                guard !SourceEdits.trimmed(String(head)).contains(" ") else { return nil }
            }
            // What an `if` or a loop without braces governs belongs to it.
            var before = index - 1
            while before >= 0, SourceEdits.isBlank(lines[before]) { before -= 1 }
            if language == .c, before >= 0 {
                let above = SourceEdits.trimmed(lines[before])
                guard let last = above.last, ";{}:".contains(last) else { return nil }
            }
        }

        /// Whether it calls something and assigns nothing.
        var isCall: Bool { assigned == nil }

        /// Whether a variable that the other assigns is read or assigned here.
        func uses(_ other: Statement) -> Bool { other.assigned.map(names.contains) ?? false }

        private static let keywords: Set<String> = [
            "if", "else", "for", "while", "do", "return", "break", "continue", "goto", "case", "default", "switch",
            "guard", "let", "var", "static", "extern", "const", "unsigned", "func", "import", "BUG_ON", "WARN_ON",
            "defer", "repeat", "throw", "try", "observe",
        ]
    }
}
