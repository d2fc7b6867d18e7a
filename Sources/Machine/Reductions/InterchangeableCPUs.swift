import Litmus
import X86

/// Which CPUs are interchangeable; what follows from it is in `Symmetry.swift`.
struct InterchangeableCPUs {
    /// Interchangeable CPUs, ascending, at least two in each class.
    let classes: [[Int]]

    init(classes: [[Int]]) { self.classes = classes }

    /// The interchangeable CPUs of a scenario.
    init(_ scenario: Scenario, _ widths: FieldWidths) {
        guard scenario.reductions.contains(.symmetry), !scenario.isEager else {
            classes = []
            return
        }
        // Constants make no difference while no word of data is kept.
        let ignoresConstants = (0..<scenario.map.wordCount).allSatisfy { word in
            scenario.map.isEntry(word) || !MachinePlan.keeps(word, scenario, widths)
        }
        var classes: [[Int]] = []
        for cpu in scenario.cpus.indices
        where !scenario.watches.processors.contains(cpu) && !scenario.cpus[cpu].sendsOrTakesInterrupts {
            let known = classes.firstIndex { members in
                scenario.cpus[members[0]].isInterchangeable(
                    with: scenario.cpus[cpu], scenario.map, ignoresConstants: ignoresConstants)
            }
            if let known { classes[known].append(cpu) } else { classes.append([cpu]) }
        }
        self.classes = classes.filter { $0.count > 1 }
    }

    /// Whether there are none.
    var isEmpty: Bool { classes.isEmpty }

    /// Whether there are other CPUs like this one.
    func contains(_ cpu: Int) -> Bool { classes.contains { $0.contains(cpu) } }

    /// A CPU and those like it.
    func all(like cpu: Int) -> [Int] { classes.first { $0.contains(cpu) } ?? [cpu] }

    /// The first of the CPUs that are like this one: what is known of their code is known of the first.
    func first(for cpu: Int) -> Int { all(like: cpu)[0] }
}

extension Processor {
    /// Whether other CPUs are named in its code, or it in theirs: local states hold their numbers (`Interrupts.swift`).
    fileprivate var sendsOrTakesInterrupts: Bool {
        if interruptHandler != nil { return true }
        return programs.contains { program in
            program.instructions.contains {
                if case .service(.sendInterrupt, _) = $0.request(RegisterFile()) { true } else { false }
            }
        }
    }

    /// Whether exchanging two CPUs changes nothing but their numbers.
    fileprivate func isInterchangeable(
        with other: Processor, _ map: AddressMap, ignoresConstants: Bool
    ) -> Bool {
        guard
            (profile, onFault, registers, space) == (other.profile, other.onFault, other.registers, other.space),
            (privilege, writeProtect, isCompiled) == (other.privilege, other.writeProtect, other.isCompiled),
            (privateMemory, stackBase, stackTop) == (other.privateMemory, other.stackBase, other.stackTop),
            (handler == nil) == (other.handler == nil),
            keepsInterruptsInHandler == other.keepsInterruptsInHandler
        else { return false }
        func isAlike(_ code: Program, _ otherCode: Program) -> Bool {
            guard code.instructions.count == otherCode.instructions.count else { return false }
            return zip(code.instructions, otherCode.instructions).allSatisfy { mine, others in
                mine.doesTheSame(as: others, exceptConstants: ignoresConstants && mine.storesConstantToData(map))
            }
        }
        return isAlike(program, other.program) && isAlike(handler ?? Program(), other.handler ?? Program())
    }
}

extension Instruction {
    /// Whether it stores a constant at an address that is no page-table entry's whatever registers hold.
    fileprivate func storesConstantToData(_ map: AddressMap) -> Bool {
        guard let address = addressOfStoredConstant, let place = map.place(at: address) else { return false }
        switch place {
        case .page: return true
        case .physical(let word, _): return !map.isEntry(word)
        }
    }
}
