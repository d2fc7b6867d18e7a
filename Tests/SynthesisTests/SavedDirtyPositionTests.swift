import TestSupport
import Testing

@testable import Synthesis

/// Is there a place and an encoding of SavedDirty for which one locked instruction write-protects an entry?
/// `Documentation/saved-dirty-position.md` has the proof; here every instruction and every constant is run in the quick model.
@Suite struct SavedDirtyPositionTests {
    private static let writable: UInt64 = 1 << 1
    private static let dirty: UInt64 = 1 << 6

    /// A locked instruction on the first bytes of the entry, and what its register holds.
    private struct Instruction {
        var template: Template
        var register: UInt64 = 0

        func result(_ entry: UInt64) -> UInt64 {
            var state = SequenceState(entry: entry, registers: .init())
            state.registers[0] = register
            return state.executing(template)?.entry ?? entry
        }
    }

    /// Those of a width with these constants, each function of the entry once or more.
    private static func instructions(width: UInt8, constants: [UInt64]) -> [Instruction] {
        func make(_ action: Template.Action, _ constant: UInt64 = 0) -> Instruction {
            Instruction(template: Template(action: action, width: width, constant: constant))
        }
        let withConstants: [Template.Action] = [.lockAnd, .lockOr, .lockXor, .lockAdd, .lockSub]
        let withRegister: [Template.Action] = [.lockXadd, .xchg]
        let bits = (0..<UInt64(width) * 8).map { UInt64(1) << $0 }
        return withConstants.flatMap { action in constants.map { make(action, $0) } }
            + withRegister.flatMap { action in
                constants.map { Instruction(template: Template(action: action, width: width), register: $0) }
            }
            + [.lockBts, .lockBtr, .lockBtc].flatMap { action in bits.map { make(action, $0) } }
            + [.lockNot, .lockNeg, .lockInc, .lockDec].map { make($0) }
    }

    /// Where SavedDirty is, and which of its values says dirty.
    private struct Layout {
        var bit: UInt64
        var isDirtyWhenSet: Bool

        /// An entry that software takes for dirty by SavedDirty.
        func saysDirty(_ entry: UInt64) -> Bool { (entry & bit != 0) == isDirtyWhenSet }

        /// The entry with SavedDirty saying this.
        func entry(_ entry: UInt64, dirty: Bool) -> UInt64 { dirty == isDirtyWhenSet ? entry | bit : entry & ~bit }
    }

    private static func layouts(width: UInt8) -> [Layout] {
        (0..<UInt64(width) * 8).map { UInt64(1) << $0 }.filter { $0 != writable && $0 != dirty }
            .flatMap { [Layout(bit: $0, isDirtyWhenSet: true), Layout(bit: $0, isDirtyWhenSet: false)] }
    }

    /// Whether an instruction write-protects entries with these other bits.
    ///
    /// W and D are clear afterwards, SavedDirty says whether the entry was dirty, all else is as before. Where clean may become
    /// dirty, SavedDirty may say dirty for all.
    private func isRight(
        _ instruction: Instruction, _ layout: Layout, _ others: [UInt64], cleanMayBecomeDirty: Bool
    ) -> Bool {
        others.allSatisfy { other in
            [false, true].allSatisfy { isDirty in
                let before = layout.entry(
                    other & ~Self.dirty | Self.writable | (isDirty ? Self.dirty : 0), dirty: false)
                let after = instruction.result(before)
                let rest = ~(Self.writable | Self.dirty | layout.bit)
                guard after & (Self.writable | Self.dirty) == 0, (after ^ before) & rest == 0 else { return false }
                return layout.saysDirty(after) == isDirty || (cleanMayBecomeDirty && layout.saysDirty(after))
            }
        }
    }

    /// All instructions on the first byte, all places in it, both encodings, all entries.
    @Test func noByteInstructionDoesIt() {
        let instructions = Self.instructions(width: 1, constants: Array(0...0xff))
        let layouts = Self.layouts(width: 1)
        #expect(instructions.count == 1820 && layouts.count == 12)
        let others = Array(UInt64(0)...0xff)
        var right = 0
        var imprecise: [String] = []
        for layout in layouts {
            for instruction in instructions {
                if isRight(instruction, layout, others, cleanMayBecomeDirty: false) { right += 1 }
                if isRight(instruction, layout, others, cleanMayBecomeDirty: true) {
                    imprecise.append("\(instruction.template.action) \(layout.isDirtyWhenSet)")
                }
            }
        }
        #expect(right == 0)
        // With SavedDirty=0 for dirty one AND clears all three bits, and every page counts as dirty; nothing else does that.
        #expect(imprecise == [String](repeating: "lockAnd false", count: 6))
    }

    /// All 16-bit constants, all places in the low word, both encodings.
    @Test(.takesLong) func noWordInstructionDoesIt() {
        let instructions = Self.instructions(width: 2, constants: Array(0...0xffff))
        let layouts = Self.layouts(width: 2)
        #expect(instructions.count == 458_804 && layouts.count == 28)
        let others: [UInt64] = [0x9e37_79b9_7f4a_7c15, ~0x9e37_79b9_7f4a_7c15, 0, ~0]
        var right = 0
        for instruction in instructions {
            // W and D do not depend on the layout where SavedDirty is clear.
            let after = instruction.result(Self.writable) | instruction.result(Self.writable | Self.dirty)
            let set = instruction.result(~0 & ~Self.dirty) | instruction.result(~0)
            if after & (Self.writable | Self.dirty) != 0 && set & (Self.writable | Self.dirty) != 0 { continue }
            for layout in layouts where isRight(instruction, layout, others, cleanMayBecomeDirty: false) { right += 1 }
        }
        #expect(right == 0)
    }

    /// The proof's lemma: a clean and a dirty entry are the same after one instruction, or they differ in D.
    ///
    /// They differ in nothing else before. What carries and what D becomes depends on the seven low bits of a constant alone; all of them are here.
    @Test(arguments: [1, 2, 4, 8] as [UInt8])
    func whatTellsThemApartIsStillDirty(width: UInt8) {
        let high: [UInt64] = [0, ~0, 0x9e37_79b9_7f4a_7c15, 1 << 63, 1 << 7]
        let constants = (0...UInt64(0x7f)).flatMap { low in high.map { ($0 & ~0x7f | low) & mask(width) } }
        let entries: [UInt64] = [0, 0x9e37_79b9_7f4a_7c15, ~0x9e37_79b9_7f4a_7c15, ~0]
        var pairs = 0
        var others: [Instruction] = []
        for instruction in Self.instructions(width: width, constants: constants) {
            for entry in entries {
                let clean = instruction.result(entry & ~Self.dirty)
                let dirty = instruction.result(entry | Self.dirty)
                pairs += 1
                if clean != dirty && (clean ^ dirty) & Self.dirty == 0 { others.append(instruction) }
            }
        }
        #expect(others.isEmpty)
        #expect(pairs == (7 * constants.count + 3 * Int(width) * 8 + 4) * entries.count)
    }

    private func mask(_ width: UInt8) -> UInt64 { width == 8 ? ~0 : (1 << (UInt64(width) * 8)) - 1 }
}
