import Litmus
import X86

/// Joins machine code, data and the test's own state.
struct CompiledTestBuilder {
    /// A thread's function as the test's text has it.
    struct Thread {
        var processor: Int
        var parameters: [CFunction.Parameter]
        var place: SourcePlace
    }

    /// What a test is written in.
    enum Language {
        case c, swift
    }

    private let functions: [Thread]
    private let observed: [Int: [String]]
    private let language: Language
    private let file: String?
    private let name: String
    private let assembly: String
    private let listing: AssemblyListing
    private let tree: KernelTree?

    private var layout = PrivateLayout()
    private var test: LitmusTest
    private var assumptions: [String] = []

    /// Takes a test without code, its functions, the locals that its condition names, and what was compiled.
    ///
    /// `name` is what the assembly text calls the test's file.
    init(
        _ test: LitmusTest, threads: [Thread], observed: [Int: [String]], language: Language, file: String?,
        name: String, assembly: String, tree: KernelTree?
    ) {
        self.test = test
        functions = threads
        self.observed = observed
        self.language = language
        self.file = file
        self.name = name
        self.assembly = assembly
        self.tree = tree
        listing = AssemblyListing(assembly)
    }

    consuming func build() throws(Diagnostic) -> CompiledTest {
        var codes: [ReachedCode] = []
        let stubs = Set(
            test.headers.filter { $0.key == "Stub" }.flatMap {
                $0.value.split { $0 == " " || $0 == "," }.map(String.init)
            })
        for function in functions {
            let place = ReachedCode.SourceFile(
                name: String(name.split(separator: "/").last ?? ""), file: file, functionPlace: function.place,
                language: language)
            codes.append(try ReachedCode("P\(function.processor)", in: listing, source: place, stubs: stubs))
        }
        for (index, code) in codes.enumerated() { test.threads[index].program = code.program }
        bindParameters()
        try placeData(codes)
        let locals = try observedLocals(codes)
        let features = try self.features()
        test.compiled = layout.compiled(locals: locals, features: features)
        noteBugs(codes)
        let stubbed = codes.reduce(into: Set<String>()) { $0.formUnion($1.stubbed) }.sorted()
        if !stubbed.isEmpty { assumptions.append("returns 0 instead of running: " + stubbed.joined(separator: ", ")) }
        return CompiledTest(test: test, assembly: assembly, reached: codes.map(\.functions), assumptions: assumptions)
    }

    // MARK: Parameters

    /// Arguments go to the registers of the calling convention (System V ABI, 3.2.3).
    private static let argumentRegisters: [Register] = [.rdi, .rsi, .rdx, .rcx, .r8, .r9]

    private mutating func bindParameters() {
        for function in functions {
            for (parameter, register) in zip(function.parameters, Self.argumentRegisters) {
                test.initializations.append(
                    Initialization(
                        location: .register(processor: function.processor, RegisterOperand(register)),
                        values: [.address(parameter.name)], place: parameter.place))
                if case .variable(let name) = parameter.name { declare(name, parameter) }
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
        let perCPU = codes.reduce(into: Set<String>()) { $0.formUnion($1.perCPUNames) }
        var queue: [(symbol: String, place: SourcePlace)] = codes.flatMap { $0.program.symbolReferences }
        let own = namesOfTest()
        var seen: Set<String> = []
        var next = 0
        while next < queue.count {
            let (symbol, place) = queue[next]
            next += 1
            guard seen.insert(symbol).inserted else { continue }
            if let object = listing.data.object(symbol) {
                if own.contains(symbol) {
                    throw Diagnostic(
                        file: file, place: place,
                        message: "`\(symbol)` is a variable of the test and one that the code defines",
                        remedy: language == .c
                            ? "declare it `extern` in the C text, or rename one of them" : "rename one of them")
                }
                queue += object.pointers.values.map { ($0.symbol, place) }
                try store(symbol, object, isPrivate: perCPU.contains(symbol), at: place)
            } else if let value = KernelConstants.values[symbol] {
                layout.add(symbol, bytes: nil)
                layout.set(symbol, to: value)
            } else if perCPU.contains(symbol) || symbol.hasPrefix("__ptero_") || symbol == "boot_cpu_data" {
                layout.add(symbol, bytes: nil)
            } else if !own.contains(symbol), tree != nil {
                assumptions.append("\(symbol) is only declared: all zero at the start")
                declareShared(symbol, words: [Value](repeating: .integer(0), count: 512), place)
            }
        }
        for symbol in perCPU.sorted() where !seen.contains(symbol) { layout.add(symbol, bytes: nil) }
    }

    private mutating func store(
        _ symbol: String, _ object: DataImage.Object, isPrivate: Bool, at place: SourcePlace
    ) throws(Diagnostic) {
        guard object.bytes.count <= 4096 || object.isConstant || isPrivate else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` has \(object.bytes.count) bytes, more than a page",
                remedy: "use a smaller array")
        }
        let isOwn = isPrivate || object.isPerCPU || symbol.contains("__ptero_")
        if isOwn || (object.isConstant && object.pointers.isEmpty && object.unknown.isEmpty) {
            layout.add(symbol, bytes: object.bytes)
            return
        }
        guard object.unknown.isEmpty else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` holds an address difference, which is not modelled",
                remedy: "initialise it in the code")
        }
        var words: [Value] = []
        for offset in stride(from: 0, to: max(8, object.bytes.count), by: 8) {
            if let pointer = object.pointers[offset] {
                guard pointer.addend == 0, listing.function(pointer.symbol) == nil else {
                    throw Diagnostic(
                        file: file, place: place,
                        message: "`\(symbol)` holds the address of `\(pointer.symbol)`, which is no whole variable",
                        remedy: "initialise it in the code")
                }
                words.append(.address(.variable(pointer.symbol)))
            } else {
                let bytes = object.bytes.dropFirst(offset).prefix(8)
                words.append(.integer(bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
            }
        }
        guard object.pointers.keys.allSatisfy({ $0 % 8 == 0 }) else {
            throw Diagnostic(
                file: file, place: place, message: "`\(symbol)` holds an address that is not aligned", remedy: nil)
        }
        let type: String? = object.bytes.count == 4 ? "int" : object.bytes.count == 1 ? "char" : nil
        declareShared(symbol, words: words, place, type: type ?? "uint64_t")
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
            case .variable(let name), .frame(let name), .leaf(let name, _): names.insert(name)
            }
        }
        for initialization in test.initializations {
            if case .memory(let name, _) = initialization.location { note(name) }
            for case .address(let name) in initialization.values { note(name) }
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
                    throw Diagnostic.general(
                        "\(processor):\(variable) cannot be read at the end", file: file,
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
                layout.add(symbol, bytes: [UInt8](repeating: 0, count: 8))
                locals["\(index):\(name)"] = CompiledCode.Local(
                    processor: index, address: layout.symbols[symbol] ?? 0, bytes: 1, isSigned: false)
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
            throw Diagnostic.general(
                "\(processor):\(variable) is never observed in P\(processor)", file: file,
                remedy: "call `observe(\(variable): value)` there: it is what the condition sees at the end")
        }
        let symbol = CompiledName.local + variable
        layout.add(symbol, bytes: [UInt8](repeating: 0, count: 8))
        return CompiledCode.Local(
            processor: processor, address: layout.symbols[symbol] ?? 0, bytes: 8, isSigned: true)
    }

    /// CPU features: shadow stacks as the profile says, others as `Feature=` says, off by default.
    private func features() throws(Diagnostic) -> [CompiledCode.FeatureBit] {
        guard let base = layout.symbols["boot_cpu_data"] else { return [] }
        let offset =
            listing.data.object(CompiledName.capabilityOffset)?.bytes.prefix(8).reversed().reduce(0) {
                $0 << 8 | UInt64($1)
            } ?? 0
        func bit(_ number: Int, _ isSet: Bool?) -> CompiledCode.FeatureBit {
            let address = base + offset + UInt64(number / 8)
            return CompiledCode.FeatureBit(
                address: address & ~7, mask: 1 << ((address & 7) * 8 + UInt64(number % 8)), isSet: isSet)
        }
        var settings: [Int: Bool?] = [KernelConstants.features["shstk"] ?? 0: nil]
        for header in test.headers where header.key == "Feature" {
            for word in header.value.split(separator: " ") {
                let isOff = word.hasPrefix("-")
                let name = String(isOff ? word.dropFirst() : word[...])
                guard let number = KernelConstants.features[name] else {
                    throw Diagnostic(
                        file: file, place: header.place, message: "there is no feature `\(name)`",
                        remedy: "features: " + KernelConstants.features.keys.sorted().joined(separator: ", ")
                            + "; a minus in front switches one off")
                }
                settings.updateValue(!isOff, forKey: number)
            }
        }
        return settings.sorted { $0.key < $1.key }.map { bit($0.key, $0.value) }
    }

    /// `BUG` is a verdict of its own: the condition is extended by it unless it names `n:bug` itself.
    private mutating func noteBugs(_ codes: [ReachedCode]) {
        let written = LitmusWriter.text(of: test.condition)
        for (processor, code) in codes.enumerated() {
            if code.reports.contains(.warning), !written.contains("\(processor):warned") {
                test.locations.append(.memory(.variable("\(processor):warned"), index: 0))
            }
            guard code.reports.contains(.bug), !written.contains("\(processor):bug") else { continue }
            let happened = Proposition.equal(.memory(.variable("\(processor):bug"), index: 0), .integer(1))
            switch test.condition.quantifier {
            case .exists, .notExists: test.condition.proposition = .or([test.condition.proposition, happened])
            case .forall: test.condition.proposition = .and([test.condition.proposition, .not(happened)])
            }
        }
    }
}
