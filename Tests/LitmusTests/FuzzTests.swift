import Foundation
import Litmus
import TestSupport
import Testing

/// Spoils sample tests and checks that the parser answers with a test or a diagnostic: a trap ends the whole run.
///
/// A seeded mutator and not libFuzzer: `swiftc -sanitize=fuzzer` links with Swift 6.3 on Linux, but the program that it makes of
/// these modules does not start ("the size of coverage PC tables does not match the number of instrumented PCs"). This runs
/// with every `swift test`, on every platform, and a failing round can be repeated.
///
/// `PTERO_FUZZ_ROUNDS` sets the number of rounds for each of the tests below; `swift test` runs a third of what `.ci/run` does.
@Suite struct FuzzTests {
    private static let rounds = Volume.rounds("PTERO_FUZZ_ROUNDS", full: 3000, sample: 300)

    /// Words that take the parser to its rarer places.
    private static let words = [
        "(*", "*)", "{", "}", "(", ")", "[", "]", ";", "|", ":", ",", "=", "==", "!=", "~", "/\\", "\\/", "=>", "\"",
        "??", "<<", "??wp", "??wp {in rdi; scratch rax}", "??late {}", "{in rdi", "out al&64", "scratch rdi",
        "length 99",
        "starts (d:*)", "ensures ([PTE(x)] = old with (d:0))", "starts", "ensures", "old", "with", "old.d", "d:*",
        "al&64",
        "exists", "forall", "locations", "filter", "fault(P1,x)", "PTE(x)", "PTE(child:x)", "PA(x)", "PMD(x)", "pte_x",
        "pud_x", "PGD(child:x)", "PT(x)", "PD(child:x)", "(table:PT(x))", "table:", "stale_table(PT(x))", "(oa:PT(x))",
        "(oa:PA(x), ps:1)", "wild(P0)",
        "Region=x y | z || w", "Region=", "||", "call free_table(PT(x))", "call flush_tlb_range(x,2M,4K,1)",
        "P0", "P1.F",
        "P18446744073709551616", "0:rax", "99999999999999999999", "-9223372036854775808", "0xffffffffffffffff",
        "x[4096]",
        "(oa:PA(x), rw:2)", "lock", "lock ;", "call", "flush_tlb_page(x)", "Fault=P1:retry", "CPU=P0:", "Result:",
        "Result a:",
        "exists a: (true)", "exists lost-dirty:", "Failure a=", "lost-dirty",
        "Never", "\u{feff}",
        "é", "𝄞", "\r\n", "\n", "\t", "movl $1,(x)", "%rax", "$", "-1(%rax,%rbx,8)", "1:", "1b", "jmp", ".F", "a=", "#",
        "//", "/*",
    ]

    /// What happened over all rounds; both outcomes must occur or the mutations are worthless.
    private func check(_ bytes: [UInt8], accepted: inout Int) {
        let clock = ContinuousClock()
        let start = clock.now
        defer {
            let duration = clock.now - start
            #expect(duration < .seconds(5), "\(String(decoding: bytes, as: UTF8.self))")
        }
        do {
            let test = try LitmusParser.parse(bytes: bytes, file: "fuzz")
            accepted += 1
            // What was accepted must also be written and read again.
            let text = LitmusWriter.text(of: test)
            let again = try LitmusParser.parse(text, file: "written")
            #expect(again.isSame(as: test), "\(text)")
        } catch {
            let text = error.rendered(source: String(decoding: bytes, as: UTF8.self))
            if error.file == "written" { Issue.record("\(text)\n\(String(decoding: bytes, as: UTF8.self))") }
            #expect((error.place?.line ?? 0) >= 1 && (error.place?.column ?? 0) >= 1 && !error.message.isEmpty)
            #expect(text.utf8.count < 4096, "\(text)")
        }
    }

    @Test(.timeLimit(.minutes(60))) func spoiledBytes() {
        var generator = SeededNumbers(seed: 0x5054_4552_4f00_0001)
        var accepted = 0
        for round in 0..<Self.rounds {
            var bytes = Array(Sample.all[round % Sample.all.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let start = Int.random(in: 0..<bytes.count, using: &generator)
                let end = min(bytes.count, start + Int.random(in: 0...8, using: &generator))
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[start] = UInt8.random(in: 32...126, using: &generator)
                case 2: if bytes.count > 16 { bytes.removeSubrange(start..<end) }
                case 3:
                    bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &generator))
                default: bytes = Array(bytes[..<max(1, start)])
                }
            }
            check(bytes, accepted: &accepted)
        }
        #expect(accepted > 0 && accepted < Self.rounds || Self.rounds < 100)
    }

    @Test(.timeLimit(.minutes(60))) func spoiledWords() {
        var generator = SeededNumbers(seed: 0x5054_4552_4f00_0002)
        var accepted = 0
        let sampleWords = Sample.all.map(Self.cut)
        for round in 0..<Self.rounds {
            var words = sampleWords[round % sampleWords.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<words.count, using: &generator)
                let other = Int.random(in: 0..<words.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: words[index] = Self.words.randomElement(using: &generator) ?? ""
                case 1: words.insert(Self.words.randomElement(using: &generator) ?? "", at: index)
                case 2: words.swapAt(index, other)
                case 3: words[index] = words[other]
                default: if words.count > 4 { words.remove(at: index) }
                }
            }
            check(Array(words.joined().utf8), accepted: &accepted)
        }
        #expect(accepted > 0 && accepted < Self.rounds || Self.rounds < 100)
    }

    @Test(.timeLimit(.minutes(60))) func repeatedWords() {
        var generator = SeededNumbers(seed: 0x5054_4552_4f00_0003)
        for round in 0..<max(1, Self.rounds / 20) {
            let sample = Sample.all[round % Sample.all.count]
            let word = Self.words.randomElement(using: &generator) ?? "("
            let place = sample.index(sample.startIndex, offsetBy: Int.random(in: 0..<sample.count, using: &generator))
            var ignored = 0
            check(
                Array((sample[..<place] + String(repeating: word, count: 5000) + sample[place...]).utf8),
                accepted: &ignored)
        }
    }

    /// Words, runs of blanks and single signs of a text.
    private static func cut(_ text: String) -> [String] {
        var pieces: [String] = []
        var kind = -1
        for character in text {
            let own = character.isLetter || character.isNumber || character == "_" ? 0 : character.isWhitespace ? 1 : 2
            if own == kind, own != 2, var last = pieces.popLast() {
                last.append(character)
                pieces.append(last)
            } else {
                pieces.append(String(character))
            }
            kind = own
        }
        return pieces
    }
}
