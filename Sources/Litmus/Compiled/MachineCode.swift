import X86

/// What a compiler added to a test in C or Swift: all that a program without a compiler needs beside the test's text.
package struct MachineCode: Sendable, Hashable {
    /// The code of the processors, in the order of their numbers.
    private var programs: [Program]
    /// The code of interrupts, by processor.
    private var handlers: [Int: Program]
    /// The types of the initial state as it is written, which parameters may give.
    private var types: [String?]
    /// Parameters and data of the code.
    private var initializations: [Initialization]
    /// What the final states show besides.
    private var locations: [Location]
    private var compiled: CompiledCode
    /// Whether the question for the rule of shadow stacks was left out.
    private var leavesShadowStackRule: Bool
    /// What was assumed to compile the test.
    package private(set) var assumptions: [String]
    /// The options with which `ptero` compiles the test again.
    package private(set) var options: [String]

    /// Bytes that are not machine code, or machine code of another text or version.
    package typealias Damage = ByteCoder.Damage

    /// What is in a compiled test and not in its text.
    ///
    /// - Throws: `Damage` where the test cannot be put together again from both.
    package init(
        of test: LitmusTest, written: LitmusTest, leavesShadowStackRule: Bool = false, assumptions: [String],
        options: [String]
    ) throws(Damage) {
        guard let compiled = test.compiled, test.initializations.count >= written.initializations.count,
            test.locations.count >= written.locations.count
        else { throw Damage() }
        let count = written.initializations.count
        programs = test.threads.map { $0.program }
        handlers = test.interrupts.mapValues { $0.program }
        types = test.initializations.prefix(count).map { $0.type }
        initializations = Array(test.initializations.dropFirst(count))
        locations = Array(test.locations.dropFirst(written.locations.count))
        self.compiled = compiled
        self.leavesShadowStackRule = leavesShadowStackRule
        self.assumptions = assumptions
        self.options = options
        guard try applied(to: written).test == test else { throw Damage() }
    }

    /// The compiled test, from its text; and the question for the rule of shadow stacks where that was left out.
    ///
    /// - Throws: `Damage` where the text is another.
    package func applied(to written: LitmusTest) throws(Damage) -> (test: LitmusTest, rule: LitmusTest?) {
        guard programs.count == written.threads.count, types.count == written.initializations.count,
            handlers.count == written.interrupts.count
        else { throw Damage() }
        var test = written
        for (number, program) in programs.enumerated() { test.threads[number].program = program }
        for (processor, program) in handlers {
            guard test.interrupts[processor] != nil else { throw Damage() }
            test.interrupts[processor]?.program = program
        }
        for (number, type) in types.enumerated() { test.initializations[number].type = type }
        test.initializations += initializations
        test.locations += locations
        test.compiled = compiled
        test.noteBugs()
        guard leavesShadowStackRule else { return (test, nil) }
        var (rest, rule) = test.withoutShadowStackRule()
        rule?.conditionName = "rule of shadow stacks"
        return (rest, rule)
    }
}

// MARK: - Bytes

extension MachineCode {
    /// What stands in front; another number where the bytes below have another meaning.
    private static let mark = "ptero machine code 1"

    /// Nothing yet.
    private init() {
        (programs, handlers, types, initializations, locations) = ([], [:], [], [], [])
        compiled = CompiledCode(privateRange: 0..<0, stackTop: 0)
        (leavesShadowStackRule, assumptions, options) = (false, [], [])
    }

    /// The machine code as bytes for a text.
    package func bytes(for text: [UInt8]) throws(Damage) -> [UInt8] {
        var coder = ByteCoder()
        var copy = self
        try copy.code(&coder)
        let digest = Digest.text(of: text + coder.bytes)
        return Array("\(Self.mark) \(digest)\n".utf8) + coder.bytes
    }

    /// Reads what ``bytes(for:)`` wrote for the same text.
    package init(bytes: [UInt8], for text: [UInt8]) throws(Damage) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw Damage() }
        let rest = Array(bytes[(end + 1)...])
        let digest = Digest.text(of: text + rest)
        guard bytes[..<end].elementsEqual("\(Self.mark) \(digest)".utf8) else { throw Damage() }
        self.init()
        var coder = ByteCoder(reading: rest)
        try code(&coder)
        guard coder.isAtEnd else { throw Damage() }
    }

    private mutating func code(_ coder: inout ByteCoder) throws(Damage) {
        try coder.code(&programs)
        try coder.code(&handlers)
        try coder.code(&types)
        try coder.code(&initializations)
        try coder.code(&locations)
        try compiled.code(&coder)
        try coder.code(&leavesShadowStackRule)
        try coder.code(&assumptions)
        try coder.code(&options)
    }
}
