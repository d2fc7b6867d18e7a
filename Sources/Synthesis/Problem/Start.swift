import Litmus
import PageTable
import X86

/// An entry that a sequence has to handle when it runs alone, and what is to come of it.
struct Start: Hashable, Sendable {
    /// The entry before.
    var entry: UInt64
    /// What the scratch registers hold before: anything.
    var registers: SequenceState.Registers
    /// The entry after.
    var expected: UInt64
    /// What registers hold after.
    var outputs: [Output]

    /// Bits of a scratch register and what they are to be, in place.
    struct Output: Hashable, Sendable {
        var register: UInt8
        var mask: UInt64
        var value: UInt64
    }

    /// Whether a run that nobody disturbed ended as it should.
    @inline(__always)
    func accepts(_ state: SequenceState) -> Bool { state.entry == expected && acceptsOutputs(state) }

    /// Whether registers hold what they should.
    @inline(__always)
    func acceptsOutputs(_ state: SequenceState) -> Bool {
        for output in outputs where state.registers[output.register] & output.mask != output.value {
            return false
        }
        return true
    }

    /// The state that a run begins in.
    var state: SequenceState { SequenceState(entry: entry, registers: registers) }

    /// The start after these bits of the entry were loaded into rax, which is register 0.
    func loaded(_ mask: UInt64 = ~0) -> Start {
        var start = self
        start.registers.first = entry & mask
        return start
    }
}

/// All starts of a problem: every combination of the fields that `starts` leaves open, each with two contents of all other
/// fields and of the scratch registers, one the complement of the other.
///
/// Every bit of an entry that the problem does not name is 0 in one start and 1 in another, and so is every bit of a register,
/// so that no sequence can know it.
struct StartList {
    static func make(_ fields: [StartEntries.Field], _ expectation: EnsuredResult) -> [Start] {
        var named: UInt64 = 0
        var known: [UInt64] = [0]
        for field in fields {
            named |= field.name.mask
            let values = field.value.map { [$0] } ?? Array(0...field.name.largestValue)
            known = known.flatMap { entry in values.map { entry | $0 << UInt64(field.name.shift) } }
        }
        // P is 1 unless the problem says otherwise: hardware does not look at the rest of an empty entry.
        if named & EntryBits.present == 0 {
            named |= EntryBits.present
            known = known.map { $0 | EntryBits.present }
        }
        return known.sorted().flatMap { entry in
            [false, true].map { isComplement in
                let noise = isComplement ? ~Self.noise : Self.noise
                let before = entry | noise & ~named
                return Start(
                    entry: before, registers: registers(isComplement), expected: expectation.entry(after: before),
                    outputs: expectation.outputs(after: before))
            }
        }
    }

    /// Bits without a pattern that an operation could keep by chance (the fraction of the golden ratio).
    private static let noise: UInt64 = 0x9e37_79b9_7f4a_7c15

    private static func registers(_ isComplement: Bool) -> SequenceState.Registers {
        let flip: UInt64 = isComplement ? ~0 : 0
        return SequenceState.Registers(
            first: 0xd1b5_4a32_d192_ed03 ^ flip, second: 0x8cb9_2ba7_2f3d_8dd7 ^ flip,
            third: 0xaef1_7502_108e_f2d9 ^ flip, fourth: 0xf135_7aea_2e62_a9c5 ^ flip)
    }
}
