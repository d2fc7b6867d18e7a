import Diagnostics
import Explorer
import Litmus
import Machine
import PageTable
import X86

/// Finds why the question of a test is empty, or emptier than it looks, on one machine: what its search never saw.
struct EmptyQuestion {
    private let lowered: LoweredTest
    private let machine: Machine
    private let exploration: Exploration
    private let states: FinalStates
    private let coverage: Coverage
    private var question: Question { lowered.question }

    /// The search has to be over, and complete.
    init(_ lowered: LoweredTest, _ machine: Machine, _ exploration: Exploration, _ states: FinalStates) {
        self.lowered = lowered
        self.machine = machine
        self.exploration = exploration
        self.states = states
        coverage = machine.coverage
    }

    /// All that there is to say: about the whole question first.
    var notes: [EmptyNote] {
        var notes: [EmptyNote] = []
        if states.isEmpty { notes.append(exploration.finals.count == 0 ? .noFinalState : .filteredAll) }
        // `exists (true)` is how one asks for a list of the final states.
        if let value = question.constantCondition, !question.isPlainConstant { notes.append(.constant(value)) }
        for position in question.askedItems { notes += self.notes(about: position) }
        let lazy = coverage.lazyCPUs.sorted().map { EmptyNote.lazyAccess(cpu: $0) }
        return notes + threads + lazy + reports
    }

    // MARK: What the condition asks

    private func notes(about position: Int) -> [EmptyNote] {
        let (item, name) = question.items[position]
        switch item {
        case .property(let property, let subject):
            return holdsSomewhere(position) ? [] : note(property, subject).map { [$0] } ?? []
        case .fault(let bit):
            return coverage.faultBits & (1 << UInt64(bit)) == 0 && !holdsSomewhere(position)
                ? [.noAccess(fault: name)] : []
        case .stuck(let cpu):
            return coverage.waitingCPUs.contains(cpu) || machine.scenario.cpus[cpu].canLoop || holdsSomewhere(position)
                ? [] : [.cannotBlock(cpu: cpu)]
        // That nothing goes wild is what one wants to hear.
        case .wild: return []
        case .register(let cpu, let register, _, _):
            let isWritten = machine.reachedInstructions(ofCPU: cpu).contains { instruction in
                instruction.writtenRegisters.contains(register.register) || Self.returnsValue(instruction, register)
            }
            return isWritten ? [] : unchanged(position, name)
        // What kernel code reports is asked for so that it does not go unseen; that there is nothing is not a slip.
        case .local where name.hasSuffix(":bug") || name.hasSuffix(":warned"): return []
        case .local(let local):
            return isStored(local) ? [] : unchanged(position, name)
        // Hardware sets these two by itself: whether it does may be the very question.
        case .field(_, .accessed), .field(_, .dirty): return []
        case .memory(let word, _, _, _, _) where machine.map.isEntry(word): return []
        case .memory(let word, _, _, _, _), .field(let word, _), .frame(let word):
            let isWritten = machine.canChange(word: word) && coverage.writtenWords.contains(word)
            return isWritten || isTried(word) ? [] : unchanged(position, name)
        }
    }

    private func note(_ property: Property, _ subject: Int) -> EmptyNote? {
        let map = machine.map
        if property.isAboutTable {
            return coverage.freedTables.contains(subject)
                ? nil : .notFreed(property: property, variable: map.name(ofTable: subject))
        }
        let isFrame = property.isAboutFrame
        let variable = isFrame ? subject : map.pages[subject]
        let name = map.variables[variable].name
        let page = isFrame ? map.page(named: name) : subject
        switch property {
        case .shadowStackExposed, .kernelShadowStack:
            guard let page else { return nil }
            if machine.isShadowStack(page: page) { return .shadowStackPage(property: property, page: name) }
            if property == .shadowStackExposed && !machine.hasShadowStacks {
                return .noShadowStacks(property: property, page: name)
            }
            return areEntriesWritten(of: page) ? nil : .entryNotWritten(property: property, page: name)
        case .lostDirty:
            // What is declared clean or dirty by a service can be lost whatever the entry says.
            guard let page, !coverage.declaredFrames.contains(variable) else { return nil }
            return areEntriesWritten(of: page) ? nil : .entryNotWritten(property: property, page: name)
        case .staleWrite:
            guard let page else { return nil }
            if !areEntriesWritten(of: page) { return .entryNotWritten(property: property, page: name) }
            let isFlushed = leaves(of: page).contains { coverage.flushedLeaves & (1 << UInt64($0)) != 0 }
            return isFlushed ? nil : .notFlushed(property: property, page: name)
        case .strayPresent:
            guard let page else { return nil }
            if !areEntriesWritten(of: page) { return .entryNotWritten(property: property, page: name) }
            return words(of: page).contains(where: coverage.readWords.contains)
                ? nil : .entryNotRead(property: property, page: name)
        case .staleFrame:
            return coverage.freedFrames.contains(variable) ? nil : .notFreed(property: property, variable: name)
        case .written:
            let own: UInt64 = page.map { 1 << UInt64($0) } ?? 0
            return coverage.storePages & (machine.pages(mappingFrameOf: variable) | own) != 0
                ? nil : .pageNotWritten(property: property, page: name)
        case .sizeConflict, .sizeMismatch, .staleTable: return nil
        }
    }

    /// Whether what a position stands for happened on the way to some final state.
    private func holdsSomewhere(_ position: Int) -> Bool {
        var holds = false
        exploration.finals.forEach { _, state in
            if !holds { holds = question.read(question.items[position].item, state, of: machine) != 0 }
        }
        return holds
    }

    /// The page's entries of all levels: any may map it, or stop mapping it.
    private func words(of page: Int) -> [Int] {
        let map = machine.map
        return map.spaces.indices.flatMap { space in
            EntryLevel.all(of: map.levels).compactMap { map.entryWord(page: page, level: $0.rawValue, space: space) }
        }
    }

    /// The numbers of a page's leaves, as coverage counts them.
    private func leaves(of page: Int) -> [Int] {
        machine.map.spaces.indices.map { $0 * machine.map.pages.count + page }
    }

    /// Whether software may be what a property of the page's entries is about; with CR0.WP=0 hardware alone may be.
    private func areEntriesWritten(of page: Int) -> Bool {
        machine.scenario.cpus.contains { !$0.writeProtect }
            || words(of: page).contains(where: coverage.writtenWords.contains)
    }

    /// Whether a register holds what a service answers.
    private static func returnsValue(_ instruction: Instruction, _ register: RegisterOperand) -> Bool {
        guard case .service(let service, _) = instruction.request(RegisterFile()) else { return false }
        return service.answers && register.register == .rax
    }

    /// Whether somebody tries to write a page that leads to a word, though no entry ever lets it: the answer may be just that.
    private func isTried(_ word: Int) -> Bool {
        guard let variable = machine.map.variable(ofWord: word) else { return false }
        let own: UInt64 = machine.map.pages.firstIndex(of: variable).map { 1 << UInt64($0) } ?? 0
        return coverage.storePages & (machine.pages(mappingFrameOf: variable) | own) != 0
    }

    private func isStored(_ local: CompiledCode.Local) -> Bool {
        machine.isStored(privateAddress: local.address, bytes: local.bytes, ofCPU: local.processor)
    }

    private func unchanged(_ position: Int, _ name: String) -> [EmptyNote] {
        var text: String?
        exploration.finals.forEach { _, state in
            guard text == nil else { return }
            let value = question.read(question.items[position].item, state, of: machine)
            text = StatePrinter(question, machine.map).text(position, value)
        }
        return text.map { [.notWritten(name: name, state: $0)] } ?? []
    }

    // MARK: What threads do

    /// Threads that finish in no run, unless that is what the condition asks.
    private var threads: [EmptyNote] {
        let count = lowered.cpuCount
        var blocked = [Bool](repeating: exploration.finals.count > 0, count: count)
        // What differs; arrays, because a set's type is made when it is first met, which takes longer than many a search.
        var waits = [[ThreadWait]](repeating: [], count: count)
        var places = [[SourcePlace?]](repeating: [], count: count)
        for position in question.askedItems {
            if case .stuck(let cpu) = question.items[position].item { blocked[cpu] = false }
        }
        exploration.finals.forEach { _, state in
            guard blocked.contains(true) else { return }
            // A run that ends where nothing is known says nothing of what a thread would have done.
            if machine.isWild(in: state) {
                blocked = [Bool](repeating: false, count: count)
                return
            }
            // Of interchangeable CPUs the search does not say which is which.
            let ended = (0..<count).filter { machine.isEnded(cpu: $0, in: state) }
            for cpu in ended { for twin in machine.interchangeable(with: cpu) { blocked[twin] = false } }
            for cpu in 0..<count where blocked[cpu] {
                let (wait, place) = machine.wait(ofCPU: cpu, in: state)
                if !waits[cpu].contains(wait) { waits[cpu].append(wait) }
                if !places[cpu].contains(place) { places[cpu].append(place) }
            }
        }
        return (0..<count).filter { blocked[$0] }.map { cpu in
            .blocked(
                cpu: cpu, wait: waits[cpu].count == 1 ? waits[cpu].first : nil,
                place: places[cpu].count == 1 ? places[cpu].first ?? nil : nil)
        }
    }

    /// Warnings and bugs of kernel code, unless the condition asks for them, and what it leaves out.
    private var reports: [EmptyNote] {
        guard let compiled = lowered.test.compiled else { return [] }
        var asked: Set<CompiledCode.Local> = []
        for position in question.askedItems {
            if case .local(let local) = question.items[position].item { asked.insert(local) }
        }
        var notes: [EmptyNote] = []
        for cpu in 0..<lowered.cpuCount where compiled.origins.indices.contains(cpu) {
            let origins = compiled.origins[cpu]
            let reached = machine.reached(ofCPU: cpu)
            func lines(_ instructions: [Int], _ local: String) -> [CompiledCode.SourceLine?] {
                if let local = compiled.locals["\(cpu):\(local)"], asked.contains(local) { return [] }
                var lines: [CompiledCode.SourceLine?] = []
                for index in instructions where reached.indices.contains(index) && reached[index] {
                    let line = origins.chain(index).first
                    if !lines.contains(line) { lines.append(line) }
                }
                return lines
            }
            notes += lines(origins.warnings, "warned").map { .warning(cpu: cpu, line: $0) }
            notes += lines(origins.bugs, "bug").map { .bug(cpu: cpu, line: $0) }
            for function in lowered.test.testedFunctions {
                let program = lowered.test.threads[cpu].program
                if let gap = origins.gap(in: function, reached: machine.reachedInstructions(cpu), program: program) {
                    notes.append(.notReached(cpu: cpu, function: function, gap: gap))
                }
            }
        }
        return notes
    }
}
