import Diagnostics
import Litmus
import Machine
import PageTable
import X86

/// What is read of a final state: the locations that condition, filter and `locations` name, and what happened.
///
/// Final states are distinct in these items only, as in herd7.
struct Question: Sendable {
    /// One thing to read.
    enum Item: Hashable, Sendable {
        case register(cpu: Int, RegisterOperand, bytes: Int?, isSigned: Bool)
        case memory(word: Int, shift: Int, bytes: Int, isSigned: Bool, leafPage: String?)
        case local(CompiledCode.Local)
        case field(word: Int, EntryFieldName)
        case frame(word: Int)
        case property(Property, subject: Int)
        case stuck(cpu: Int)
        /// A CPU came to a frame of which nothing is known.
        case wild(cpu: Int)
        case fault(bit: Int)
    }

    /// A proposition whose parts refer to items by position.
    indirect enum Formula: Sendable {
        case constant(Bool)
        case not(Formula)
        case and([Formula])
        case or([Formula])
        /// An item, masked, equals a value, masked likewise.
        case equal(Int, mask: UInt64, UInt64)
        case same(Int, Int, mask: UInt64)
        case happened(Int)
    }

    /// The items in the order in which states show them, with their names.
    private(set) var items: [(item: Item, name: String)] = []
    /// How many items, from the first on, states show; the rest is read by the filter alone.
    private(set) var shownCount = 0
    /// How many items, from the first on, the condition reads; `locations` come after them, the filter's after those.
    private var conditionCount = 0
    private(set) var condition = Formula.constant(true)
    private(set) var filter: Formula?
    private(set) var watches = Watches()
    let quantifier: Quantifier

    init(_ test: LitmusTest, _ resolver: Resolver) throws(Diagnostic) {
        try resolver.checkAsked()
        quantifier = test.condition.quantifier
        condition = try formula(test.condition.proposition, resolver)
        conditionCount = items.count
        for location in test.locations { _ = try item(for: location, resolver) }
        shownCount = items.count
        if let proposition = test.filter { filter = try formula(proposition, resolver) }
    }

    /// Positions of what condition and filter read.
    var askedItems: [Int] { items.indices.filter { $0 < conditionCount || $0 >= shownCount } }

    /// What the condition says of every state there could be, where it says the same of all; nil for others.
    ///
    /// A constant is seen, a thing that equals itself, and a thing that shall equal two values at once.
    var constantCondition: Bool? { Self.constant(condition) }

    /// Whether the condition is `true` or `false` and nothing else.
    var isPlainConstant: Bool { if case .constant = condition { true } else { false } }

    private static func constant(_ formula: Formula) -> Bool? {
        switch formula {
        case .constant(let value): return value
        case .not(let part): return constant(part).map { !$0 }
        case .and(let parts):
            let values = parts.map(constant)
            if values.contains(false) || contradict(parts) { return false }
            return values.allSatisfy { $0 == true } ? true : nil
        case .or(let parts):
            let values = parts.map(constant)
            if values.contains(true) { return true }
            return values.allSatisfy { $0 == false } ? false : nil
        case .same(let first, let second, _): return first == second ? true : nil
        case .equal, .happened: return nil
        }
    }

    /// Whether two of these ask that one item has two values.
    private static func contradict(_ parts: [Formula]) -> Bool {
        var wanted: [(item: Int, mask: UInt64, value: UInt64)] = []
        for case .equal(let item, let mask, let value) in parts {
            if wanted.contains(where: { $0.item == item && ($0.value ^ value) & $0.mask & mask != 0 }) { return true }
            wanted.append((item, mask, value))
        }
        return false
    }

    // MARK: Building

    private mutating func add(_ item: Item, _ name: String) -> Int {
        if let known = items.firstIndex(where: { $0.item == item }) { return known }
        if let cpu = processor(of: item) { watches.processors.insert(cpu) }
        items.append((item, name))
        return items.count - 1
    }

    /// The CPU that an item names.
    private func processor(of item: Item) -> Int? {
        switch item {
        case .register(let cpu, _, _, _), .stuck(let cpu), .wild(let cpu): cpu
        case .local(let local): local.processor
        case .fault(let bit): watches.faults[bit].cpu
        case .memory, .field, .frame, .property: nil
        }
    }

    private mutating func item(for location: Location, _ resolver: Resolver) throws(Diagnostic) -> (Int, mask: UInt64) {
        switch location.kind {
        case .register(let cpu, let register):
            try resolver.checkProcessor(cpu, at: location.span)
            var type: String?
            var bytes: Int?
            for initialization in resolver.test.initializations {
                if case .register(cpu, let other) = initialization.location.kind, other.register == register.register {
                    type = initialization.type ?? type
                    bytes = initialization.elementSize ?? bytes
                }
            }
            let isSigned = !(type ?? "").hasPrefix("u")
            watches.registers[cpu, default: []].insert(register.register)
            let position = add(
                .register(cpu: cpu, register, bytes: bytes, isSigned: isSigned), "\(cpu):\(Self.name(register))")
            let mask: UInt64 = (bytes ?? 8) >= 8 ? register.width.mask : (1 << UInt64((bytes ?? 8) * 8)) - 1
            return (position, mask & register.width.mask)
        case .memory(.variable(let name), _) where name.contains(":"):
            guard let local = resolver.test.compiled?.locals[name] else {
                throw resolver.diagnostic(
                    "`\(name)` is not a local variable", at: location.span,
                    remedy: "conditions name variables of the function's outermost block")
            }
            return (add(.local(local), name), local.bytes == 8 ? ~0 : (1 << UInt64(local.bytes * 8)) - 1)
        case .memory(let name, let index):
            guard let (word, shift, bytes) = resolver.word(name, index: index) else {
                throw resolver.isNotInMemory(name, at: location.span)
            }
            var isSigned = true
            var page: String?
            switch name {
            case .leaf(let entryPage, _), .upperEntry(_, let entryPage, _): page = entryPage
            case .variable(let variable), .frame(let variable):
                isSigned = !(resolver.types[variable] ?? "").hasPrefix("u")
            }
            watches.words.insert(word)
            let suffix = resolver.hasSeveralElements(name) ? "[\(index)]" : ""
            let position = add(
                .memory(word: word, shift: shift, bytes: bytes, isSigned: isSigned, leafPage: page),
                suffix.isEmpty ? "[\(Self.name(name))]" : "\(Self.name(name))\(suffix)")
            return (position, bytes == 8 ? ~0 : (1 << UInt64(bytes * 8)) - 1)
        case .field(let name, "oa"):
            guard let word = resolver.word(name, index: 0)?.word else {
                throw resolver.isNotInMemory(name, at: location.span)
            }
            return (add(.frame(word: word), "[\(Self.name(name))].oa"), PageTableEntry.frameMask)
        case .field(let name, let field):
            guard let word = resolver.word(name, index: 0)?.word, let field = EntryFieldName(spelling: field) else {
                throw resolver.diagnostic(
                    "`\(Self.name(name))` has no field `\(field)`", at: location.span,
                    remedy: "fields belong to page-table entries: `[PTE(x)].d`")
            }
            let position = add(.field(word: word, field), "[\(Self.name(name))].\(field)")
            return (position, field.largestValue)
        case .setting(_, let name):
            throw resolver.diagnostic(
                "`\(name)` can only be set, not asked for", at: location.span,
                remedy: "a condition can name general registers and memory")
        }
    }

    private mutating func formula(_ proposition: Proposition, _ resolver: Resolver) throws(Diagnostic) -> Formula {
        switch proposition.kind {
        case .constant(let value): return .constant(value)
        case .not(let part): return .not(try formula(part, resolver))
        case .and(let parts):
            var formulas: [Formula] = []
            for part in parts { formulas.append(try formula(part, resolver)) }
            return .and(formulas)
        case .or(let parts):
            var formulas: [Formula] = []
            for part in parts { formulas.append(try formula(part, resolver)) }
            return .or(formulas)
        case .equal(let location, let value), .identical(let location, let value):
            var isWhole = false
            if case .identical = proposition.kind { isWhole = true }
            return try equality(location, value, isWhole: isWhole, resolver)
        case .same(let first, let second):
            let (left, leftMask) = try item(for: first, resolver)
            let (right, rightMask) = try item(for: second, resolver)
            return .same(left, right, mask: leftMask & rightMask)
        case .property(let property, let name):
            return try self.property(property, of: name, proposition, resolver)
        case .tableProperty(let property, let table):
            let subject = try resolver.table(table, at: proposition.pageSpan)
            watches.subjects[property].insert(subject)
            return .happened(
                add(.property(property, subject: subject), "\(property.name)(\(table.inPlainSpelling.text))"))
        case .stuck(let cpu):
            try resolver.checkProcessor(cpu, at: proposition.span)
            return .happened(add(.stuck(cpu: cpu), "\(ThreadProperty.stuck.name)(P\(cpu))"))
        case .wild(let cpu):
            try resolver.checkProcessor(cpu, at: proposition.span)
            if !resolver.test.handlers.isEmpty || resolver.test.columns.contains(where: { $0.program.canLoop }) {
                // No CPU has to speculate; but the search takes a speculative walk that goes wild for a way out of the loop.
                throw resolver.diagnostic(
                    "\(ThreadProperty.wild.name)(P\(cpu)) is asked in a test with a loop or a fault handler",
                    at: proposition.span,
                    remedy: "write the loop out, or wait with call \(KernelService.waitFor.name)(x,1)")
            }
            watches.asksWild = true
            return .happened(add(.wild(cpu: cpu), "\(ThreadProperty.wild.name)(P\(cpu))"))
        case .fault(let cpu, let label, let page):
            try resolver.checkProcessor(cpu, at: proposition.span)
            let number = try page.map { page throws(Diagnostic) in
                try resolver.askedPage(page, in: ThreadProperty.fault.name, at: proposition.pageSpan)
            }
            let instruction = label.flatMap { resolver.test.threads[cpu].program.labels[$0] }
            if let label, instruction == nil {
                throw resolver.diagnostic(
                    "P\(cpu) has no label `\(label)`", at: proposition.span,
                    remedy: "put `\(label):` before the instruction in P\(cpu)")
            }
            let fault = Watches.Fault(cpu: cpu, instruction: instruction, page: number)
            let bit = watches.faults.firstIndex(of: fault) ?? watches.faults.count
            if bit == watches.faults.count { watches.faults.append(fault) }
            guard watches.faults.count <= 64 else {
                throw resolver.diagnostic(
                    "the condition names more than 64 faults", at: proposition.span, remedy: "ask for fewer of them")
            }
            let name =
                "\(ThreadProperty.fault.name)(P\(cpu)" + (label.map { ":\($0)" } ?? "") + (page.map { ",\($0)" } ?? "")
                + ")"
            return .happened(add(.fault(bit: bit), name))
        }
    }

    private mutating func property(
        _ property: Property, of name: String, _ proposition: Proposition, _ resolver: Resolver
    ) throws(Diagnostic) -> Formula {
        if property.isAboutSizes, resolver.map.tables == nil {
            throw resolver.diagnostic(
                "\(property.name) is about pages of two sizes, and every leaf of the test maps 4 KByte",
                at: proposition.span,
                remedy: "name the entry that maps a large page: [PMD(\(name))] = (oa:PA(\(name)), ps:1);")
        }
        let subject = try resolver.subject(of: property, name, at: proposition.pageSpan)
        if property == .staleWrite,
            resolver.map.variables.count + resolver.map.tableCount > ScenarioLimits.mostWatchedVariables
        {
            throw resolver.diagnostic(
                "\(property.name) is asked in a test with more than \(ScenarioLimits.mostWatchedVariables) variables and tables",
                at: proposition.span, remedy: "use fewer of them")
        }
        watches.subjects[property].insert(subject)
        return .happened(add(.property(property, subject: subject), "\(property.name)(\(name))"))
    }

    private mutating func equality(
        _ location: Location, _ value: Value, isWhole: Bool, _ resolver: Resolver
    ) throws(Diagnostic) -> Formula {
        let (position, mask) = try item(for: location, resolver)
        var owner: MemoryName?
        if case .memory(let name, _) = location.kind, name.entry != nil { owner = name }
        switch value.kind {
        case .integer(let number):
            return .equal(position, mask: mask, number & mask)
        case .address(.frame(let name)) where location.isFrame:
            guard let variable = resolver.map.variable(named: name) else {
                throw resolver.diagnostic(
                    "there is no frame `PA(\(name))`", at: value.span, remedy: "`PA(x)` is the frame of variable x")
            }
            return .equal(position, mask: ~0, resolver.map.frameNumber(ofVariable: variable) << 12)
        case .address:
            return .equal(position, mask: ~0, try resolver.number(value, in: owner, at: value.span))
        case .entry(let literal):
            let number = try resolver.number(value, in: owner, at: value.span)
            if isWhole || (!literal.namesTarget && literal.fields.isEmpty) {
                return .equal(position, mask: ~0, number)
            }
            // Only the named fields are compared; (p:0) alone asks for P=0, not for the empty entry.
            var named: UInt64 = literal.namesTarget ? PageTableEntry.frameMask : 0
            var wanted: UInt64 = number & named
            for field in literal.fields {
                guard let name = EntryFieldName(spelling: field.name) else { continue }
                named |= name.mask
                wanted = (wanted & ~name.mask) | ((field.value << UInt64(name.shift)) & name.mask)
            }
            return .equal(position, mask: named, wanted)
        }
    }

    // MARK: Asking

    /// The items' values in one state; ``QuestionReader`` is for many states.
    func read(_ state: UnsafePointer<UInt64>, of machine: Machine) -> [UInt64] {
        items.map { read($0.item, state, of: machine) }
    }

    /// One item's value in a state.
    func read(_ item: Item, _ state: UnsafePointer<UInt64>, of machine: Machine) -> UInt64 {
        switch item {
        case .register(let cpu, let register, _, _): machine.register(register, ofCPU: cpu, in: state)
        case .memory(let word, let shift, let bytes, _, _):
            (machine.content(ofWord: word, in: state) >> UInt64(shift))
                & (bytes == 8 ? ~0 : (1 << UInt64(bytes * 8)) - 1)
        case .field(let word, let field): PageTableEntry(rawValue: machine.content(ofWord: word, in: state))[field]
        case .frame(let word): machine.content(ofWord: word, in: state) & PageTableEntry.frameMask
        case .local(let local):
            machine.privateValue(address: local.address, bytes: local.bytes, ofCPU: local.processor, in: state)
        case .property(let property, let subject): machine.holds(property, of: subject, in: state) ? 1 : 0
        case .stuck(let cpu): machine.isEnded(cpu: cpu, in: state) || machine.isWild(in: state) ? 0 : 1
        case .wild(let cpu): machine.isWild(cpu: cpu, in: state) ? 1 : 0
        case .fault(let bit): machine.hasFaulted(bit: bit, in: state) ? 1 : 0
        }
    }

    /// Positions of the items as states show them: registers first, then memory, as in herd7, what happened last.
    var displayOrder: [Int] {
        func rank(_ item: Item) -> Int {
            switch item {
            case .register, .local: 0
            case .memory, .field, .frame: 1
            case .property, .stuck, .wild, .fault: 2
            }
        }
        return items.indices.prefix(shownCount).sorted { first, second in
            (rank(items[first].item), items[first].name) < (rank(items[second].item), items[second].name)
        }
    }

    /// Whether a formula is true of the items' values.
    func isTrue(_ formula: Formula, _ values: UnsafePointer<UInt64>) -> Bool {
        switch formula {
        case .constant(let value): value
        case .not(let part): !isTrue(part, values)
        case .and(let parts): parts.allSatisfy { isTrue($0, values) }
        case .or(let parts): parts.contains { isTrue($0, values) }
        case .equal(let item, let mask, let value): values[item] & mask == value & mask
        case .same(let first, let second, let mask): values[first] & mask == values[second] & mask
        case .happened(let item): values[item] != 0
        }
    }

    /// Whether a final state with these values is what a witness shall show: a counterexample to `forall`, else an
    /// example.
    func isAnswered(by values: [UInt64]) -> Bool {
        (filter.map { isTrue($0, values) } ?? true) && isTrue(condition, values) == (quantifier != .forall)
    }

    /// Whether the condition, not a `forall`, asks for something that goes wrong.
    var asksForHarm: Bool {
        func harms(_ formula: Formula) -> Bool {
            switch formula {
            case .and(let parts), .or(let parts): parts.contains(where: harms)
            case .happened(let position):
                switch items[position].item {
                case .property(let property, _): property != .written
                case .stuck, .wild: true
                default: false
                }
            default: false
            }
        }
        return quantifier != .forall && harms(condition)
    }

    /// Whether a run can be decided before it ends: the condition, not a `forall`, asks for something that happens.
    private var asksWhatHappened: Bool {
        filter == nil && quantifier != .forall
            && items.contains { item, _ in
                switch item {
                case .fault, .wild, .property: true
                case .register, .memory, .field, .frame, .local, .stuck: false
                }
            }
    }

    /// Whether the condition's proposition is true of every end of runs through this state, judged by what has
    /// happened for good: violations and faults are never taken back.
    func isDecided(_ state: UnsafePointer<UInt64>, of machine: Machine) -> Bool {
        func known(_ formula: Formula) -> Bool {
            switch formula {
            case .constant(let value): return value
            case .and(let parts): return parts.allSatisfy(known)
            case .or(let parts): return parts.contains(where: known)
            case .happened(let position):
                switch items[position].item {
                case .fault(let bit): return machine.hasFaulted(bit: bit, in: state)
                case .wild(let cpu): return machine.isWild(cpu: cpu, in: state)
                case .property(let property, let subject):
                    return property.isLasting && machine.holds(property, of: subject, in: state)
                default: return false
                }
            default: return false
            }
        }
        return asksWhatHappened && known(condition)
    }
}

extension Location {
    /// Whether this is an entry's `oa`.
    var isFrame: Bool { if case .field(_, "oa") = kind { true } else { false } }
}

extension Resolver {
    /// Refuses a processor that the test does not have.
    fileprivate func checkProcessor(_ cpu: Int, at span: SourceSpan?) throws(Diagnostic) {
        guard cpu >= test.threads.count else { return }
        let last = test.threads.count - 1
        throw diagnostic(
            "there is no processor P\(cpu)", at: span,
            remedy: last < 1 ? "the test has only P0" : "the test has P0 to P\(last)")
    }

    /// What is said of a name in the condition that is not a word of memory.
    fileprivate func isNotInMemory(_ name: MemoryName, at span: SourceSpan?) -> Diagnostic {
        diagnostic(
            "`\(Question.name(name))` is not in memory", at: span,
            remedy: "declare it in the initial state, an array with its size: { x[2] = {0, 0}; }")
    }

    /// Whether a name is an array, whose elements are shown with their index.
    func hasSeveralElements(_ name: MemoryName) -> Bool {
        guard case .variable(let name) = name else { return false }
        return test.initializations.contains {
            if case .memory(.variable(name), let index) = $0.location.kind {
                index > 0 || $0.values.count > 1
            } else {
                false
            }
        }
    }
}

extension Question {
    static func name(_ name: MemoryName) -> String {
        switch name {
        case .variable(let name): name
        case .frame(let name): "PA(\(name))"
        case .leaf, .upperEntry: LitmusWriter.text(of: name)
        }
    }

    static func name(_ register: RegisterOperand) -> String { register.name }
}
