/// A compiler's assembly text, taken apart into functions and data.
///
/// Only the layout of the text is understood here; instructions stay text until it is known which functions a test
/// reaches, so that an instruction outside the subset matters only where it can be executed.
struct AssemblyListing {
    /// One function, from its label to its `.size`.
    struct Function {
        var name: String
        /// The section that it lies in.
        var section: String
        /// The lines as written, with their number in the text; section switches of inline assembly included.
        var lines: [(text: String, number: Int)] = []
    }

    /// The functions in text order.
    private(set) var functions: [Function] = []
    /// Data by section.
    private(set) var data = DataImage()
    /// Names that stand for others (`.set alias, name`).
    private(set) var aliases: [String: String] = [:]
    /// Files by the number that `.loc` uses; the last component of the path.
    private(set) var files: [Int: String] = [:]
    /// The same files with their directories.
    private(set) var paths: [Int: String] = [:]
    /// Where the compiler ran.
    fileprivate(set) var directory = ""
    /// The same by the names that comments use.
    private var spelled: [String: String] = [:]
    private var numbers: [String: Int] = [:]

    /// The files and lines that a `.loc` is about: `.loc 5 94 25 # a.h:94:25 @[ a.c:99:8 @[ test:10:16 ] ]`, from the
    /// innermost of inlined functions outwards.
    func lines(ofLocation statement: String) -> [(path: String, line: Int, column: Int)] {
        var lines: [(path: String, line: Int, column: Int)] = []
        let numbers = statement.split(whereSeparator: \.isWhitespace).dropFirst().prefix(3).compactMap { Int($0) }
        if numbers.count == 3, let path = paths[numbers[0]] { lines.append((path, numbers[1], numbers[2])) }
        for call in statement.split(separator: " @[ ").dropFirst() {
            let words = call.split(separator: " ]", omittingEmptySubsequences: false).first?.split(separator: ":") ?? []
            guard words.count >= 3, let line = Int(words[words.count - 2]), let column = Int(words[words.count - 1])
            else {
                continue
            }
            let name = words.dropLast(2).joined(separator: ":")
            lines.append((spelled[name] ?? name, line, column))
        }
        return lines
    }

    /// The function of a name, aliases followed.
    func function(_ name: String) -> Function? {
        var name = name
        for _ in 0..<8 {
            if let number = numbers[name] { return functions[number] }
            guard let next = aliases[name] else { return nil }
            name = next
        }
        return nil
    }

    /// Takes a text apart.
    init(_ text: String) {
        var reader = ListingReader()
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            reader.read(String(line), number, into: &self)
        }
    }

    fileprivate mutating func begin(_ name: String, in section: String) {
        numbers[name] = functions.count
        functions.append(Function(name: name, section: section))
    }

    fileprivate mutating func append(_ line: String, _ number: Int) {
        guard !functions.isEmpty else { return }
        functions[functions.count - 1].lines.append((line, number))
    }

    fileprivate mutating func note(file path: String, spelled names: [String], as number: Int) {
        paths[number] = path
        for name in names { spelled[name] = path }
        files[number] = String(path.split(separator: "/").last ?? "")
    }
    fileprivate mutating func alias(_ name: String, of target: String) { aliases[name] = target }
    fileprivate mutating func change(_ body: (inout DataImage) -> Void) { body(&data) }
}

/// Goes through a listing line by line.
private struct ListingReader {
    private var functionNames: Set<String> = []
    private var current: String?
    private var section = SectionStack()

    mutating func read(_ line: String, _ number: Int, into listing: inout AssemblyListing) {
        let statement = AssemblyText.withoutComment(line)
        let words = statement.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard let first = words.first.map(String.init) else { return }
        let rest = words.count > 1 ? String(words[1]) : ""
        // clang writes `.set a, b` of inline assembly so.
        if rest.hasPrefix("= ") {
            listing.alias(first, of: AssemblyText.trimmed(rest.dropFirst(2)))
            return
        }
        if let current {
            if first == ".size", rest.hasPrefix(current + ",") {
                self.current = nil
                section = SectionStack(name: section.name)
                return
            }
            // What clang says in a comment after `.loc` is where inlined code was called.
            listing.append(first == ".loc" ? AssemblyText.trimmed(line[...]) : statement, number)
            // Inline assembly may hold strings and variables in other sections; they are data like any other.
            section.note(first, rest)
            if first == ".file" { readFile(rest, &listing) }
            return
        }
        if first.hasSuffix(":") {
            let name = String(first.dropLast())
            if functionNames.contains(name) {
                current = name
                listing.begin(name, in: section.name)
            } else if !section.isCode {
                listing.change { $0.define(name, in: section.name) }
                if !rest.isEmpty { read(rest, number, into: &listing) }
            }
            return
        }
        directive(first, rest, &listing)
    }

    private mutating func directive(_ name: String, _ rest: String, _ listing: inout AssemblyListing) {
        let parts = AssemblyText.arguments(rest)
        switch name {
        case ".type":
            if parts.count == 2, parts[1] == "@function" { functionNames.insert(parts[0]) }
        case ".set":
            if parts.count == 2 { listing.alias(parts[0], of: parts[1]) }
        case ".size":
            if parts.count == 2, let size = Int(parts[1]) { listing.change { $0.setSize(parts[0], size) } }
        case ".comm", ".lcomm":
            if parts.count >= 2, let size = Int(parts[1]) { listing.change { $0.common(parts[0], size) } }
        case ".file": readFile(rest, &listing)
        default:
            if section.note(name, rest) || section.isCode || section.isDebug { return }
            listing.change { $0.add(name, parts, in: section.name) }
        }
    }

    /// Reads `.file 1 "directory" "name" md5`, where the numbers of `.loc` come from.
    private func readFile(_ rest: String, _ listing: inout AssemblyListing) {
        guard let number = Int(rest.prefix { $0.isNumber }) else { return }
        let strings = rest.split(separator: "\"", omittingEmptySubsequences: false)
        guard strings.count > 1 else { return }
        let name = strings.count > 3 ? strings[3] : strings[1]
        var path = strings.count > 3 && !name.hasPrefix("/") ? "\(strings[1])/\(name)" : String(name)
        // What is relative lies below the directory of file 0, where the compiler ran.
        if number == 0, strings.count > 3 { listing.directory = String(strings[1]) }
        if !path.hasPrefix("/") { path = "\(listing.directory)/\(path)" }
        listing.note(file: path, spelled: [String(name), "\(strings[1])/\(name)"], as: number)
    }
}

/// Which section a text is in.
struct SectionStack {
    private(set) var name: String
    private var previous = ".text"
    private var stack: [(String, String)] = []

    init(name: String = ".text") { self.name = name }

    /// Whether the section holds instructions.
    var isCode: Bool { Self.isCode(name) }

    /// Whether it holds debugging information.
    var isDebug: Bool { name.hasPrefix(".debug") || name.hasPrefix(".note") || name.hasPrefix(".comment") }

    static func isCode(_ name: String) -> Bool {
        [
            ".text", ".init.text", ".exit.text", ".noinstr", ".entry.text", ".altinstr_aux", ".sched.text",
            ".spinlock.text",
        ]
        .contains { name.hasPrefix($0) }
    }

    /// Follows a directive that changes the section; false for all others.
    @discardableResult
    mutating func note(_ directive: String, _ rest: String) -> Bool {
        func enter(_ new: String) {
            previous = name
            name = new
        }
        let first = AssemblyText.arguments(rest).first?.filter { $0 != "\"" } ?? ""
        switch directive {
        case ".text", ".data", ".bss": enter(directive)
        case ".section": enter(first)
        case ".pushsection":
            if stack.count < 1024 { stack.append((name, previous)) }
            enter(first)
        case ".popsection": if let outer = stack.popLast() { (name, previous) = outer }
        case ".previous": swap(&name, &previous)
        default: return false
        }
        return true
    }
}

/// Small readings of assembly text.
enum AssemblyText {
    /// Whether a text is inside quotes, character by character; a backslash there takes its meaning from a quote.
    private struct Quotation {
        private(set) var isOpen = false
        private var isEscaped = false

        mutating func note(_ character: Character) {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" && isOpen {
                isEscaped = true
            } else if character == "\"" {
                isOpen.toggle()
            }
        }
    }

    /// The line up to `#`, quoted strings respected, without surrounding blanks.
    static func withoutComment(_ line: String) -> String {
        var quotation = Quotation()
        let end = line.indices.first { index in
            quotation.note(line[index])
            return line[index] == "#" && !quotation.isOpen
        }
        return trimmed(line[..<(end ?? line.endIndex)])
    }

    /// The arguments of a directive; commas separate them, but not inside quotes.
    static func arguments(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var quotation = Quotation()
        for character in text {
            quotation.note(character)
            if character == "," && !quotation.isOpen {
                parts.append(trimmed(part[...]))
                part = ""
            } else {
                part.append(character)
            }
        }
        let last = trimmed(part[...])
        if !last.isEmpty || !parts.isEmpty { parts.append(last) }
        return parts
    }

    /// The names in a statement; registers (after `%`) are left out.
    static func names(_ statement: String) -> [Substring] {
        var names: [Substring] = []
        var index = statement.startIndex
        var before: Character = " "
        while index < statement.endIndex {
            let character = statement[index]
            if character.isASCII, character.isLetter || character == "_" || character == "." {
                let start = index
                while index < statement.endIndex, isNamePart(statement[index]) { index = statement.index(after: index) }
                if before != "%" { names.append(statement[start..<index]) }
                before = " "
                continue
            }
            // A number swallows its letters: 0x1f, 1b.
            if character.isNumber {
                while index < statement.endIndex, isNamePart(statement[index]) { index = statement.index(after: index) }
                before = " "
                continue
            }
            before = character
            index = statement.index(after: index)
        }
        return names
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || character == "_" || character == "." || character == "$")
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
