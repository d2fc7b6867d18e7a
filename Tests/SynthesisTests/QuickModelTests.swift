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

    /// Every end of a run on the machine is one in the quick model, so that a class forgets nothing that can happen.
    @Test(arguments: ["strict", "late"])
    func theQuickModelHasEveryEndOfTheMachine(_ name: String) throws {
        let profile = try #require(CPUProfile.builtIn.first { $0.name == name })
        // What the entry is comes out in a register, as a number.
        let text = Sample.text(condition: "~exists (0:rax=1 /\\ 0:rcx=1 /\\ 0:rbx=1)")
            .replacing(" call flush_tlb_page(x) | ;", with: " mfence | ;\n movq (%rdi),%rbx | ;")
        let problem = try Sample.problem(text)
        let search = ClassSearch(
            templates: problem.grammar.templates, starts: problem.starts, interference: Interference([profile]),
            forbidden: [], accepts: { $0.accepts($1) ? 1 : 0 }, defined: 0)
        let entry = try #require(try Self.ends([], problem, profile).first)[2] & ~0x60
        var numbers = SeededNumbers(seed: 29)
        var compared = 0
        let rounds = Volume.isFull ? 120 : 30
        for _ in 0..<rounds {
            var sequence: [Template] = []
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let next = search.useful(after: sequence)
                sequence.append(try #require(next.randomElement(using: &numbers)))
            }
            let known = Set(Self.quickEnds(sequence, entry | 0x20, search.interference))
            // Some leave a frame that is none, which the machine refuses.
            guard let ends = try? Self.ends(sequence, problem, profile) else { continue }
            for end in ends {
                #expect(known.contains(end), "\(sequence.map { $0.text }) ends in \(end)")
                compared += 1
            }
        }
        #expect(compared > rounds)
    }

    /// rax, rcx and the entry after each run on the machine.
    private static func ends(
        _ sequence: [Template], _ problem: SynthesisProblem, _ profile: CPUProfile
    ) throws -> [[UInt64]] {
        let test = try problem.filled(0, with: sequence.map { $0.text })
        let verdict = try TestChecker(test).check(label: profile.name, profiles: [profile, profile])
        #expect(verdict.observation != .inconclusive)
        return verdict.states.map { state in
            ["0:rax", "0:rcx", "0:rbx"].map { name in
                let part = state.parts.first { $0.hasPrefix(name + "=") } ?? ""
                return number(part.dropFirst(name.count + 1))
            }
        }
    }

    private static func number(_ text: Substring) -> UInt64 {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) ?? 0 }
        return Int64(text).map { UInt64(bitPattern: $0) } ?? UInt64(text) ?? 0
    }

    /// The same in the quick model.
    private static func quickEnds(
        _ sequence: [Template], _ entry: UInt64, _ interference: Interference?
    ) -> [[UInt64]] {
        let start = Start(
            entry: entry,
            registers: .init(
                first: 0x5bd1_e995_7f4a_7c15, second: 0x5bd1_e995_7f4a_7c16, third: 0x5bd1_e995_7f4a_7c17),
            expected: 0, outputs: [])
        let sets = [StateSets(starts: 1), StateSets(starts: 1)]
        sets[0].begin([start], interference)
        var current = 0
        for template in sequence {
            #expect(sets[1 - current].advance(sets[current], template, interference, forbidden: []))
            current = 1 - current
        }
        return sets[current].finalStates.map { [$0.registers.first, $0.registers.second, $0.entry] }
    }
}
