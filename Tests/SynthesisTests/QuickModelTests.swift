import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import TestSupport
import Testing
import X86

@testable import Synthesis

/// The quick model that tells candidates apart, against X86 and against the machine.
@Suite struct QuickModelTests {
    /// An instruction means the same in the quick model as in X86, for any content of entry, registers and flags.
    @Test func instructionsMeanWhatTheyMeanInX86() throws {
        let grammar = try Sample.problem().grammar
        var numbers = SeededNumbers(seed: 13)
        for template in grammar.templates where template.action != .fence && template.action != .flush {
            var parser = AssemblyParser()
            try parser.parse(line: template.text, at: SourcePlace(line: 1, column: 1))
            let instruction = try #require(try parser.finish().instructions.first)
            for _ in 0..<20 {
                let state = SequenceState(
                    entry: numbers.next(),
                    registers: .init(first: numbers.next(), second: numbers.next(), third: numbers.next()),
                    flags: SequenceFlags(rawValue: UInt8(truncatingIfNeeded: numbers.next()) & 7))
                var next = try #require(state.executing(template))
                while next.buffered > 0 { next = next.drained() }
                let (entry, registers) = Self.run(instruction, state, template, grammar.scratch)
                #expect(next.entry == entry, "\(template.text)")
                for (number, register) in grammar.scratch.enumerated() {
                    #expect(next.registers[UInt8(number)] == registers[register], "\(template.text) \(register)")
                }
                if template.writesFlags {
                    #expect(next.flags.contains(.carry) == registers.flags.contains(.carry), "\(template.text) CF")
                    guard ![.lockBts, .lockBtr, .lockBtc, .bitTest, .bitSet, .bitReset].contains(template.action)
                    else { continue }
                    #expect(next.flags.contains(.zero) == registers.flags.contains(.zero), "\(template.text) ZF")
                    #expect(next.flags.contains(.sign) == registers.flags.contains(.sign), "\(template.text) SF")
                }
            }
        }
    }

    /// What X86 makes of entry and registers.
    private static func run(
        _ instruction: Instruction, _ state: SequenceState, _ template: Template, _ scratch: [Register]
    ) -> (entry: UInt64, registers: RegisterFile) {
        var registers = RegisterFile()
        registers[.rdi] = 0x1000
        for (number, register) in scratch.enumerated() { registers[register] = state.registers[UInt8(number)] }
        if state.flags.contains(.zero) { registers.flags.insert(.zero) }
        if state.flags.contains(.carry) { registers.flags.insert(.carry) }
        if state.flags.contains(.sign) { registers.flags.insert(.sign) }
        let loaded = state.entry >> template.shift & template.widthMask
        let stored = instruction.execute(on: &registers, loaded: loaded)
        guard template.isMemory, template.action != .load, let stored else { return (state.entry, registers) }
        let mask = template.widthMask << template.shift
        return (state.entry & ~mask | stored << template.shift & mask, registers)
    }

    /// Every final state of the machine is one of the quick model, so that a class forgets nothing that can happen.
    @Test(arguments: ["strict", "late"])
    func theQuickModelHasEveryFinalStateOfTheMachine(_ name: String) throws {
        let profile = try #require(CPUProfile.builtIn.first { $0.name == name })
        let problem = try Sample.problem(
            Sample.text(condition: "locations [[PTE(x)]; 0:rax; 0:rcx]\n~exists (lost_dirty(x))"))
        let search = ClassSearch(
            templates: problem.grammar.templates, starts: problem.starts, interference: Interference([profile]),
            forbidden: [], accepts: { $0.accepts($1) ? 1 : 0 }, defined: 0)
        var numbers = SeededNumbers(seed: 29)
        var compared = 0
        for _ in 0..<150 {
            var sequence: [Template] = []
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let next = search.useful(after: sequence).filter { $0.action != .storeConstant }
                sequence.append(try #require(next.randomElement(using: &numbers)))
            }
            compared += try compare(sequence, search, problem, profile)
        }
        #expect(compared > 150)
    }

    private func compare(
        _ sequence: [Template], _ search: ClassSearch, _ problem: SynthesisProblem, _ profile: CPUProfile
    ) throws -> Int {
        let lines = sequence.map { $0.text }
        let test = try problem.filled(0, with: lines)
        let checker = try TestChecker(test)
        let verdict = try checker.check(
            label: profile.name, profiles: [profile, profile])
        // The sample's entry, as the machine lays it out.
        let machineEntry = try #require(verdict.states.first.flatMap { Self.words($0)["[PTE(x)]"] })
        let frame = machineEntry & 0x000f_ffff_ffff_f000
        var start = search.starts[0]
        start.entry = frame | 0x27
        start.registers = .init(
            first: 0x5bd1_e995_7f4a_7c15, second: 0x5bd1_e995_7f4a_7c16, third: 0x5bd1_e995_7f4a_7c17)
        let sets = [StateSets(starts: 1), StateSets(starts: 1)]
        sets[0].begin([start], search.interference)
        var current = 0
        for template in sequence {
            #expect(sets[1 - current].advance(sets[current], template, search.interference, forbidden: []))
            current = 1 - current
        }
        let known = Set(sets[current].finalStates.map { [$0.entry, $0.registers.first, $0.registers.second] })
        for state in verdict.states {
            let words = Self.words(state)
            let end = [words["[PTE(x)]"] ?? 0, words["0:rax"] ?? 0, words["0:rcx"] ?? 0]
            #expect(known.contains(end), "\(lines) ends in \(state.text)")
        }
        return verdict.states.count
    }

    /// The numbers of a final state by name.
    private static func words(_ state: FinalState) -> [String: UInt64] {
        var words: [String: UInt64] = [:]
        for part in state.parts {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let text = sides[1]
            if let number = Int64(text) { words[String(sides[0])] = UInt64(bitPattern: number) }
            if text.hasPrefix("0x") { words[String(sides[0])] = UInt64(text.dropFirst(2), radix: 16) }
        }
        return words
    }
}
