import Diagnostics
import Litmus
import X86

/// The code that one thread can reach, as one program that begins with the thread's own function.
struct ReachedCode {
    /// A call of a kernel `BUG`, or a warning.
    struct Reports: OptionSet {
        let rawValue: Int
        static let bug = Reports(rawValue: 1)
        static let warning = Reports(rawValue: 2)
    }

    /// The program, symbols not resolved.
    let program: Program
    /// Functions in the program, the thread's own first.
    let functions: [String]
    /// Names after `%gs:`.
    let perCPUNames: Set<String>
    /// Functions that were replaced by one that returns 0.
    let stubbed: Set<String>
    /// Which of `BUG` and `WARN` the code contains.
    let reports: Reports
    /// The lines that the code was made from, by the path of their file.
    let lines: [String: Set<Int>]
    /// Where each instruction comes from.
    let origins: CompiledCode.Origins

    /// Where code that the compiler made stands in a test's file.
    struct SourceFile {
        /// The file's last path component, as `.file` names it.
        var name: String
        /// What diagnostics call it.
        var file: String?
        /// Where the thread's function begins.
        var functionPlace: SourcePlace
        /// What clang's columns mean in it; nil for text that is not a test.
        var columns: SourceColumns?
        /// The kernel's directory, which messages about its files leave out.
        var treePath: String?
        /// What the test is written in.
        var language = CompiledTestBuilder.Language.c
        /// What turns places of the listing into lines of source; nil where nobody asks for them.
        var lines: SourceLines?
    }

    /// Collects what `entry` reaches.
    ///
    /// - Throws: `Diagnostic` for a call of a function that is not defined, an indirect call without known
    ///   targets, and an instruction outside the subset, with function and source line.
    init(
        _ entry: String, in listing: AssemblyListing, source: SourceFile, stubs: Set<String>
    ) throws(Diagnostic) {
        var assembler = ReachedAssembler(listing: listing, source: source, stubs: stubs)
        try self.init(entry, &assembler)
    }

    /// Collects what the function `handler` reaches, which a CPU calls when another interrupts it; `iretq` follows the call.
    ///
    /// - Throws: as `init(_:in:source:stubs:)`.
    init(
        handler: String, in listing: AssemblyListing, source: SourceFile, stubs: Set<String>
    ) throws(Diagnostic) {
        var assembler = ReachedAssembler(listing: listing, source: source, stubs: stubs)
        assembler.addInterruptEntry(to: handler)
        try self.init(handler, &assembler)
    }

    private init(_ entry: String, _ assembler: inout ReachedAssembler) throws(Diagnostic) {
        try assembler.add(entry)
        (program, origins) = try assembler.program()
        functions = assembler.functions
        perCPUNames = assembler.perCPUNames
        stubbed = assembler.stubbed
        reports = assembler.reports
        lines = assembler.lines
    }
}

/// Builds the text of a reached program and remembers where each line comes from.
private struct ReachedAssembler {
    let listing: AssemblyListing
    let source: ReachedCode.SourceFile
    let stubs: Set<String>

    private(set) var functions: [String] = []
    private(set) var perCPUNames: Set<String> = []
    private(set) var stubbed: Set<String> = []
    private(set) var reports: ReachedCode.Reports = []
    private(set) var lines: [String: Set<Int>] = [:]
    /// The file and line of the statement that is being read.
    private var current: (file: Int, line: Int)?
    /// What the code was made from: functions, places, and what is being read of them.
    private var tracer: OriginTracer
    private var known: Set<String> = []
    private var queue: [String] = []
    private var text: [String] = []
    private var origins: [(function: String, place: SourcePlace?, source: (file: Int, line: Int)?, chain: Int)] = []
    /// Calls and jumps through pointers, by line of the text.
    private var indirectLines: [Int] = []
    private var takesAddress = false
    private var missing: [String] = []

    init(listing: AssemblyListing, source: ReachedCode.SourceFile, stubs: Set<String>) {
        self.listing = listing
        self.source = source
        self.stubs = stubs
        tracer = OriginTracer(source.lines)
    }

    /// What a CPU does around the handler; it saves registers itself (Machine, `Interrupts.swift`).
    mutating func addInterruptEntry(to handler: String) {
        for line in ["call \(handler)", "iretq"] { emit(line, handler, source.functionPlace) }
    }

    mutating func add(_ entry: String) throws(Diagnostic) {
        queue = [entry]
        known = [entry]
        var next = 0
        while next < queue.count {
            let name = queue[next]
            next += 1
            functions.append(name)
            // A stub that the test asks for replaces the function even where its code is there.
            if stubs.contains(name) {
                emitStub(name)
            } else if source.language == .swift, SwiftName.isWitnessAccessor(name) {
                emitAnswerOfNothing(name)
            } else if let function = listing.function(name) {
                try emit(function, as: name)
            } else {
                try emitExternal(name)
            }
            guard text.count < 400_000 else {
                throw Diagnostic(
                    file: source.file, place: source.functionPlace,
                    message: "\(entry) reaches more than 400,000 lines of assembly",
                    remedy: "name functions in Stub= that do not matter")
            }
        }
    }

    /// Parses what was collected.
    mutating func program() throws(Diagnostic) -> (Program, CompiledCode.Origins) {
        try checkMissing()
        try checkRedZone()
        var text = text
        // Where nobody takes a function's address a pointer leads nowhere; the machine says so if it gets there.
        if !takesAddress { for line in indirectLines { text[line] = "call \(Instruction.unknownTarget)()" } }
        do throws(Diagnostic) {
            var parser = AssemblyParser()
            try parser.parse(text: text.joined(separator: "\n") + "\n")
            var program = try parser.finish()
            for index in program.instructions.indices {
                let line = program.instructions[index].place.line
                tracer.append(
                    program.instructions[index].text,
                    chain: origins.indices.contains(line - 1) ? origins[line - 1].chain : -1)
                program.instructions[index].place = place(ofLine: line)
            }
            return (program, tracer.origins(functions: functions, in: program, stubs: stubbed))
        } catch {
            let line = error.place?.line ?? 0
            let origin = origins.indices.contains(line - 1) ? origins[line - 1] : nil
            let statement = text.indices.contains(line - 1) ? AssemblyText.trimmed(text[line - 1][...]) : ""
            if ["%xmm", "%ymm", "%zmm"].contains(where: statement.contains) {
                throw Diagnostic(
                    file: source.file, place: place(ofLine: line),
                    message:
                        "in \(SwiftName.readable(origin?.function ?? "?")): vector and floating-point registers are "
                        + "not modelled (`\(statement)`)",
                    remedy: "use integers, and leave out flags that allow vector registers "
                        + "(\(source.language == .swift ? "--swiftflags" : "--cflags"))")
            }
            throw Diagnostic(
                file: source.file, place: place(ofLine: line),
                message:
                    "in \(SwiftName.readable(origin?.function ?? "?"))\(elsewhere(origin?.source)): "
                    + "\(error.message) (`\(statement)`)",
                remedy: error.remedy)
        }
    }

    /// What lies below the stack pointer is dead to the machine, as in a kernel, where an interrupt writes over it.
    private func checkRedZone() throws(Diagnostic) {
        guard let index = text.firstIndex(where: Self.usesRedZone) else { return }
        throw Diagnostic(
            file: source.file, place: place(ofLine: index + 1),
            message:
                "in \(SwiftName.readable(origins[index].function)): the code keeps data below the stack pointer "
                + "(`\(AssemblyText.trimmed(text[index][...]))`), which no kernel may",
            remedy: "leave out -mred-zone (\(source.language == .swift ? "--swiftflags" : "--cflags"))")
    }

    /// Whether a statement keeps something below `%rsp`; `lea` only computes, and a fence adds 0 to whatever is there.
    static func usesRedZone(_ statement: String) -> Bool {
        let plain = AssemblyText.trimmed(statement[...])
        guard let register = statement.firstRange(of: "(%rsp"), !plain.hasPrefix("lea") else { return false }
        let mnemonic = plain.split(whereSeparator: \.isWhitespace).first { $0 != "lock" } ?? ""
        if plain.contains("$0,"), mnemonic.hasPrefix("add") || mnemonic.hasPrefix("or") { return false }
        let before = statement[..<register.lowerBound]
        let number = before.reversed().prefix { $0.isHexDigit || $0 == "x" }
        return !number.isEmpty && before.dropLast(number.count).last == "-"
    }

    /// ` (mm/memory.c:120)` for code that was made from another file than the test's.
    private func elsewhere(_ line: (file: Int, line: Int)?) -> String {
        guard let line, line.line > 0, let path = listing.paths[line.file], listing.files[line.file] != source.name
        else {
            return ""
        }
        let root = (source.treePath ?? "") + "/"
        return " (\(path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path):\(line.line))"
    }

    /// The place in the test's file that a line of the collected text belongs to.
    private func place(ofLine line: Int) -> SourcePlace {
        guard origins.indices.contains(line - 1) else { return source.functionPlace }
        return origins[line - 1].place ?? source.functionPlace
    }

    // MARK: Emitting

    private mutating func emit(_ line: String, _ function: String, _ place: SourcePlace?) {
        text.append(line)
        origins.append((function, place, current, current == nil ? -1 : tracer.current))
    }

    private mutating func emit(_ function: AssemblyListing.Function, as name: String) throws(Diagnostic) {
        emit(".text", name, nil)
        emit("\(name):", name, nil)
        if function.name != name { emit("\(function.name):", name, nil) }
        defer { current = nil }
        var place: SourcePlace?
        /// Whether the function itself stands in the test's file: its first `.loc` tells.
        var isOfTest: Bool?
        // Whatever section the function lies in, here it is `.text`: inline assembly switches away and back.
        var section = SectionStack(name: function.section)
        var index = 0
        while index < function.lines.count {
            let line = function.lines[index].text
            index += 1
            let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard let first = words.first.map(String.init) else { continue }
            let rest = words.count > 1 ? String(words[1]) : ""
            if first == ".loc" {
                let numbers = rest.split(separator: " ").prefix(3).compactMap { Int($0) }
                guard numbers.count == 3 else { continue }
                current = (numbers[0], numbers[1])
                let chain = listing.lines(ofLocation: line)
                tracer.enter(chain, statement: line, function: name)
                for (path, line, _) in chain { lines[path, default: []].insert(line) }
                let isHere = listing.files[numbers[0]] == source.name
                isOfTest = isOfTest ?? isHere
                // Of inlined code the place is where the test called it.
                let outer = chain.first { $0.line > 0 && $0.path.hasSuffix("/" + source.name) }
                if let (_, line, column) = isHere ? (numbers[1] > 0 ? chain.first : nil) : outer {
                    place =
                        source.columns?.place(line: line, column: column)
                        ?? SourcePlace(line: line, column: max(1, column))
                } else if isOfTest == false {
                    // What a function of another file does between calls into the test has no place in the test.
                    place = nil
                }
                continue
            }
            let isHome = section.name == function.section
            if section.note(first, rest) {
                let isNamed = first == ".section" || first == ".pushsection"
                let other = ".section " + (isNamed ? rest : section.name)
                emit(section.name == function.section ? ".text" : other, name, place)
                continue
            }
            guard section.isCode || isHome else { continue }
            if let length = Self.undefinedInstruction(function.lines, at: index - 1) {
                let isWarning = Self.isWarning(function.lines, after: index - 1 + length)
                emitReport(isWarning ? .warning : .bug, name, place)
                index += length - 1
                continue
            }
            note(line, first, rest, function, place)
            emit(Self.withoutLinkage(line), name, place)
        }
    }

    private mutating func emitReport(_ report: ReachedCode.Reports, _ name: String, _ place: SourcePlace?) {
        reports.insert(report)
        let variable = report == .warning ? CompiledName.warned : CompiledName.bug
        perCPUNames.insert(variable)
        emit("movb $1,%gs:\(variable)", name, place)
        if report == .bug { emit("ud2", name, place) }
    }

    /// A call of a kernel service, with its arguments in registers, or one of the C library's functions.
    private mutating func emitExternal(_ name: String) throws(Diagnostic) {
        if let service = CompiledName.service(called: name) {
            emit("\(name):", name, nil)
            emit("call \(service.name)()", name, nil)
            emit("ret", name, nil)
        } else if name.hasPrefix(CompiledName.observer) {
            let local = CompiledName.local + name.dropFirst(CompiledName.observer.count)
            perCPUNames.insert(local)
            emit("\(name):", name, nil)
            emit("movq %rdi,%gs:\(local)", name, nil)
            emit("ret", name, nil)
        } else if let body = CompilerRuntime.functions[name] {
            emit("\(name):", name, nil)
            for line in body { emit(line, name, nil) }
        } else if CompilerRuntime.quiet.contains(where: name.hasPrefix)
            || (stubs.contains("*") && !CompilerRuntime.isFloatingPoint(name))
        {
            emitStub(name)
        } else {
            let caller = callers[name]
            missing.append(name)
            if CompilerRuntime.isFloatingPoint(name) {
                throw Diagnostic(
                    file: source.file, place: caller?.place ?? source.functionPlace,
                    message: "\(caller?.function ?? "?") uses floating point (\(name)), which is not modelled",
                    remedy: "use integers, as kernel code does")
            }
        }
    }

    /// Functions that are not defined, all of them at once.
    private func checkMissing() throws(Diagnostic) {
        guard let first = missing.first else { return }
        let caller = callers[first]
        if source.language == .swift { throw missingInSwift(first, caller) }
        let others =
            missing.count == 1
            ? "which is not defined" : "and \(missing.count - 1) more functions are called that are not defined"
        throw Diagnostic(
            file: source.file, place: caller?.place ?? source.functionPlace,
            message: "\(caller?.function ?? "?") calls \(first), \(others)",
            remedy: "define them in the test, or let them return 0: `Stub=\(missing.joined(separator: " "))`")
    }

    /// A function that Swift code calls and whose code is elsewhere: the runtime's, or another module's.
    private func missingInSwift(_ name: String, _ caller: (function: String, place: SourcePlace?)?) -> Diagnostic {
        let readable = SwiftName.readable(name)
        let isRuntime = name.hasPrefix("swift_")
        let message =
            "\(SwiftName.readable(caller?.function ?? "?")) calls "
            + (isRuntime
                ? "the Swift runtime (\(readable)), which is not machine code of the test"
                : "\(readable), which is not defined in the test")
        return Diagnostic(
            file: source.file, place: caller?.place ?? source.functionPlace, message: message,
            remedy: SwiftName.runtimeRemedy(name)
                ?? "define it in the test or in a file given with --swift; code of other modules has to be inlinable")
    }

    private mutating func emitStub(_ name: String) {
        stubbed.insert(name)
        emit("\(name):", name, nil)
        // The thunks of preemption are called from inline assembly that keeps all registers (arch/x86/entry/thunk_64.S).
        if !name.contains("preempt_schedule") { emit("xorl %eax,%eax", name, nil) }
        emit("ret", name, nil)
    }

    /// The answer is what the runtime says of a type; code that uses it reads address 0, which is refused.
    private mutating func emitAnswerOfNothing(_ name: String) {
        for line in ["\(name):", "xorl %eax,%eax", "ret"] { emit(line, name, nil) }
    }

    // MARK: Reading

    private var callers: [String: (function: String, place: SourcePlace?)] = [:]

    /// Notes what a statement refers to.
    private mutating func note(
        _ line: String, _ first: String, _ rest: String, _ function: AssemblyListing.Function, _ place: SourcePlace?
    ) {
        let isJump = first.hasPrefix("call") || first.hasPrefix("j")
        if isJump, rest.hasPrefix("*") { indirectLines.append(text.count) }
        var statement = rest
        // `lock cmpxchgq ...`, `rep movsb`, `1: jmp f`: the words in front are not names of symbols.
        if first.hasSuffix(":") {
            statement = String(rest.split(maxSplits: 1, whereSeparator: \.isWhitespace).last ?? "")
        }
        for found in AssemblyText.names(statement) {
            let symbol = String(found)
            if symbol.hasPrefix(".L") { continue }
            if listing.function(symbol) != nil {
                if !isJump { takesAddress = true }
                reach(symbol, function, place)
            } else if isJump, !rest.hasPrefix("*"), listing.data.object(symbol) == nil, !isLocalLabel(symbol, function)
            {
                reach(symbol, function, place)
            }
        }
        var search = statement[...]
        while let range = search.firstRange(of: "%gs:") {
            let symbol = AssemblyText.names(String(search[range.upperBound...])).first
            if let symbol, search[range.upperBound...].hasPrefix(symbol) { perCPUNames.insert(String(symbol)) }
            search = search[range.upperBound...]
        }
    }

    private mutating func reach(_ symbol: String, _ function: AssemblyListing.Function, _ place: SourcePlace?) {
        if callers[symbol] == nil { callers[symbol] = (function.name, place) }
        if known.insert(symbol).inserted { queue.append(symbol) }
    }

    private func isLocalLabel(_ symbol: String, _ function: AssemblyListing.Function) -> Bool {
        function.lines.contains { $0.text.hasPrefix(symbol + ":") }
    }

    /// How many lines from here are `ud2`, as a mnemonic or as the bytes 15 and 11; nil if they are not.
    private static func undefinedInstruction(_ lines: [(text: String, number: Int)], at index: Int) -> Int? {
        func bytes(_ line: String) -> [UInt64]? {
            guard line.hasPrefix(".byte") else { return nil }
            return AssemblyText.arguments(AssemblyText.trimmed(line.dropFirst(5))).compactMap { DataImage.integer($0) }
        }
        let line = lines[index].text
        if line == "ud2" { return 1 }
        guard let first = bytes(line) else { return nil }
        if first == [0x0f, 0x0b] { return 1 }
        guard first == [0x0f], index + 1 < lines.count, bytes(lines[index + 1].text) == [0x0b] else { return nil }
        return 2
    }

    /// Whether the entry in `__bug_table` that follows says that it is a warning: the last 16-bit number of an entry are
    /// its flags, bit 0 is `BUGFLAG_WARNING` (include/asm-generic/bug.h).
    private static func isWarning(_ lines: [(text: String, number: Int)], after index: Int) -> Bool {
        var flags: UInt64?
        var isInTable = false
        for line in lines[min(index, lines.count)...].prefix(32) {
            if line.text.hasPrefix(".section") || line.text.hasPrefix(".pushsection") {
                if isInTable { break }
                isInTable = line.text.contains("__bug_table")
            } else if isInTable {
                if line.text.hasPrefix(".text") || line.text.hasPrefix(".popsection")
                    || line.text.hasPrefix(".previous")
                {
                    break
                }
                for directive in [".short", ".value", ".word", ".2byte", ".hword"] where line.text.hasPrefix(directive)
                {
                    let text = AssemblyText.trimmed(line.text.dropFirst(directive.count))
                    flags = DataImage.integer(text) ?? flags
                }
            }
        }
        return (flags ?? 0) & 1 != 0
    }

    /// `f@PLT` and `x@GOTPCREL` are spellings of `f` and `x` for a linker.
    private static func withoutLinkage(_ line: String) -> String { line.replacing("@PLT", with: "") }
}

/// Names that Ptero's own headers and the compiled code share.
enum CompiledName {
    /// Prefix of kernel services.
    static let service = "__ptero_call_"
    /// The kernel service that a function's name stands for.
    static func service(called name: String) -> KernelService? {
        name.hasPrefix(service) ? KernelService(rawValue: String(name.dropFirst(service.count))) : nil
    }
    /// Set to 1 by `WARN`.
    static let warned = "__ptero_warned"
    /// Set to 1 by `BUG`.
    static let bug = "__ptero_bug"
    /// Prefix of the functions that a Swift test calls to show a value to the condition.
    static let observer = "__ptero_observe_"
    /// The shadow-stack store that a Swift test can call.
    static let shadowStackStore = "__ptero_wrss"
    /// Prefix of the copy of an observed local variable.
    static let local = "__ptero_local_"
    /// Prefix of the constant that tells whether it is signed.
    static let sign = "__ptero_sign_"
    /// Prefix of the symbols that say which static keys there are, with 1 for those that are on.
    static let staticKey = "__ptero_key_"
    /// The section of functions of Ptero's that stand in for the kernel's.
    static let standInSection = ".text.ptero_standin"
    /// The section of functions of Ptero's that hand over to a service of the machine.
    static let serviceSection = ".text.ptero_service"
    /// Where `x86_capability` lies in `boot_cpu_data`.
    static let capabilityOffset = "__ptero_capability_offset"
}

/// Functions that compiled code may call without the test defining them.
enum CompilerRuntime {
    /// The C library's functions that compilers call on their own, in assembly.
    static let functions: [String: [String]] = [
        "memset": ["movq %rdi,%r8", "movl %esi,%eax", "movq %rdx,%rcx", "rep stosb", "movq %r8,%rax", "ret"],
        "memcpy": ["movq %rdi,%rax", "movq %rdx,%rcx", "rep movsb", "ret"],
        "__memcpy": ["movq %rdi,%rax", "movq %rdx,%rcx", "rep movsb", "ret"],
        "__fentry__": ["ret"],
        CompiledName.shadowStackStore: ["wrssq %rsi,(%rdi)", "ret"],
        // A hook for debuggers, called before a value of a concrete type is thrown with descriptions of the type.
        "swift_willThrowTypedImpl": ["ret"],
    ]

    /// Whether a name is one of the compiler library's for floating point (`__floatsidf`, `__divdf3`).
    static func isFloatingPoint(_ name: String) -> Bool {
        let operations = [
            "float", "fix", "add", "sub", "mul", "div", "neg", "cmp", "eq", "ne", "lt", "le", "gt", "ge", "extend",
            "trunc", "unord",
        ]
        let types = ["sf", "df", "xf", "tf"]
        return name.hasPrefix("__") && operations.contains { name.dropFirst(2).hasPrefix($0) }
            && types.contains(where: name.contains)
    }

    /// Functions of the kernel that report or reschedule and touch no page table, by the beginning of their names; they
    /// return 0, and the test's output lists them.
    static let quiet = [
        "__warn_printk", "_printk", "__SCT__", "__might_", "dump_page", "__ptero_quiet_", "__cond_resched",
        "preempt_schedule", "warn_slowpath_fmt", "lockdep_", "trace_", "___ratelimit",
    ]
}
