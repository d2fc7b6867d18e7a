/// Finds the functions that C source text defines, without a compiler: `Function=` names them before anything is compiled.
///
/// Braces inside comments, strings and preprocessor lines do not count. The text is a kernel file, one function after the
/// other at the outermost level, in any of the kernel's layouts.
enum SourceFunctions {
    /// The lines, from 1, of the definitions of a function: one for each branch of conditional compilation that has one.
    static func definitions(of name: String, in text: String) -> [ClosedRange<Int>] {
        guard !name.isEmpty else { return [] }
        return all(in: text, named: name).map(\.lines)
    }

    /// All functions that a text defines, or those of one name, with their lines, from 1, in text order.
    static func all(in text: String, named wanted: String? = nil) -> [(name: String, lines: ClosedRange<Int>)] {
        let code = text.utf8.count < 64 << 20 ? blanked(text) : []
        let wanted = wanted.map { Array($0.utf8) }
        var found: [(name: String, lines: ClosedRange<Int>)] = []
        var depth = 0
        var line = 1
        var index = 0
        while index < code.count {
            let byte = code[index]
            if byte == newline {
                line += 1
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                // A brace in the first column ends a function, whatever branches of #if have opened.
                depth = index == 0 || code[index - 1] == newline ? 0 : max(0, depth - 1)
            } else if depth == 0, isNamePart(byte) {
                let name = index..<endOfName(index, code)
                if wanted.map({ code[name].elementsEqual($0) }) ?? true,
                    let body = body(behind: name.upperBound, code), wanted != nil || !isAttribute(name, body, code),
                    let end = closing(from: body, code)
                {
                    let last = line + code[index..<end].count { $0 == newline }
                    found.append((String(decoding: code[name], as: UTF8.self), line...last))
                    line = last
                    index = end
                } else {
                    index = name.upperBound - 1
                }
            }
            index += 1
        }
        return found
    }

    private static let newline = UInt8(ascii: "\n")

    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func endOfName(_ index: Int, _ code: [UInt8]) -> Int {
        var index = index
        while index < code.count, isNamePart(code[index]) { index += 1 }
        return index
    }

    /// Whether what looks like a function is an attribute or a macro in front of one: `__printf(1, 2) void f(void) {`.
    private static func isAttribute(_ name: Range<Int>, _ body: Int, _ code: [UInt8]) -> Bool {
        var depth = 0
        var index = name.upperBound
        while index < body {
            if code[index] == UInt8(ascii: "(") { depth += 1 }
            if code[index] == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0, isNamePart(code[index]) {
                let next = index..<endOfName(index, code)
                // Annotations such as __must_hold(x) stand after a function.
                if !code[next].starts(with: "__".utf8), skipped(next.upperBound, code) < body,
                    code[skipped(next.upperBound, code)] == UInt8(ascii: "(")
                {
                    return true
                }
                index = next.upperBound
            } else {
                index += 1
            }
        }
        return false
    }

    /// Where the body begins if parameters and a body follow; a declaration or a call has none.
    private static func body(behind index: Int, _ code: [UInt8]) -> Int? {
        var index = skipped(index, code)
        guard index < code.count, code[index] == UInt8(ascii: "(") else { return nil }
        var depth = 0
        while index < code.count {
            if code[index] == UInt8(ascii: "(") { depth += 1 }
            if code[index] == UInt8(ascii: ")") { depth -= 1 }
            if [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ";")].contains(code[index]) { return nil }
            index += 1
            if depth == 0 { break }
        }
        // Attributes and annotations such as __must_hold(x) may stand between.
        while index < code.count, code[index] != UInt8(ascii: "{") {
            if [UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "}"), UInt8(ascii: ",")].contains(code[index]) {
                return nil
            }
            index += 1
        }
        return index < code.count ? index : nil
    }

    private static func skipped(_ index: Int, _ code: [UInt8]) -> Int {
        var index = index
        while index < code.count, code[index] == newline || code[index] == UInt8(ascii: " ") || code[index] == 9 {
            index += 1
        }
        return index
    }

    /// Where the brace that opens here is closed.
    private static func closing(from index: Int, _ code: [UInt8]) -> Int? {
        var depth = 0
        for position in index..<code.count {
            if code[position] == UInt8(ascii: "{") { depth += 1 }
            if code[position] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 || code[position - 1] == newline { return position }
            }
        }
        return nil
    }

    /// The text with comments, literals and preprocessor lines as blanks; lines stay where they are.
    private static func blanked(_ text: String) -> [UInt8] {
        enum State { case code, lineComment, comment, string, character, directive }
        var bytes = Array(text.utf8)
        var state = State.code
        var isLineStart = true
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            let isEscape =
                byte == UInt8(ascii: "\\") && (state == .string || state == .character || state == .directive)
            if isEscape {
                bytes[index] = UInt8(ascii: " ")
                if next != newline, index + 1 < bytes.count { bytes[index + 1] = UInt8(ascii: " ") }
                index += 2
                continue
            }
            switch state {
            case .code:
                if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") { state = .comment }
                if byte == UInt8(ascii: "/"), next == UInt8(ascii: "/") { state = .lineComment }
                if byte == UInt8(ascii: "\"") { state = .string }
                if byte == UInt8(ascii: "'") { state = .character }
                if byte == UInt8(ascii: "#"), isLineStart { state = .directive }
                if byte == newline { isLineStart = true } else if byte != 32 && byte != 9 { isLineStart = false }
                if state == .code {
                    index += 1
                    continue
                }
                if state == .comment {
                    bytes[index] = 32
                    bytes[index + 1] = 32
                    index += 2
                    continue
                }
            case .comment:
                if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
                    bytes[index] = 32
                    bytes[index + 1] = 32
                    index += 2
                    state = .code
                    continue
                }
            case .string: if byte == UInt8(ascii: "\"") || byte == newline { state = .code }
            case .character: if byte == UInt8(ascii: "'") || byte == newline { state = .code }
            case .lineComment, .directive: if byte == newline { state = .code }
            }
            if byte == newline { isLineStart = true } else { bytes[index] = 32 }
            index += 1
        }
        return bytes
    }
}
