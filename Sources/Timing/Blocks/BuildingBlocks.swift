import Synthesis

/// The code behind each price.
extension TimedBlock {
    /// How a width is written, by its bytes.
    private static func suffix(_ bytes: Int) -> String { [1: "b", 2: "w", 4: "l", 8: "q"][bytes] ?? "q" }

    private static func accumulator(_ bytes: Int) -> String { [1: "%al", 2: "%ax", 4: "%eax"][bytes] ?? "%rax" }

    private static func load(_ bytes: Int) -> String {
        // As compilers load bytes and words: without a dependence on what the register had.
        bytes < 4 ? "movz\(suffix(bytes))l (%rdi),%eax" : "mov\(suffix(bytes)) (%rdi),\(accumulator(bytes))"
    }

    private static func store(_ bytes: Int) -> String { "mov\(suffix(bytes)) \(accumulator(bytes)),(%rdi)" }

    private static func locked(_ bytes: Int) -> String { "lock and\(suffix(bytes)) $-3,(%rdi)" }

    /// An instruction as often as makes its time visible beside the loop's.
    private static let repeats = 16

    private static func repeated(_ text: String) -> [String] { Array(repeating: text, count: repeats) }

    /// An instruction on an entry that would vanish beside the loop: the loop has it for many entries.
    private static func unrolled(_ text: String) -> TimedBlock {
        let texts = (0..<repeats).map { text.replacing("(%rdi)", with: "\(8 * $0)(%rdi)") }
        return TimedBlock(text: texts, minus: [[]], stride: repeats)
    }

    /// What comes on top of two instructions when the second follows the first.
    private static func together(_ first: String, _ second: String) -> TimedBlock {
        TimedBlock(text: [first, second], minus: [[first], [second]])
    }

    /// The code for a price.
    init(_ item: CostItem) {
        switch item {
        case .load1: self = Self.unrolled(Self.load(1))
        case .load2: self = Self.unrolled(Self.load(2))
        case .load4: self = Self.unrolled(Self.load(4))
        case .load8: self = Self.unrolled(Self.load(8))
        case .store1: self = Self.unrolled(Self.store(1))
        case .store2: self = Self.unrolled(Self.store(2))
        case .store4: self = Self.unrolled(Self.store(4))
        case .store8: self = Self.unrolled(Self.store(8))
        case .update1: self = Self.unrolled("andb $-3,(%rdi)")
        case .update2: self = Self.unrolled("andw $-3,(%rdi)")
        case .update4: self = Self.unrolled("andl $-3,(%rdi)")
        case .update8: self = Self.unrolled("andq $-3,(%rdi)")
        case .locked1: self.init(text: [Self.locked(1)])
        case .locked2: self.init(text: [Self.locked(2)])
        case .locked4: self.init(text: [Self.locked(4)])
        case .locked8: self.init(text: [Self.locked(8)])
        case .lockedExchangeAdd8: self.init(text: ["lock xaddq %rax,(%rdi)"])
        case .lockedBit8: self.init(text: ["lock btrq $1,(%rdi)"])
        case .xchg1: self.init(text: ["xchgb %al,(%rdi)"])
        case .xchg2: self.init(text: ["xchgw %ax,(%rdi)"])
        case .xchg4: self.init(text: ["xchgl %eax,(%rdi)"])
        case .xchg8: self.init(text: ["xchgq %rax,(%rdi)"])
        default: self = Self.compound(item)
        }
    }

    private static func compound(_ item: CostItem) -> TimedBlock {
        let change = ["movq %rax,%rcx", "andq $-67,%rcx"]
        let loop = ["1: movq %rax,%rcx", "andq $-67,%rcx", "lock cmpxchgq %rcx,(%rdi)", "jne 1b"]
        switch item {
        case .cmpxchgSucceeds:
            let before = ["movq (%rdi),%rax"] + change
            return TimedBlock(text: before + ["lock cmpxchgq %rcx,(%rdi)"], minus: [before])
        case .cmpxchgFails:
            return TimedBlock(text: ["xorl %eax,%eax", "lock cmpxchgq %rcx,(%rdi)"], minus: [["xorl %eax,%eax"]])
        case .cmpxchgLoop: return TimedBlock(text: ["movq (%rdi),%rax"] + loop)
        case .cmpxchgLoopRetried: return TimedBlock(text: ["xorl %eax,%eax"] + loop)
        case .register: return TimedBlock(text: repeated("notq %rax"), scale: 1 / Double(repeats))
        case .branchNotTaken, .branchTaken, .branchMispredicted: return branch(item)
        case .mfence: return TimedBlock(text: ["mfence"])
        case .lfence: return TimedBlock(text: ["lfence"])
        case .sfence: return TimedBlock(text: ["sfence"])
        case .storeThenLocked: return together(store(8), locked(8))
        case .splitClean, .splitDirty, .splitMixed: return split(item)
        case .pageFault: return TimedBlock(kind: .pageFault)
        case .shootdown: return TimedBlock(kind: .mprotect)
        case .shootdownByMembarrier: return TimedBlock(kind: .membarrier)
        default: return readBack(item)
        }
    }

    private static func readBack(_ item: CostItem) -> TimedBlock {
        for written in [1, 2, 4, 8] {
            for read in [1, 2, 4, 8] {
                if CostItem.readBack(written: written, read: read) == item {
                    return together(locked(written), load(read))
                }
                if CostItem.storeReadBack(written: written, read: read) == item {
                    return together(store(written), load(read))
                }
            }
        }
        return TimedBlock()
    }

    private static func branch(_ item: CostItem) -> TimedBlock {
        let test = ["testb %al,%al"]
        switch item {
        case .branchNotTaken:
            return TimedBlock(text: test + repeated("jc 1f\n1:"), minus: [test], scale: 1 / Double(repeats))
        case .branchTaken:
            return TimedBlock(text: test + repeated("jnc 1f\n1:"), minus: [test], scale: 1 / Double(repeats))
        default:
            // A branch on numbers that no predictor knows goes wrong every second time (Marsaglia, Xorshift RNGs, 2003).
            let number = [
                "movq %rbx,%rcx", "shlq $13,%rcx", "xorq %rcx,%rbx", "movq %rbx,%rcx", "shrq $7,%rcx", "xorq %rcx,%rbx",
                "movq %rbx,%rcx", "shlq $17,%rcx", "xorq %rcx,%rbx",
            ]
            return TimedBlock(
                setup: ["rdtsc", "movl %eax,%ebx", "orq $1,%rbx"], text: number + ["testl $65536,%ebx", "jne 1f\n1:"],
                minus: [number + ["testl $0,%ebx", "jne 1f\n1:"]], scale: 2)
        }
    }

    /// The choice between one locked instruction for clean entries and another for dirty ones.
    private static func split(_ item: CostItem) -> TimedBlock {
        let text = [
            "movq (%rdi),%rax", "testb $64,%al", "jne 1f", "lock andb $-3,(%rdi)", "jmp 2f", "1: lock xorb $66,(%rdi)",
            "2:",
        ]
        let start: EntryStart = item == .splitClean ? .clean : item == .splitDirty ? .dirty : .mixed
        return TimedBlock(text: text, start: start)
    }
}
