import Diagnostics
import X86

/// Reads initial states and conditions; what it is about to read is ``token``.
///
/// The extensions in the other files of this directory hold the rules, one kind of phrase each.
struct Grammar {
    /// Where the token after the current one is looked for.
    var lexer: Lexer
    /// The token to be read next.
    var token: Token
    /// Where the last token that was read ends.
    private(set) var previousEnd: Int
    /// What was mentioned that can only be checked when the whole test is known.
    var mentions = Mentions()
    /// How many atoms of a condition were read.
    var atoms = 0
    /// How many parentheses and negations are open.
    var depth = 0

    /// Whether `0:r1` names a local variable of a C function, not a register.
    var namesLocals = false
    /// What the head says of levels and roots.
    let paging: Paging

    /// Where the program begins, once the initial state is read.
    var stateEnd = 0
    /// What is wrong, where reading can go on.
    let log: FaultLog

    /// How deep a condition may nest: the depth bounds the stack of everything that walks it.
    static let deepestNesting = 200
    /// How many assignments an initial state may hold, and atoms a condition: bounds what a hostile file can allocate.
    static let mostPhrases = 1 << 16
    /// How many elements an array may have: those of one page of bytes.
    static let mostElements: UInt64 = 4096
    /// How many processors a test may have.
    static let mostProcessors = 256

    /// Begins at a byte of the text.
    init(
        source: SourceText, bytes: [UInt8], at offset: Int, paging: Paging = Paging(), log: FaultLog
    ) throws(Diagnostic) {
        self.log = log
        self.paging = paging
        var lexer = Lexer(source: source, bytes: bytes, offset: offset)
        previousEnd = offset
        token = try lexer.next()
        self.lexer = lexer
    }

    /// The text, for places.
    var source: SourceText { lexer.source }

    /// Goes to the next token.
    mutating func advance() throws(Diagnostic) {
        previousEnd = token.range.upperBound
        token = try lexer.next()
    }

    /// Goes on at a byte, after a fault.
    ///
    /// - Throws: when what stands there has no meaning either.
    mutating func resume(at offset: Int) throws(Diagnostic) {
        lexer.offset = offset
        try advance()
    }

    /// The token after the current one.
    func following() throws(Diagnostic) -> Token {
        var ahead = lexer
        return try ahead.next()
    }

    /// Whether the current token is this sign.
    func stands(_ sign: Token.Sign) -> Bool { token.kind == .sign(sign) }

    /// Whether the current token is this name.
    func stands(_ name: String) -> Bool { token.kind == .name(name) }

    /// Reads the sign if it stands here.
    mutating func accept(_ sign: Token.Sign) throws(Diagnostic) -> Bool {
        guard stands(sign) else { return false }
        try advance()
        return true
    }

    /// Reads the sign, which must stand here.
    mutating func expect(_ sign: Token.Sign, _ purpose: String, remedy: String? = nil) throws(Diagnostic) {
        guard try accept(sign) else { throw missing("`\(sign.rawValue)` \(purpose)", remedy: remedy) }
    }

    /// Reads a name, which must stand here.
    mutating func expectName(_ what: String) throws(Diagnostic) -> String {
        guard case .name(let name) = token.kind else { throw unexpected(what) }
        try advance()
        return name
    }

    /// Where the phrase stands that begins at a byte and that was just read.
    func span(from start: Int) -> SourceSpan { source.span(of: start..<max(start + 1, previousEnd)) }

    /// A diagnostic about the current token.
    func unexpected(_ wanted: String, remedy: String? = nil) -> Diagnostic {
        // Nothing stands at the end that could be pointed at.
        let isEnd = token.kind == .end && previousEnd > 0
        return source.diagnostic(
            "expected \(wanted), found \(token.description)", at: isEnd ? previousEnd - 1..<previousEnd : token.range,
            remedy: remedy)
    }

    /// A diagnostic about something that is missing: where it belongs, after what was read last, when the current token
    /// stands on a later line.
    func missing(_ wanted: String, remedy: String? = nil) -> Diagnostic {
        guard previousEnd > 0, isAfterLineEnd else { return unexpected(wanted, remedy: remedy) }
        return source.diagnostic("\(wanted) is missing here", at: previousEnd - 1..<previousEnd, remedy: remedy)
    }

    /// Whether the current token stands on a later line than what was read before.
    var isAfterLineEnd: Bool {
        let end = min(token.range.lowerBound, lexer.bytes.count)
        return lexer.bytes[min(previousEnd, end)..<end].contains(.newline)
    }

    /// Reads `P1` or `1`, which must stand here.
    mutating func expectProcessor() throws(Diagnostic) -> Int {
        guard let processor = try processorHere() else {
            throw unexpected("a processor", remedy: "processors are written `P0`, `P1`, ...")
        }
        mentions.processors.append(Mention(processor, at: token.range))
        try advance()
        return processor
    }

    /// The processor that the current token names, or nil if it names none.
    func processorHere() throws(Diagnostic) -> Int? {
        var number: UInt64?
        switch token.kind {
        case .number(let value): number = value
        case .name(let name):
            guard name.first == "P", name.utf8.dropFirst().allSatisfy({ $0.isDigit }), name.utf8.count > 1 else {
                return nil
            }
            number = UInt64(name.dropFirst())
        default: return nil
        }
        guard let number, number < Self.mostProcessors else {
            throw source.diagnostic(
                "\(token.description) is not a processor: a test has at most \(Self.mostProcessors)", at: token.range)
        }
        return Int(number)
    }
}

/// Something that a test mentioned, and where.
struct Mention<Subject> {
    var subject: Subject
    var range: Range<Int>

    init(_ subject: Subject, at range: Range<Int>) {
        self.subject = subject
        self.range = range
    }
}

/// What initial state and condition mention and the columns must have.
struct Mentions {
    var processors: [Mention<Int>] = []
    var labels: [Mention<(processor: Int, label: String)>] = []
    /// Pages that a property names.
    var pages: [Mention<String>] = []
    /// The text of each assignment of the initial state, in order.
    var assignments: [Range<Int>] = []
}
