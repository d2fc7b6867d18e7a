import Diagnostics
import X86

/// A C test as written (litmus.md, "Real C"): nothing is compiled yet.
package struct CTest: Sendable, Hashable {
    /// Everything but the code: the threads' programs are empty.
    package var test: LitmusTest
    /// The C text between initial state and condition.
    package var text: [UInt8]
    /// Where the text begins in the file.
    package var textPlace: SourcePlace
    /// The functions `P0`, `P1` and so on, in order of their number.
    package var functions: [CFunction]
    /// The functions `P1_I`: what runs when another CPU interrupts one, by the number of the CPU.
    package var handlers: [CFunction]

    /// Whether a file's content is a C test: its first word is `C`.
    package static func isCTest(_ bytes: [UInt8]) -> Bool {
        let start = bytes.has("\u{feff}", at: 0) ? 3 : 0
        let words = bytes[start...].prefix(4096).split(omittingEmptySubsequences: true) { $0.isBlank }
        return words.first.map { Array($0) == [UInt8(ascii: "C")] } ?? false
    }

    /// Reads a C test: UTF-8, at most 16 MiB.
    package static func parse(bytes: [UInt8], file: String? = nil) throws(Diagnostic) -> CTest {
        let source = try SourceText(bytes, file: file)
        let log = FaultLog()
        let commented = try log.require { () throws(Diagnostic) in
            try CommentedText(source, hasCProgram: true, log: log)
        }
        return try log.require { () throws(Diagnostic) in try parse(source, commented, log) }
    }

    private static func parse(
        _ source: SourceText, _ commented: CommentedText, _ log: FaultLog
    ) throws(Diagnostic) -> CTest {
        let head = try HeadParser.parse(source, commented.bytes, architecture: "C", log: log)
        let paging = Paging(head.headers)
        var grammar = try Grammar(source: source, bytes: commented.bytes, at: head.end, paging: paging, log: log)
        let initializations = try grammar.initialState()
        guard let program = commented.program else { throw source.withoutProgram(after: grammar.stateEnd) }
        let found = log.attempt { () throws(Diagnostic) in try CFunctionParser(source, program).functions() }
        let functions = found?.threads ?? []
        source.noteHoles(inC: program, log: log)
        var closing = try Grammar(
            source: source, bytes: commented.bytes, at: program.upperBound, paging: paging, log: log)
        closing.mentions = grammar.mentions
        closing.namesLocals = true
        let end = try closing.closing()
        var test = LitmusTest(
            name: head.name, description: head.description, headers: head.headers,
            initializations: initializations, threads: functions.columns, locations: end.locations,
            filter: end.filter, condition: end.first)
        test.take(end, commented.results)
        ConsistencyCheck(
            source: source, test: test, mentions: closing.mentions, results: commented.results,
            stateAndProgram: commented.bytes[head.end..<program.upperBound], log: log
        ).run()
        test.refuseRegisters(language: "C", parameters: "values", file: source.file, log: log)
        try log.check()
        for handler in found?.handlers ?? [] {
            test.interrupts[handler.processor] = ThreadColumn(
                processor: handler.processor, program: Program(), place: handler.place)
        }
        return CTest(
            test: test, text: Array(source.bytes[program]), textPlace: source.place(of: program.lowerBound),
            functions: functions, handlers: found?.handlers ?? [])
    }
}

/// A thread of a C test, the function `P0`, `P1` and so on, or what runs in it when another CPU interrupts it: `P1_I`.
///
/// Offsets count from the beginning of ``CTest/text``.
package struct CFunction: Sendable, Hashable {
    /// A parameter: a variable's address.
    package struct Parameter: Sendable, Hashable {
        /// What the parameter means: `pte_x` is the entry of `x`.
        package var name: MemoryName
        /// The name as written.
        package var spelling: String
        /// The type that it points to, as far as the test language knows it: `int`.
        package var type: String?
        /// Where it stands.
        package var place: SourcePlace
    }

    /// The number of the processor.
    package var processor: Int
    /// It handles interrupts of the processor.
    package var isHandler: Bool
    /// Where the name begins.
    package var name: Int
    /// Whether a return type stands before the name.
    package var hasReturnType: Bool
    /// Parameters in order.
    package var parameters: [Parameter]
    /// The body between its braces.
    package var body: Range<Int>
    /// Where the name stands in the file.
    package var place: SourcePlace

    /// What the name of a function that handles interrupts ends in.
    package static let handlerMark = "_I"

    /// The function's name.
    package var spelling: String { "P\(processor)" + (isHandler ? Self.handlerMark : "") }
}

/// Finds the functions of a C test.
struct CFunctionParser {
    private let source: SourceText
    private let program: Range<Int>

    init(_ source: SourceText, _ program: Range<Int>) {
        self.source = source
        self.program = program
    }

    /// The functions of the threads, which must be numbered without gaps, and those that handle interrupts of them.
    func functions() throws(Diagnostic) -> (threads: [CFunction], handlers: [CFunction]) {
        var found: [CFunction] = []
        var scanner = CProgramScanner(source, from: program.lowerBound, to: program.upperBound)
        var depth = 0
        var statementStart = true
        while let piece = try scanner.next() {
            switch piece {
            case .sign(let sign, _):
                if CProgramScanner.closing(sign) != nil { depth += 1 }
                if [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(sign) { depth -= 1 }
                statementStart = depth == 0 && (sign == UInt8(ascii: "}") || sign == UInt8(ascii: ";"))
            case .word(let range):
                if depth == 0, let name = role(range),
                    let function = try function(name, range, &scanner, hasReturnType: !statementStart)
                {
                    let isSame = { ($0 as CFunction).processor == name.processor && $0.isHandler == name.isHandler }
                    if let earlier = found.first(where: isSame) {
                        throw source.diagnostic(
                            "\(source.bytes.text(range)) is defined twice", at: range,
                            remedy: "the first is in line \(earlier.place.line)")
                    }
                    found.append(function)
                    statementStart = true
                } else {
                    statementStart = false
                }
            }
        }
        let handlers = found.filter { $0.isHandler }.sorted { $0.processor < $1.processor }
        let threads = try found.filter { !$0.isHandler }.numbered(
            in: source,
            orElse: source.diagnostic(
                "the test has no function P0", at: program.lowerBound..<program.lowerBound + 1,
                remedy: "write the threads as functions: P0(int *x) { ... }"))
        for handler in handlers { try check(handler, among: threads) }
        return (threads, handlers)
    }

    private func check(_ handler: CFunction, among threads: [CFunction]) throws(Diagnostic) {
        func refuse(_ message: String, _ remedy: String) -> Diagnostic {
            Diagnostic(
                file: source.file, span: SourceSpan(handler.place, length: handler.spelling.count), message: message,
                remedy: remedy)
        }
        guard handler.processor < threads.count else {
            throw refuse(
                "\(handler.spelling) handles interrupts of P\(handler.processor), which the test does not have",
                "write a function P\(handler.processor), which may be empty")
        }
        guard handler.parameters.isEmpty else {
            throw refuse(
                "\(handler.spelling) has parameters, and an interrupt passes none",
                "reach variables with `extern`: extern int x;")
        }
    }

    /// What a name says: `P1` is the thread of a CPU, `P1_I` what handles its interrupts.
    private func role(_ range: Range<Int>) -> (processor: Int, isHandler: Bool)? {
        let word = source.bytes.text(range)
        let isHandler = word.hasSuffix(CFunction.handlerMark)
        let name = isHandler ? word.dropLast(CFunction.handlerMark.count) : word[...]
        guard name.first == "P", name.utf8.count > 1, name.utf8.dropFirst().allSatisfy({ $0.isDigit }),
            let number = Int(name.dropFirst()), number < Grammar.mostProcessors
        else { return nil }
        return (number, isHandler)
    }

    private func function(
        _ role: (processor: Int, isHandler: Bool), _ range: Range<Int>, _ scanner: inout CProgramScanner,
        hasReturnType: Bool
    ) throws(Diagnostic) -> CFunction? {
        var ahead = scanner
        guard case .sign(UInt8(ascii: "("), let opening)? = try ahead.next() else { return nil }
        let closing = try matching(UInt8(ascii: "("), opening, &ahead)
        guard case .sign(UInt8(ascii: "{"), let brace)? = try ahead.next() else { return nil }
        let end = try matching(UInt8(ascii: "{"), brace, &ahead)
        scanner = ahead
        let start = program.lowerBound
        return CFunction(
            processor: role.processor, isHandler: role.isHandler, name: range.lowerBound - start,
            hasReturnType: hasReturnType,
            parameters: try parameters(opening + 1..<closing), body: brace + 1 - start..<end - start,
            place: source.place(of: range.lowerBound))
    }

    /// The offset of the sign that closes what was opened.
    private func matching(_ sign: UInt8, _ opening: Int, _ scanner: inout CProgramScanner) throws(Diagnostic) -> Int {
        var depth = 1
        while let piece = try scanner.next() {
            guard case .sign(let next, let place) = piece else { continue }
            if next == sign { depth += 1 }
            if next == CProgramScanner.closing(sign) { depth -= 1 }
            if depth == 0 { return place }
        }
        throw source.diagnostic("this bracket is not closed", at: opening..<opening + 1, remedy: "close it")
    }

    private func parameters(_ range: Range<Int>) throws(Diagnostic) -> [CFunction.Parameter] {
        let parts = source.bytes[range].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        var parameters: [CFunction.Parameter] = []
        for part in parts {
            let whole = source.bytes.trimmed(part.startIndex..<part.endIndex)
            if whole.isEmpty || source.bytes.text(whole) == "void" {
                guard parts.count == 1 else {
                    throw source.diagnostic("a parameter is missing", at: part.startIndex..<part.startIndex + 1)
                }
                return []
            }
            parameters.append(try parameter(whole))
        }
        guard parameters.count <= 6 else {
            throw source.diagnostic(
                "a function has at most six parameters here", at: range,
                remedy: "reach the other variables with `extern`")
        }
        return parameters
    }

    /// `pte_x` is the entry of `x`, `child_pte_x` its entry in the address space `child`, `pmd_x` the entry above it.
    static func meaning(of name: String) -> MemoryName {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        guard let mark = parts.firstIndex(where: { EntryLevel(prefix: $0) != nil }), mark + 1 < parts.count,
            let level = EntryLevel(prefix: parts[mark])
        else { return .variable(name) }
        let space = parts[..<mark].joined(separator: "_")
        let page = parts[(mark + 1)...].joined(separator: "_")
        guard page.utf8.first?.beginsName == true, space.isEmpty == (mark == 0) else { return .variable(name) }
        return .entry(level, page: page, space: space.isEmpty ? nil : space)
    }

    private func parameter(_ range: Range<Int>) throws(Diagnostic) -> CFunction.Parameter {
        let bytes = source.bytes
        guard let star = bytes[range].lastIndex(of: UInt8(ascii: "*")) else {
            throw source.diagnostic(
                "the parameter `\(bytes.text(range))` is not a pointer", at: range,
                remedy: "parameters are addresses of variables: `int *x`")
        }
        var nameRange = bytes.trimmed(star + 1..<range.upperBound)
        let qualifiers: [StaticString] = ["const ", "volatile ", "restrict "]
        while let qualifier = qualifiers.first(where: { bytes.has($0, at: nameRange.lowerBound) }) {
            nameRange = bytes.trimmed(nameRange.lowerBound + qualifier.utf8CodeUnitCount..<nameRange.upperBound)
        }
        let name = bytes.text(nameRange)
        guard name.isVariableName else {
            throw source.diagnostic("this parameter has no name", at: range, remedy: "name a variable: `int *x`")
        }
        let type = bytes.text(bytes.trimmed(range.lowerBound..<star)).split(whereSeparator: { $0.isWhitespace })
            .filter { !ValueTypes.qualifiers.contains(String($0)) }.joined(separator: " ")
        return CFunction.Parameter(
            name: Self.meaning(of: name), spelling: name, type: ValueTypes.byteCount(of: type) == nil ? nil : type,
            place: source.place(of: range.lowerBound))
    }
}
