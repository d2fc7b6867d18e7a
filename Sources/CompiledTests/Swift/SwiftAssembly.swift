import Diagnostics

/// swiftc's assembly text in the spelling that the rest of Ptero reads, taken apart by symbol.
///
/// Swift's names begin with `$s`, of Embedded Swift with `$e`, and in AT&T syntax `$` begins an immediate operand: here
/// they begin with `_$`, as on other platforms. `.loc` lines of inlined code name the line of the test that it was
/// inlined into. Entries of the global offset table, which a loader fills, are the addresses that they hold.
struct SwiftAssembly: Sendable {
    /// The text of the test; empty for a library, of which only what is needed is taken.
    private(set) var text = ""
    /// A library's pieces by symbol: a function or an object with its section.
    private var pieces: [String: String] = [:]

    /// What swiftc wrote.
    static func text(of file: String, in directory: ScratchDirectory) throws(Diagnostic) -> String {
        guard let text = directory.assembly(in: file) else {
            throw Diagnostic(withoutPlace: "swiftc wrote no assembly", remedy: "check --swiftflags")
        }
        return text
    }

    /// Takes the text of a test that is called `file`.
    init(_ text: String, file: String) {
        var reader = SwiftAssemblyReader(file: file)
        self.text = reader.lines(of: text).joined(separator: "\n") + "\n"
    }

    /// Takes the text of a library; its local labels get a prefix of their own.
    init(_ text: String, module: String) {
        var reader = SwiftAssemblyReader(file: nil)
        var section = SectionStack()
        var current: (name: String, lines: [String])?
        for line in reader.lines(of: text) {
            var ends = false
            if line.hasPrefix(".") {
                let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
                let rest = words.count > 1 ? String(words[1]) : ""
                if words.first == ".type", let name = AssemblyText.arguments(rest).first {
                    current = (name, ["\t.section\t" + section.name])
                }
                if let first = words.first { section.note(String(first), rest) }
                ends = words.first == ".size" && AssemblyText.arguments(rest).first == current?.name
            }
            guard current != nil else { continue }
            let isPlain = !line.utf8.contains(UInt8(ascii: "."))
            current?.lines.append(isPlain ? line : line.replacing(".L", with: ".L\(module)_"))
            if ends, let piece = current {
                // A table that the optimiser made of a `switch` is named like a local label.
                let name = piece.name.hasPrefix(".L") ? ".L\(module)_" + piece.name.dropFirst(2) : piece.name
                pieces[name] = piece.lines.joined(separator: "\n") + "\n"
                current = nil
            }
        }
    }

    /// The test's text and after it every piece of the libraries that it names, directly or through others.
    func joined(with libraries: [SwiftAssembly]) -> String {
        var text = text
        var seen: Set<String> = []
        var queue = [text]
        while let part = queue.popLast() {
            for symbol in Self.symbols(in: part) where seen.insert(symbol).inserted {
                guard let piece = libraries.lazy.compactMap({ $0.pieces[symbol] }).first,
                    !text.contains("\n\(symbol):")
                else { continue }
                text += piece
                queue.append(piece)
            }
        }
        return text
    }

    /// The names of symbols in a text that begin like Swift's, or like local labels.
    private static func symbols(in text: String) -> Set<String> {
        var symbols: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard line.utf8.contains(UInt8(ascii: "$")) || line.utf8.contains(UInt8(ascii: ".")) else { continue }
            for name in AssemblyText.names(String(line)) where name.hasPrefix("_$") || name.hasPrefix(".L") {
                symbols.insert(String(name))
            }
        }
        return symbols
    }
}

/// Goes through swiftc's text line by line.
private struct SwiftAssemblyReader {
    /// What the test is called in `.file`; nil for a library, whose places are of no interest.
    let file: String?
    private var fileNumber: Int?

    init(file: String?) { self.file = file }

    /// A number that no compiler gives a file.
    private static let ownNumber = 1 << 20

    mutating func lines(of text: String) -> [String] {
        var lines: [String] = []
        var isDebug = false
        if let file { lines.append("\t.file\t\(Self.ownNumber) \"\(file)\"") }
        // By bytes: the text of a library has tens of thousands of lines.
        for bytes in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            let start = bytes.firstIndex { $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: " ") } ?? bytes.endIndex
            let statement = String(Substring(bytes[start...]))
            if statement.hasPrefix(".section") {
                let name = AssemblyText.arguments(AssemblyText.trimmed(statement.dropFirst(8))).first ?? ""
                isDebug = name.hasPrefix(".debug") || name.hasPrefix(".note")
            } else if statement == ".text" {
                isDebug = false
            }
            // Half of the text, and none of it is code.
            if isDebug || statement.hasPrefix(".cfi_") || statement.hasPrefix("#") { continue }
            if statement.hasPrefix(".loc") {
                if file != nil { lines.append(place(statement)) }
            } else {
                let isPlain = !statement.utf8.contains(UInt8(ascii: "#"))
                lines.append(Self.respelled(isPlain ? statement : AssemblyText.withoutComment(statement)))
            }
        }
        return lines
    }

    /// A `.loc` line; of inlined code the place in the test that it was inlined into.
    ///
    /// The assembly printer writes the chain after the line: `<compiler-generated>:0 @[ t.swift:8:33 ]`.
    private func place(_ statement: String) -> String {
        guard let file, let start = statement.firstIndex(of: "#") else { return statement }
        var rest = statement[start...]
        while let range = rest.firstRange(of: file + ":") {
            rest = rest[range.upperBound...]
            let numbers = rest.prefix { $0.isNumber || $0 == ":" }.split(separator: ":").prefix(2).compactMap {
                Int($0)
            }
            if numbers.count == 2, numbers[0] > 0 { return "\t.loc\t\(Self.ownNumber) \(numbers[0]) \(numbers[1])" }
        }
        return String(statement[..<start])
    }

    /// Names with `_$` in front, without the parentheses that keep them from being immediate operands.
    private static func respelled(_ line: String) -> String {
        guard line.utf8.contains(UInt8(ascii: "$")) || line.utf8.contains(UInt8(ascii: "@")) else { return line }
        var line = line.replacing("@PLT", with: "")
        for prefix in ["$s", "$e"] {
            line = line.replacing("\"" + prefix, with: "\"_" + prefix)
            while let start = line.firstRange(of: "(" + prefix) {
                guard let end = line[start.upperBound...].firstIndex(of: ")") else { break }
                line.replaceSubrange(end...end, with: "")
                line.replaceSubrange(start, with: "_" + prefix)
            }
            if line.hasPrefix(prefix) { line = "_" + line }
        }
        if line.hasPrefix(".") { line = directive(line) }
        return withoutOffsetTable(line)
    }

    /// In a directive `$` begins a name wherever no other letter stands before.
    private static func directive(_ line: String) -> String {
        var result = ""
        var before: Character = " "
        for character in line {
            // Inside of a name, as in `.Lswitch.table.$s4test1f`, it stays alone: operands are not respelled there either.
            let isInside = before.isLetter || before.isNumber || before == "_" || before == "$" || before == "."
            if character == "$", !isInside { result.append("_") }
            result.append(character)
            before = character
        }
        return result
    }

    /// `movq x@GOTPCREL(%rip), %rax` loads the address of `x`, as `leaq x(%rip), %rax` does; `callq *x@GOTPCREL(%rip)`
    /// calls `x`.
    private static func withoutOffsetTable(_ line: String) -> String {
        guard let mark = line.firstRange(of: "@GOTPCREL(%rip)") else { return line }
        if line.hasPrefix("movq") {
            return "leaq" + line.dropFirst(4).replacing("@GOTPCREL", with: "")
        }
        guard line.hasPrefix("call") || line.hasPrefix("jmp"), line[..<mark.lowerBound].contains("*") else {
            return line
        }
        return line.replacing("@GOTPCREL(%rip)", with: "").replacing("*", with: "")
    }
}
