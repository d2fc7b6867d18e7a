import Diagnostics
import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Joins machine code, data and the test's own state.
struct CompiledTestBuilder {
    /// A thread's function as the test's text has it.
    struct Thread {
        var processor: Int
        var name: String
        var parameters: [CFunction.Parameter]
        var place: SourcePlace
    }

    /// What a test is written in.
    enum Language {
        case c, swift
    }

    private let functions: [Thread]
    private let handlers: [Thread]
    private let observed: [Int: [String]]
    private let language: Language
    /// What the compiler's columns mean in the test's file; nil where they are characters.
    private let columns: SourceColumns?
    private let file: String?
    private let name: String
    private let assembly: String
    private let listing: AssemblyListing
    private let tree: KernelTree?
    private let sources: SourceLines?
    private let keys: StaticKeys
    private var readKeys: [String] = []

    private var layout = PrivateLayout()
    private var perCPU: PerCPUData
    private var test: LitmusTest
    private var assumptions: [String] = []
    /// Addresses in data that every CPU has for itself: symbol, byte offset, what it points to.
    private var privatePointers: [(String, Int, DataImage.Pointer, SourcePlace)] = []
    private var sharedPointers: [CompiledCode.Pointer] = []

    /// Takes a test without code, its functions, the locals that its condition names, and what was compiled.
    ///
    /// `name` is what the assembly text calls the test's file.
    init(
        _ test: LitmusTest, threads: [Thread], handlers: [Thread] = [], observed: [Int: [String]], language: Language,
        columns: SourceColumns? = nil, file: String?, name: String, assembly: String, tree: KernelTree?,
        sources: SourceLines? = nil
    ) throws(Diagnostic) {
        self.test = test
        functions = threads
        self.handlers = handlers
        perCPU = PerCPUData(cpus: threads.count)
        self.observed = observed
        self.language = language
        self.columns = columns
        self.file = file
        self.name = name
        self.assembly = assembly
        self.tree = tree
        self.sources = sources
        listing = AssemblyListing(assembly)
        keys = try StaticKeys(listing, test, file, hasTree: tree != nil)
    }

    consuming func build() throws(Diagnostic) -> CompiledTest {
        var codes: [ReachedCode] = []
        let stubs = Set(test.words(of: "Stub"))
        for function in functions {
            codes.append(try ReachedCode(function.name, in: listing, source: place(of: function), stubs: stubs))
        }
        for (index, code) in codes.enumerated() { test.threads[index].program = code.program }
        var all = codes
        for handler in handlers {
            let code = try ReachedCode(handler: handler.name, in: listing, source: place(of: handler), stubs: stubs)
            test.interrupts[handler.processor]?.program = code.program
            all.append(code)
        }
        try checkFunctions(all, stubs)
        bindParameters()
        try placeData(all)
        let locals = try observedLocals(codes)
        let features = try self.features()
        var compiled = layout.compiled(locals: locals, features: features)
        compiled.pointers = sharedPointers
        compiled.origins = codes.map(\.origins)
        compiled.perCPUStride = UInt64(perCPU.stride)
        test.compiled = compiled
        noteBugs(processors: (functions + handlers).map(\.processor), all)
        noteReplacements(all)
        test = try CodeSteps.applyHeaders(of: test, file: file)
        return CompiledTest(test: test, assembly: assembly, reached: codes.map(\.functions), assumptions: assumptions)
    }

    private func place(of function: Thread) -> ReachedCode.SourceFile {
        ReachedCode.SourceFile(
            name: String(name.split(separator: "/").last ?? ""), file: file, functionPlace: function.place,
            columns: columns, treePath: tree?.source, language: language, lines: sources)
    }

    /// Checks that what `Function=` names is explored: as a function, or as lines of it where the compiler inlined it.
    private func checkFunctions(_ codes: [ReachedCode], _ stubs: Set<String>) throws(Diagnostic) {
        let files = test.words(of: "Source").map { name in (tree?.source ?? "") + "/" + name }
        for header in test.headers where header.key == "Function" {
            for name in header.value.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) {
                guard !stubs.contains(name) else {
                    throw Diagnostic(
                        file: file, span: header.span(of: name),
                        message: "`\(name)` is named in `Function=` and in `Stub=`",
                        remedy: "what returns 0 is not explored: keep one")
                }
                guard !codes.contains(where: { $0.stubbed.contains(name) }) else {
                    throw Diagnostic(
                        file: file, span: header.span(of: name),
                        message: "`\(name)` is called and not compiled: the tree's configuration leaves it out",
                        remedy: "enable what it is part of in .config and prepare the tree again")
                }
                if codes.contains(where: { $0.functions.contains(name) }) { continue }
                let isInlined = files.contains { path in
                    let text =
                        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
                    let definitions = SourceFunctions.definitions(of: name, in: text)
                    return codes.contains { code in
                        (code.lines[path] ?? []).contains { line in definitions.contains { $0.contains(line) } }
                    }
                }
                guard isInlined else {
                    throw Diagnostic(
                        file: file, span: header.span(of: name),
                        message: "no code of `\(name)` is explored: P0 and the others do not reach it",
                        remedy:
                            "call it from one of them; where a result is unused the compiler removes a call without effect"
                    )
                }
            }
        }
    }

    // MARK: Parameters

    /// Arguments go to the registers of the calling convention (System V ABI, 3.2.3).
    private static let argumentRegisters: [Register] = [.rdi, .rsi, .rdx, .rcx, .r8, .r9]

    private mutating func bindParameters() {
        // A parameter that is named like an address space is its root, as CR3 holds it.
        let spaces = Set(
            (test.initializations.map(\.location) + test.locations).compactMap { location in
                if case .memory(let name, _) = location.kind { name.entry?.space } else { nil }
            } + ["mm"])
        for function in functions {
            for (parameter, register) in zip(function.parameters, Self.argumentRegisters) {
                test.initializations.append(
                    Initialization(
                        location: .register(processor: function.processor, RegisterOperand(register)),
                        values: [.address(parameter.name)], place: parameter.place))
                if case .variable(let name) = parameter.name, !spaces.contains(name) { declare(name, parameter) }
            }
        }
    }

    /// Gives a variable the type of the parameter, where the initial state gives none.
    private mutating func declare(_ name: String, _ parameter: CFunction.Parameter) {
        let location = Location.memory(.variable(name), index: 0)
        if let index = test.initializations.firstIndex(where: { $0.location == location }) {
            if test.initializations[index].type == nil { test.initializations[index].type = parameter.type }
        } else if let type = parameter.type {
            test.initializations.append(
                Initialization(location: location, values: [.integer(0)], type: type, place: parameter.place))
        } else {
            // A structure of a size that only the compiler knows: as much as fits a page.
            test.initializations.append(
                Initialization(
                    location: location, values: [Value](repeating: .integer(0), count: 512), type: "uint64_t",
                    place: parameter.place))
        }
    }

    // MARK: Data

    private mutating func placeData(_ codes: [ReachedCode]) throws(Diagnostic) {
        let ownNames = codes.reduce(into: Set<String>()) { $0.formUnion($1.perCPUNames) }
        if codes.contains(where: { PerCPUData.isReached(by: $0.program) }) {
            try perCPU.share(file)
            layout.perCPUCopies = (perCPU.stride, functions.count)
            layout.add(PerCPUData.offsets, words: perCPU.offsetWords)
            layout.add(PerCPUData.ownOffset) { UInt64($0 * PerCPUData.distance) }
            layout.add(PerCPUData.number) { UInt64($0) }
        }
        var queue: [(symbol: String, place: SourcePlace)] = codes.flatMap { $0.program.symbolReferences }
        let own = namesOfTest()
        var seen: Set<String> = []
        var next = 0
        while next < queue.count {
            let (symbol, place) = queue[next]
            next += 1
            // Its address is known when the test's tables are laid out.
            guard !CompiledCode.roots.contains(symbol), layout.symbols[symbol] == nil, seen.insert(symbol).inserted
            else { continue }
            if language == .swift, SwiftName.isDescription(symbol) {
                layout.addUnreadable(symbol)
            } else if let object = listing.data.object(symbol) {
                if own.contains(symbol) {
                    throw Diagnostic(
                        file: file, place: place,
                        message: "`\(symbol)` is a variable of the test and one that the code defines",
                        remedy: language == .c
                            ? "declare it `extern` in the C text, or rename one of them" : "rename one of them")
                }
                queue += object.pointers.values.map { ($0.symbol, place) }
                var object = object
                if keys.isKey(symbol) { set(symbol, &object) }
                try store(symbol, object, isPrivate: ownNames.contains(symbol), at: place)
            } else if perCPU.isShared, ownNames.contains(symbol), !symbol.hasPrefix("__ptero_"),
                KernelConstants.values[symbol] == nil
            {
                assumptions.append("\(symbol) of each CPU is only declared: all zero at the start")
                declareShared(symbol, words: [Value](repeating: .integer(0), count: 512), place)
            } else if let value = KernelConstants.values[symbol] {
                layout.add(symbol, bytes: nil, isPerCPU: ownNames.contains(symbol))
                layout.setAll(symbol, at: 0, to: value)
            } else if ownNames.contains(symbol) || symbol.hasPrefix("__ptero_") || symbol == "boot_cpu_data" {
                layout.add(symbol, bytes: nil, isPerCPU: ownNames.contains(symbol))
            } else if !own.contains(symbol), keys.isKey(symbol) {
                readKeys.append(symbol)
                declareShared(symbol, words: [.integer(keys.isOn(symbol) ? 1 : 0)], place)
            } else if !own.contains(symbol), tree != nil {
                assumptions.append("\(symbol) is only declared: all zero at the start")
                declareShared(symbol, words: [Value](repeating: .integer(0), count: 512), place)
            } else if !own.contains(symbol), language == .swift || symbol.hasPrefix(".L") {
                // A variable of the test has a name of the test: this one would be made up.
                throw Diagnostic(
                    file: file, place: place, message: "the code uses `\(symbol)`, which it does not define",
                    remedy: "define it in the test's code; `ptero asm` shows where it is used")
            }
        }
        for symbol in ownNames.sorted() where !seen.contains(symbol) { layout.add(symbol, bytes: nil, isPerCPU: true) }
        for (symbol, offset, pointer, place) in privatePointers {
            guard let target = layout.symbols[pointer.symbol], offset % 8 == 0 else {
                throw Diagnostic(
                    file: file, place: place,
                    message:
                        "`\(symbol)` is private to a CPU and holds the address of `\(pointer.symbol)`, which is not",
                    remedy: "initialise it in the code")
            }
            layout.setAll(symbol, at: UInt64(offset), to: target &+ pointer.addend)
        }
    }

    /// Gives a static key that the code defines the value that the test or the declaration says.
    private mutating func set(_ key: String, _ object: inout DataImage.Object) {
        readKeys.append(key)
        for offset in object.bytes.indices.prefix(4) { object.bytes[offset] = 0 }
        if keys.isOn(key), !object.bytes.isEmpty { object.bytes[0] = 1 }
    }

    private mutating func store(
        _ symbol: String, _ object: DataImage.Object, isPrivate: Bool, at place: SourcePlace
    ) throws(Diagnostic) {
        if perCPU.isShared, object.isPerCPU, !symbol.contains("__ptero_") {
            return try share(symbol, object, at: place)
        }
        let isOwn = isPrivate || object.isPerCPU || symbol.contains("__ptero_")
        guard object.bytes.count <= 4096 || object.isConstant || isOwn else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` has \(object.bytes.count) bytes, more than a page",
                remedy: "use a smaller array")
        }
        if isOwn || (object.isConstant && object.pointers.isEmpty && object.unknown.isEmpty) {
            layout.add(symbol, bytes: object.bytes, isPerCPU: isPrivate || object.isPerCPU)
            privatePointers += object.pointers.map { (symbol, $0.key, $0.value, place) }
            return
        }
        let type: String? = object.bytes.count == 4 ? "int" : object.bytes.count == 1 ? "char" : nil
        declareShared(symbol, words: try words(of: symbol, object, at: place), place, type: type ?? "uint64_t")
    }

    /// Per-CPU data that other CPUs reach is a shared variable, with a copy for each CPU.
    private mutating func share(_ symbol: String, _ object: DataImage.Object, at place: SourcePlace) throws(Diagnostic)
    {
        guard object.bytes.count <= PerCPUData.distance else {
            throw Diagnostic(
                file: file, place: place,
                message:
                    "`\(symbol)` is per-CPU data that other CPUs reach, and has \(object.bytes.count) bytes; the limit is "
                    + "\(PerCPUData.distance)", remedy: "use a smaller structure")
        }
        var all: [Value] = []
        for cpu in functions.indices {
            let start = cpu * PerCPUData.distance / 8
            all += [Value](repeating: .integer(0), count: start - all.count)
            all += try words(of: symbol, object, from: start, at: place)
        }
        declareShared(symbol, words: all, place)
    }

    /// The words of an object in shared memory, the first of which is word `first` of its variable.
    private mutating func words(
        of symbol: String, _ object: DataImage.Object, from first: Int = 0, at place: SourcePlace
    ) throws(Diagnostic) -> [Value] {
        guard object.unknown.isEmpty else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` holds an address difference, which is not modelled",
                remedy: "initialise it in the code")
        }
        var words: [Value] = []
        for offset in stride(from: 0, to: max(8, object.bytes.count), by: 8) {
            if let pointer = object.pointers[offset] {
                guard listing.function(pointer.symbol) == nil else {
                    throw Diagnostic(
                        file: file, place: place,
                        message: "`\(symbol)` holds the address of `\(pointer.symbol)`, which is a function",
                        remedy: "initialise it in the code")
                }
                words.append(.integer(0))
                sharedPointers.append(
                    CompiledCode.Pointer(
                        variable: symbol, word: first + offset / 8, target: pointer.symbol, addend: pointer.addend,
                        place: place))
            } else {
                let bytes = object.bytes.dropFirst(offset).prefix(8)
                words.append(.integer(bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
            }
        }
        guard object.pointers.keys.allSatisfy({ $0 % 8 == 0 }) else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` holds an address that is not aligned", remedy: nil)
        }
        return words
    }

    private mutating func declareShared(
        _ symbol: String, words: [Value], _ place: SourcePlace, type: String = "uint64_t"
    ) {
        test.initializations.append(
            Initialization(location: .memory(.variable(symbol), index: 0), values: words, type: type, place: place))
    }

    /// The variables that the test itself has.
    private func namesOfTest() -> Set<String> {
        var names: Set<String> = []
        func note(_ name: MemoryName) {
            switch name {
            case .variable(let name), .frame(let name), .leaf(let name, _), .upperEntry(_, let name, _):
                names.insert(name)
            }
        }
        for initialization in test.initializations {
            if case .memory(let name, _) = initialization.location.kind { note(name) }
            for case .address(let name) in initialization.values.map(\.kind) { note(name) }
        }
        return names
    }

    // MARK: Locals, features, reports

    private mutating func observedLocals(_ codes: [ReachedCode]) throws(Diagnostic) -> [String: CompiledCode.Local] {
        var locals: [String: CompiledCode.Local] = [:]
        let names = listing.data.names
        for (processor, variables) in observed {
            for variable in variables {
                if language == .swift {
                    locals["\(processor):\(variable)"] = try observedValue(variable, processor, codes)
                    continue
                }
                let ending = "\(CompiledName.local)\(processor)_\(variable)"
                guard let symbol = names.first(where: { $0 == ending || $0.hasSuffix("." + ending) }),
                    let object = listing.data.object(symbol), (1...8).contains(object.bytes.count)
                else {
                    throw Diagnostic(
                        file: file, span: test.span(ofAsked: "\(processor):\(variable)"),
                        message: "\(processor):\(variable) cannot be read at the end",
                        remedy: "conditions name integers, pointers and entries of the function's outermost block")
                }
                layout.add(symbol, bytes: object.bytes)
                let sign = names.first { $0.hasSuffix("\(CompiledName.sign)\(processor)_\(variable)") }
                locals["\(processor):\(variable)"] = CompiledCode.Local(
                    processor: processor, address: layout.symbols[symbol] ?? 0, bytes: object.bytes.count,
                    isSigned: sign.flatMap { listing.data.object($0)?.bytes.first } == 1)
            }
        }
        for index in codes.indices {
            for (name, symbol) in [("bug", CompiledName.bug), ("warned", CompiledName.warned)] {
                layout.add(symbol, bytes: [UInt8](repeating: 0, count: 8), isPerCPU: true)
                locals["\(index):\(name)"] = CompiledCode.Local(
                    processor: index, address: (layout.symbols[symbol] ?? 0) &+ UInt64(index * perCPU.stride), bytes: 1,
                    isSigned: false)
            }
        }
        return locals
    }

    /// What a Swift test passes to `observe`; all sizes are stored as 64 bits.
    private mutating func observedValue(
        _ variable: String, _ processor: Int, _ codes: [ReachedCode]
    ) throws(Diagnostic) -> CompiledCode.Local {
        guard codes.indices.contains(processor),
            codes[processor].functions.contains(CompiledName.observer + variable)
        else {
            throw Diagnostic(
                file: file, span: test.span(ofAsked: "\(processor):\(variable)"),
                message: "\(processor):\(variable) is never observed in P\(processor)",
                remedy: "call `observe(\(variable): value)` there: it is what the condition sees at the end")
        }
        let symbol = CompiledName.local + variable
        layout.add(symbol, bytes: [UInt8](repeating: 0, count: 8))
        return CompiledCode.Local(
            processor: processor, address: layout.symbols[symbol] ?? 0, bytes: 8, isSigned: true)
    }

    /// CPU features: as `Feature=` says, else as the profile says, off where it says nothing.
    private mutating func features() throws(Diagnostic) -> [CompiledCode.FeatureBit] {
        let settings = try CPUFeatures(tree).settings(test, file)
        guard let base = layout.symbols["boot_cpu_data"] else {
            if test.headers.contains(where: { $0.key == "Feature" }) {
                assumptions.append("Feature= changes nothing: the code asks for no feature of the CPU")
            }
            return []
        }
        let offset =
            listing.data.object(CompiledName.capabilityOffset)?.bytes.prefix(8).reversed().reduce(0) {
                $0 << 8 | UInt64($1)
            } ?? 0
        return settings.sorted { $0.key < $1.key }.map { number, setting in
            let address = base + offset + UInt64(number / 8)
            return CompiledCode.FeatureBit(
                address: address & ~7, mask: 1 << ((address & 7) * 8 + UInt64(number % 8)), setting: setting)
        }
    }

    /// Says which of the kernel's functions are not what runs: stand-ins, services, and those that return 0.
    private mutating func noteReplacements(_ codes: [ReachedCode]) {
        func reached(in section: String) -> String {
            Set(codes.flatMap(\.functions)).filter { listing.function($0)?.section == section }.sorted().joined(
                separator: ", ")
        }
        let standIns = reached(in: CompiledName.standInSection)
        if !standIns.isEmpty {
            assumptions.append(
                "Ptero's own text stands in for what is in .c files that a header package lacks: " + standIns)
        }
        let services = reached(in: CompiledName.serviceSection)
        if !services.isEmpty {
            assumptions.append("a service of the machine instead of the kernel's code: " + services)
        }
        let stubbed = codes.reduce(into: Set<String>()) { $0.formUnion($1.stubbed) }.sorted()
        if !stubbed.isEmpty { assumptions.append("returns 0 instead of running: " + stubbed.joined(separator: ", ")) }
        if let sentence = keys.assumption(readKeys) { assumptions.append(sentence) }
    }

    /// `BUG` is a verdict of its own: each condition is extended by it unless it names `n:bug` itself.
    private mutating func noteBugs(processors: [Int], _ codes: [ReachedCode]) {
        func reporting(_ report: ReachedCode.Reports) -> [Int] {
            Set(zip(processors, codes).filter { $0.1.reports.contains(report) }.map(\.0)).sorted()
        }
        let conditions = [test.condition] + test.furtherConditions.map { $0.condition }
        for processor in reporting(.warning) {
            let isNamed = conditions.allSatisfy { LitmusWriter.text(of: $0).contains("\(processor):warned") }
            if !isNamed { test.locations.append(.memory(.variable("\(processor):warned"), index: 0)) }
        }
        test.compiled?.bugProcessors = reporting(.bug)
        test.noteBugs()
    }
}
