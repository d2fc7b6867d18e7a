import CFrontMemory
import Testing

/// The division of 128 bits, against Swift's own.
@Suite struct DivisionTests {
    @Test func divisions() {
        var random = Generator(state: 7)
        for _ in 0..<20_000 {
            // Numbers of all lengths.
            let dividend = random.wide() >> (random.next() % 128)
            let divisor = max(1, random.wide() >> (random.next() % 128))
            let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
            let result = front_divide(halves(dividend), halves(divisor))
            #expect(result.quotient.high == UInt64(quotient >> 64))
            #expect(result.quotient.low == UInt64(truncatingIfNeeded: quotient))
            #expect(result.remainder.high == UInt64(remainder >> 64))
            #expect(result.remainder.low == UInt64(truncatingIfNeeded: remainder))
        }
    }

    private func halves(_ value: UInt128) -> front_wide {
        front_wide(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value))
    }
}

/// Random numbers that are the same on every run (SplitMix64).
struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    mutating func wide() -> UInt128 { UInt128(next()) << 64 | UInt128(next()) }
}
