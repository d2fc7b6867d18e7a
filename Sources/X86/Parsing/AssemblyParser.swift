import Diagnostics

/// Parses litmus cells and compiler output into a ``Program``; both are one grammar.
///
/// Statements are separated by line ends and `;`. `#`, `//` and `/* */` are comments. Labels in front of an instruction
/// belong to it; numeric labels (`1:`) may be repeated and are named `1b` and `1f`. A `lock` prefix may stand on a line of
/// its own.
public struct AssemblyParser {
    /// Longer texts are refused, so that one file cannot take all memory.
    static let longestText = 64 << 20

    var sections = SectionTracker()
    private var prefixes = PendingPrefixes()
    /// Machine code written as `.byte` directives and not yet recognised.
    private var bytes = CodeBytes()
    /// How often each numeric label has been defined.
    private var numericDefinitions: [String: Int] = [:]
    /// Numeric labels used forward and not defined yet, by their internal name.
    private var awaited: [String: Word] = [:]
    private var isInsideComment = false

    /// Starts with an empty program.
    public init() {}

    /// Adds a litmus cell or line: labels, and at most one instruction with its prefixes; may be empty.
    ///
    /// Throws at the first thing that is not an instruction of the subset. Columns count from `place`.
    public mutating func parse(line text: String, at place: SourcePlace) throws(Diagnostic) {
        let line = withoutComments(Array(text.unicodeScalars))
        var start = 0
        var isQuoted = false
        for index in 0...line.count {
            if index < line.count {
                if line[index] == "\"" { isQuoted.toggle() }
                guard !isQuoted && line[index] == ";" else { continue }
            }
            var cursor = Cursor(line[start..<index], origin: place)
            try statement(&cursor)
            start = index + 1
        }
    }

    /// Adds a compiler's output.
    ///
    /// Directives other than sections and `.byte` machine code are skipped; data sections are skipped whole. Code of other
    /// sections comes after that of `.text`.
    public mutating func parse(text: String) throws(Diagnostic) {
        guard text.utf8.count <= Self.longestText else {
            throw Diagnostic(
                withoutPlace: "the assembly text is longer than \(Self.longestText >> 20) MiB",
                remedy: "compile only the functions that the test calls")
        }
        var number = 1
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0.isNewline }) {
            try parse(line: String(line), at: SourcePlace(line: number, column: 1))
            number += 1
        }
    }

    /// Ends the program.
    ///
    /// A `lock` without instruction, and a numeric label that was announced and never came, are errors.
    public consuming func finish() throws(Diagnostic) -> Program {
        if let prefix = prefixes.lock ?? prefixes.repeated {
            throw prefix.error(
                "\(prefix.text) has no instruction after it", remedy: "write the instruction, or remove \(prefix.text)"
            )
        }
        try bytes.checkEmpty()
        if let (_, word) = awaited.min(by: {
            ($0.value.place.line, $0.value.place.column) < ($1.value.place.line, $1.value.place.column)
        }) {
            throw word.error(
                "no label \(word.text.dropLast()) after this", remedy: "define it with \"\(word.text.dropLast()):\"")
        }
        return sections.program()
    }

    // MARK: Lines and statements

    /// Replaces comments by spaces, so that characters stay where they are.
    private mutating func withoutComments(_ written: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var line = written
        var isQuoted = false
        var index = 0
        while index < line.count {
            let next = index + 1 < line.count ? line[index + 1] : nil
            if isInsideComment {
                if line[index] == "*" && next == "/" {
                    isInsideComment = false
                    line[index + 1] = " "
                }
                line[index] = " "
            } else if isQuoted {
                if line[index] == "\\" { index += 1 }
                if index < line.count && line[index] == "\"" { isQuoted = false }
            } else if line[index] == "#" || (line[index] == "/" && next == "/") {
                line.removeSubrange(index...)
            } else if line[index] == "/" && next == "*" {
                isInsideComment = true
                line[index] = " "
                line[index + 1] = " "
                index += 1
            } else if line[index] == "\"" {
                isQuoted = true
            }
            index += 1
        }
        return line
    }

    /// Labels, prefixes, then an instruction or a directive.
    private mutating func statement(_ cursor: inout Cursor) throws(Diagnostic) {
        while cursor.peek() != nil {
            let word = cursor.takeWord()
            if word.text.isEmpty {
                throw cursor.error("expected an instruction, a label or a directive", remedy: "comments begin with #")
            }
            if cursor.peek() == ":" {
                _ = cursor.take(":")
                try define(word)
                continue
            }
            if word.text.hasPrefix(".") {
                try directive(word, &cursor)
                return
            }
            if let prefix = Prefix(rawValue: word.text.lowercased()) {
                prefixes.add(prefix, word)
                continue
            }
            try append(word, &cursor)
            return
        }
    }

    private mutating func append(_ word: Word, _ cursor: inout Cursor) throws(Diagnostic) {
        try bytes.checkEmpty()
        let pending = prefixes
        prefixes = PendingPrefixes()
        guard sections.acceptsCode else { return }
        var awaitedHere: Word?
        let definitions = numericDefinitions
        let parser = StatementParser(word: word, prefixes: pending) { target throws(Diagnostic) in
            let (name, isForward) = try Self.numericLabel(target, definitions)
            if isForward { awaitedHere = target }
            return name
        }
        let operands = cursor.rest
        let instruction: Instruction
        do throws(Diagnostic) { instruction = try parser.instruction(&cursor) } catch {
            let prefix = pending.lock.flatMap { $0.place.line == word.place.line ? $0 : nil }
            let end = word.place.column + word.text.unicodeScalars.count
            let length =
                end + (operands.isEmpty ? 0 : 1 + operands.unicodeScalars.count) - (prefix ?? word).place.column
            throw IntelSyntax.error(word, rest: operands, prefix: prefix, length: length) ?? error
        }
        if let awaitedHere, case .target(let target) = instruction.source, awaited[target.label.name] == nil {
            awaited[target.label.name] = awaitedHere
        }
        sections.append(instruction)
    }

    // MARK: Labels

    private mutating func define(_ word: Word) throws(Diagnostic) {
        try bytes.checkEmpty()
        guard word.isNumber else {
            try sections.define(word)
            return
        }
        guard word.text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw word.error("\(word.quoted) is not a label", remedy: "begin the name with a letter, . or _")
        }
        let count = (numericDefinitions[word.text] ?? 0) + 1
        numericDefinitions[word.text] = count
        let name = "\(word.text)#\(count)"
        awaited[name] = nil
        try sections.define(Word(text: name, place: word.place))
    }

    /// The internal name for `1b` (the last `1:` so far) or `1f` (the next one).
    private static func numericLabel(
        _ word: Word, _ definitions: [String: Int]
    ) throws(Diagnostic) -> (name: String, isForward: Bool) {
        let number = String(word.text.dropLast())
        let direction = word.text.last
        guard !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber }), direction == "b" || direction == "f"
        else {
            throw word.error(
                "\(word.quoted) is not a label",
                remedy: "write the name of a label, or 1b and 1f for the label 1 before and after")
        }
        let count = definitions[number] ?? 0
        if direction == "f" { return ("\(number)#\(count + 1)", true) }
        guard count > 0 else {
            throw word.error("no label \(number) before this", remedy: "write \(number)f for one after it")
        }
        return ("\(number)#\(count)", false)
    }

    // MARK: Directives

    private mutating func directive(_ word: Word, _ cursor: inout Cursor) throws(Diagnostic) {
        let name = word.text.lowercased()
        if sections.directive(name, cursor.rest) { return }
        guard name == ".byte", sections.acceptsCode else { return }
        repeat {
            let value = try ExpressionParser.parse(&cursor, allowsParentheses: true)
            if let instruction = try bytes.add(value.constant, at: word) { sections.append(instruction) }
        } while cursor.take(",")
    }
}
