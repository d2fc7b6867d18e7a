import Testing

@testable import Machine

@Suite struct FlushedRangeTests {
    private func pages(_ start: UInt64, _ end: UInt64, _ shift: UInt64) -> [UInt64] {
        let range = FlushedRange(start: start, end: end, strideShift: shift)
        return (0..<1024).map { $0 << 12 }.filter(range.covers(pageAt:)).map { $0 >> 12 }
    }

    @Test func oneInvalidationAtEachStride() {
        #expect(pages(0x3000, 0x6000, 12) == [3, 4, 5])
        #expect(pages(0x3800, 0x6000, 12) == [3, 4, 5])
        #expect(pages(0x3800, 0x6801, 12) == [3, 4, 5, 6])
        #expect(pages(0x3000, 0x3001, 12) == [3])
        #expect(pages(0x3000, 0x3000, 12) == [])
        #expect(pages(0x6000, 0x3000, 12) == [])
        #expect(pages(0x3000, 0x40_0000, 21) == [3, 515])
        #expect(pages(0x3000, 0x20_0000, 21) == [3])
        #expect(pages(0, ~0, 12).count == 1024)
        #expect(pages(0x1000, 0x2000, 3) == [1])
    }

    @Test func whatLiesInTheRange() {
        let range = FlushedRange(start: 0x3800, end: 0x6000, strideShift: 21)
        #expect((0..<9).filter { range.contains(pageAt: $0 << 12) } == [3, 4, 5])
        #expect(
            (0..<9).filter { FlushedRange(start: 0x6000, end: 0x3000, strideShift: 12).contains(pageAt: $0 << 12) }
                == [])
    }

    /// Against the loop of `flush_tlb_func`, address by address.
    @Test func theLoopOfTheKernelAgrees() {
        for start in stride(from: UInt64(0), to: 0x9000, by: 0x700) {
            for length in stride(from: UInt64(0), to: 0x8000, by: 0x900) {
                for shift in [UInt64(11), 12, 13, 14] {
                    var expected: Set<UInt64> = []
                    var address = start
                    while address < start + length {
                        expected.insert(address >> 12)
                        address += 1 << shift
                    }
                    #expect(pages(start, start + length, shift) == expected.sorted())
                }
            }
        }
    }

    @Test func extremesDoNotOverflow() {
        for shift in [0, 12, 63, 64, UInt64.max] {
            let range = FlushedRange(start: 1, end: .max, strideShift: shift)
            #expect(range.covers(pageAt: 0))
            #expect(range.covers(pageAt: 0xffff_ffff_ffff_e000) == (shift <= 12))
        }
    }
}
