import Diagnostics
import TestSupport
import Testing

@testable import X86

/// Seeded mutations of good text: whatever comes out is a program or a typed error, in bounded time.
@Suite struct FuzzTests {
    private static let alphabet = Array("%$()*,:;#/.+-~<>|&=\"\\ \t\n019xfbqlLmovpushaté\u{301}\u{0}@_[]{}!'")

    private static func mutate(_ text: [Character], _ random: inout SeededNumbers, _ corpus: [[Character]])
        -> [Character]
    {
        var text = text
        for _ in 0...random.below(2) {
            let position = random.below(text.count + 1)
            switch random.below(5) {
            case 0: text.insert(alphabet[random.below(alphabet.count)], at: position)
            case 1: if position < text.count { text.remove(at: position) }
            case 2: if position < text.count { text[position] = alphabet[random.below(alphabet.count)] }
            case 3:
                let other = corpus[random.below(corpus.count)]
                text.insert(contentsOf: other[random.below(other.count + 1)...].prefix(8), at: position)
            default: text.insert(contentsOf: text.prefix(random.below(12)), at: position)
            }
        }
        return text
    }

    @Test func mutatedLinesGiveAProgramOrAnErrorWithAPlaceInsideTheLine() {
        let corpus = (InstructionSetTests.kernelForms + ParserErrorTests.wrong.map(\.line)).map(Array.init)
        var random = SeededNumbers(seed: 2024)
        var (accepted, refused) = (0, 0)
        let rounds = Volume.rounds("PTERO_FUZZ_ROUNDS", full: 24_000, sample: 2_500)
        for round in 0..<rounds {
            let line = Self.mutate(corpus[round % corpus.count], &random, corpus)
            do {
                let program = try parse(String(line)).linked { _ in 0x1000 }
                accepted += 1
                execute(program, &random)
            } catch let error as Diagnostic {
                refused += 1
                #expect(
                    error.place.map { $0.line == 1 && $0.column >= 1 && $0.column <= line.count + 1 } == true,
                    "\(String(line))")
                #expect(error.length >= 1 && error.length <= line.count + 1, "\(String(line))")
            } catch { Issue.record("\(String(line)): \(error)") }
        }
        // Both sides are reached, so the mutations are neither harmless nor hopeless.
        #expect(accepted > rounds / 30)
        #expect(refused > rounds / 30)
    }

    /// Each accepted instruction runs on random registers: no trap whatever they hold.
    private func execute(_ program: Program, _ random: inout SeededNumbers) {
        for instruction in program.instructions {
            var file = RegisterFile()
            for register in Register.allCases { file[register] = random.operand() }
            file.flags = Flags(rawValue: random.next())
            _ = instruction.request(file)
            _ = instruction.execute(on: &file, loaded: random.operand())
            // Below 0 is where jumps go that lead nowhere.
            #expect(file.rip >= -program.instructions.count && file.rip <= program.instructions.count)
        }
    }

    @Test func mutatedTextsWithSectionsCommentsAndNumericLabels() {
        let text = Array(
            """
            .text
            f: # comment
            1: lock
            cmpxchgq %rcx,(%rdx) /* c */
            jne 1b; jmp 1f
            .pushsection .x,"ax"; .byte 15,11; .popsection
            1: .byte 0x0f,0x0b
            .section .data,"a"
            .asciz "a;b\\"c"
            """)
        var random = SeededNumbers(seed: 99)
        var accepted = 0
        for _ in 0..<3000 {
            do {
                _ = try parseText(String(Self.mutate(text, &random, [text]))).linked { _ in 1 }
                accepted += 1
            } catch {
                #expect(error is Diagnostic)
            }
        }
        #expect(accepted > 100)
    }

    @Test func aLongTextTakesTimeInProportionToItsLength() throws {
        let line = "1: lock cmpxchgq %rcx,8(%rdx,%rax,8) # comment\n jne 1b\n"
        let program = try parseText(String(repeating: line, count: 5000))
        #expect(program.instructions.count == 10_000)
        #expect(program.labels.count == 5000)
        let linked = try program.linked { _ in nil }
        #expect(linked.instructions.count == 10_000)
    }
}
