import Diagnostics
import X86

/// What stands before the initial state.
struct Head {
    var name: String
    var description: String?
    var headers: [Header] = []
    /// The offset of the opening brace.
    var end: Int
}

/// Reads the lines before the initial state.
struct HeadParser {
    private let source: SourceText
    private let bytes: [UInt8]
    private let log: FaultLog
    private var offset = 0

    /// Reads from the beginning of a text whose comments are blank.
    static func parse(
        _ source: SourceText, _ bytes: [UInt8], architecture: String = "X86_64", log: FaultLog
    ) throws(Diagnostic) -> Head {
        var parser = HeadParser(source: source, bytes: bytes, expected: architecture, log: log)
        return try parser.head()
    }

    /// The architecture that the first line must name.
    private let expected: String

    private init(source: SourceText, bytes: [UInt8], expected: String, log: FaultLog) {
        self.source = source
        self.bytes = bytes
        self.log = log
        self.expected = expected
    }

    /// The offset of the `=` of a header line whose key begins here; nil if this is not a header line.
    static func headerSign(in bytes: [UInt8], keyAt start: Int) -> Int? {
        var offset = start
        guard offset < bytes.count, bytes[offset].isLetter else { return nil }
        while offset < bytes.count, bytes[offset].continuesKey { offset += 1 }
        let end = offset
        func skipBlanks() {
            while offset < bytes.count, bytes[offset].isBlank, bytes[offset] != .newline { offset += 1 }
        }
        skipBlanks()
        // `Failure lost=...` is about the condition `lost`; of a key without a meaning nobody knows what a word after it is.
        if offset > end, let name = Grammar.conditionName(in: bytes, at: offset),
            HeaderKey(rawValue: bytes.text(start..<end)) != nil
        {
            offset = name.upperBound
            skipBlanks()
        }
        return offset < bytes.count && bytes[offset] == UInt8(ascii: "=") ? offset : nil
    }

    private mutating func head() throws(Diagnostic) -> Head {
        try architecture()
        let nameRange = word()
        guard !nameRange.isEmpty else {
            throw source.diagnostic(
                "the test has no name", at: nameRange.lowerBound..<nameRange.lowerBound + 1,
                remedy: "the first line is `\(expected) NAME`")
        }
        var head = Head(name: bytes.text(nameRange), end: 0)
        // herd7 takes the name `--` to mean the file's own.
        if head.name == "--", let file = source.file { head.name = Self.stem(of: file) }
        try lines(into: &head)
        return head
    }

    private mutating func lines(into head: inout Head) throws(Diagnostic) {
        var isFirstLine = true
        while true {
            skipBlanks(alsoLines: false)
            guard offset < bytes.count else { throw noInitialState() }
            switch bytes[offset] {
            case .newline:
                offset += 1
                isFirstLine = false
            case UInt8(ascii: "{"):
                head.end = offset
                return
            case UInt8(ascii: "\""):
                let text = try quotation()
                head.description = head.description ?? text
            default:
                if !isFirstLine, let sign = Self.headerSign(in: bytes, keyAt: offset) {
                    try header(sign: sign, into: &head)
                } else {
                    otherText()
                }
            }
        }
    }

    private mutating func header(sign: Int, into head: inout Head) throws(Diagnostic) {
        guard head.headers.count < Grammar.mostPhrases else {
            throw source.diagnostic("a test has at most \(Grammar.mostPhrases) header lines", at: offset..<sign)
        }
        let end = bytes[sign...].firstIndex(of: .newline) ?? bytes.count
        let words = bytes[offset..<sign].split { $0.isBlank }.map { word in
            (text: bytes.text(word.startIndex..<word.endIndex), range: word.startIndex..<word.endIndex)
        }
        let value = bytes.text(bytes.trimmed(sign + 1..<end))
        let valueStart = bytes.trimmed(sign + 1..<end).lowerBound
        head.headers.append(
            Header(
                key: words[0].text, condition: words.count > 1 ? words[1].text : nil, value: value,
                place: source.place(of: offset), valuePlace: source.place(of: valueStart)))
        head.headers[head.headers.count - 1].conditionSpan = words.count > 1 ? source.span(of: words[1].range) : nil
        offset = end
    }

    /// Passes over text that is neither a header line nor a description, as herd7 does, unless it looks like a slip in a
    /// line that has a meaning: ignoring that would change the verdict.
    private mutating func otherText() {
        let start = offset
        offset = bytes[start...].firstIndex { $0 == .newline || $0 == UInt8(ascii: "{") } ?? bytes.count
        let end = bytes[start...].firstIndex { !$0.continuesKey } ?? bytes.count
        let first = bytes.text(start..<end)
        if let key = HeaderKey.allCases.first(where: { $0.rawValue == first }) {
            log.note(
                source.diagnostic(
                    "`\(first)` lacks its `=`", at: start..<max(end, start + 1),
                    remedy: "write `\(key.rawValue)=\(key.example)` on a line of its own"))
        }
    }

    private mutating func quotation() throws(Diagnostic) -> String {
        let start = offset
        guard let end = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "\"")) else {
            throw source.diagnostic(
                "this description does not end", at: start..<start + 1, remedy: "close it with `\"`")
        }
        offset = end + 1
        return bytes.text(start + 1..<end)
    }

    private func noInitialState() -> Diagnostic {
        let last = bytes.lastIndex { !$0.isBlank } ?? 0
        return source.diagnostic(
            "the test has no initial state", at: last..<last + 1,
            remedy: "after the head comes the initial state in braces; `{ }` starts everything at 0")
    }

    private mutating func architecture() throws(Diagnostic) {
        skipBlanks(alsoLines: true)
        let range = word()
        let name = bytes.text(range)
        guard name != expected else { return }
        let quoted = name.prefix(40)
        var message = "a test begins with its architecture, and `\(quoted)` is not one"
        var remedy = "the first line is `\(expected) NAME`"
        switch name {
        case _ where name.isEmpty: message = "the test has no first line"
        case "C":
            message = "this is a C test, which needs a compiler"
            remedy = "give the file to a command that compiles C tests, such as `ptero check`"
        case "LISA":
            message = "\(name) tests are not in this version"
            remedy = "write the columns as X86_64 instructions"
        case "X86":
            // What follows can be understood: each instruction is told with how it would be written.
            log.note(
                source.diagnostic(
                    "`X86` is herd7's 32-bit architecture, in Intel's syntax; Ptero reads `X86_64`, in AT&T's",
                    at: range,
                    remedy: "write `X86_64`, and the instructions in AT&T's syntax: `movl $1,(x)`, `movl (x),%eax`"))
            return
        case _ where ["x86_64", "x86-64", "amd64", "x64", "x86"].contains(name.lowercased()):
            log.note(
                source.diagnostic(
                    "the architecture is spelled `\(expected)`", at: range, remedy: "write `\(expected)`"))
            return
        case "AArch64", "ARM", "PPC", "RISCV", "MIPS", "BPF", "CPP", "Bell", "ASL", "JAVA", "GPU_PTX", "OpenCL":
            message = "the architecture `\(name)` is not supported"
            remedy = "only `X86_64` is"
        default:
            if let near = NearName.of(name, among: [expected]) { remedy = "did you mean `\(near)`?" }
        }
        throw source.diagnostic(
            message, at: range.isEmpty ? range.lowerBound..<range.lowerBound + 1 : range, remedy: remedy)
    }

    private mutating func skipBlanks(alsoLines: Bool) {
        while offset < bytes.count, bytes[offset].isBlank, alsoLines || bytes[offset] != .newline { offset += 1 }
    }

    /// The next word of the line.
    private mutating func word() -> Range<Int> {
        skipBlanks(alsoLines: false)
        let start = offset
        while offset < bytes.count, !bytes[offset].isBlank { offset += 1 }
        return start..<offset
    }

    private static func stem(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
        return String(last[..<dot])
    }
}
