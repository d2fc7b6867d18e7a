import Testing
import X86

@testable import Machine

@Suite struct StoreBufferTests {
    @Test(arguments: [false, true])
    func ownLoadsSeeBufferedBytesNewestFirstThenMemory(_ isEager: Bool) throws {
        let bench = try Bench(
            "movl $0x01020304,(a)\n movb $0xff,(a)\n movw $0x1234,(b)\n movl (a),%eax\n movl (b),%ecx")
        #expect(try bench.ends(.rax, ofCPU: 0, isEager: isEager) == [0x0102_03ff])
        #expect(try bench.ends(.rcx, ofCPU: 0, isEager: isEager) == [0x1234])
    }

    @Test func aLoadWiderThanTheBufferedStoreTakesTheRestFromMemory() throws {
        let bench = try Bench("movb $1,(a)\n movl (a),%eax", "movl $0x01010100,(a)")
        // Byte 0 is always the own one; bytes 1 to 3 depend on whether P1's store has arrived; P1's may overwrite byte 0
        // once the own store has drained.
        #expect(try bench.ends(.rax, ofCPU: 0) == [1, 0x0101_0101, 0x0101_0100])
    }

    @Test func storeBufferingNeedsStoreBuffersAndNoFences() throws {
        func outcomes(_ fence: String, _ change: (inout CPUProfile) -> Void = { _ in }) throws -> Set<[UInt64]> {
            var bench = try Bench("movl $1,(a)\n \(fence)\n movl (b),%eax", "movl $1,(b)\n \(fence)\n movl (a),%eax")
            change(&bench.profile)
            return try bench.explore { machine, state in
                [0, 1].map { machine.register(RegisterOperand(.rax), ofCPU: $0, in: state) }
            }.finals
        }
        #expect(try outcomes("nop") == [[0, 0], [0, 1], [1, 0], [1, 1]])
        #expect(try outcomes("mfence") == [[0, 1], [1, 0], [1, 1]])
        #expect(try outcomes("sfence").contains([0, 0]))
        #expect(try outcomes("nop") { $0.storeBuffer = .sc } == [[0, 1], [1, 0], [1, 1]])
    }

    @Test func storesArriveInOrder() throws {
        let bench = try Bench("movl $1,(a)\n movl $1,(b)", "movl (b),%eax\n movl (a),%ecx")
        let seen = try bench.explore { machine, state in
            [Register.rax, .rcx].map { machine.register(RegisterOperand($0), ofCPU: 1, in: state) }
        }.finals
        #expect(seen == [[0, 0], [0, 1], [1, 1]])
    }

    @Test(arguments: [1, 2, 3, 5, 9])
    func aBufferGrowsWithItsStores(_ count: Int) throws {
        let stores = (1...count).map { "movl $\($0),(a)" }.joined(separator: "\n")
        let bench = try Bench(stores)
        let word = Bench.map.dataWord(ofVariable: try #require(Bench.map.variable(named: "a")))
        let found = try bench.explore { $0.content(ofWord: word, in: $1) }
        #expect(found.finals == [UInt64(count)])
        // Issued stores i and arrived stores j, i >= j.
        #expect(found.states == (count + 1) * (count + 2) / 2)
    }

    @Test(arguments: [
        "lock addl $0,(b)", "lock orl $0,(b)", "mfence", "invlpg (x)", "call set_page_dirty(x)", "cpuid",
    ])
    func lockedInstructionsFencesAndServicesWaitForAnEmptyBuffer(_ instruction: String) throws {
        let bench = try Bench("movl $1,(a)\n \(instruction)\n movl (b),%ebp", "movl $1,(b)\n mfence\n movl (a),%eax")
        let seen = try bench.explore { machine, state in
            [
                machine.register(RegisterOperand(.rbp), ofCPU: 0, in: state),
                machine.register(RegisterOperand(.rax), ofCPU: 1, in: state),
            ]
        }.finals
        #expect(!seen.contains([0, 0]))
        #expect(seen.contains([1, 1]))
    }
}
