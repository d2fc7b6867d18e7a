import Synthesis

/// The jobs of a program as assembly, which `measure.c` is linked with.
struct BlockListing {
    private(set) var text = ""

    /// The settings in the order of the program's enumeration.
    private static let settings: [CostSetting] = [.small, .medium, .large, .contended]
    private static let starts: [EntryStart] = [.clean, .dirty, .old, .mixed]
    /// Loops that a row of the program has room for.
    private static let mostLoops = 6

    init(_ jobs: [TimedJob]) {
        var blocks: [TimedBlock] = []
        var numbers: [TimedBlock: Int] = [:]
        var rows: [Int] = []
        for job in jobs {
            let number = numbers[job.block] ?? blocks.count
            if number == blocks.count {
                numbers[job.block] = number
                blocks.append(job.block)
            }
            rows.append(number)
        }
        text += ".text\n"
        for (number, block) in blocks.enumerated() { append(block, number) }
        text += ".section .data.rel.ro,\"aw\"\n.p2align 3\n.globl rows\nrows:\n"
        for (number, block) in blocks.enumerated() { appendRow(block, number) }
        text += ".globl jobs\njobs:\n"
        for (job, row) in zip(jobs, rows) {
            text += "\t.long \(row), \(Self.settings.firstIndex(of: job.setting) ?? 0)\n"
        }
        text += ".p2align 3\n.globl job_count\njob_count: .quad \(jobs.count)\n"
        text += ".section .note.GNU-stack,\"\",@progbits\n"
    }

    private mutating func appendRow(_ block: TimedBlock, _ number: Int) {
        let loops = block.loops.count
        let start = Self.starts.firstIndex(of: block.start) ?? 0
        text += "\t.long \(block.kind.rawValue), \(start), \(loops), \(block.again)\n"
        for loop in 0..<Self.mostLoops { text += loop < loops ? "\t.quad b\(number)_\(loop)\n" : "\t.quad 0\n" }
    }

    /// The registers that a C function keeps (System V ABI for AMD64, section 3.2.1).
    private static let kept = ["rbx", "rbp", "r12", "r13", "r14", "r15"]

    private mutating func append(_ block: TimedBlock, _ number: Int) {
        let (first, end) = (block.entryRegister, block.endRegister)
        for (position, loop) in block.loops.enumerated() {
            let name = "b\(number)_\(position)"
            text += ".p2align 6\n\(name):\n"
            for register in Self.kept { text += "\tpushq %\(register)\n" }
            text += "\tmovq %rdi,%rax\n\tmovq %rsi,%rcx\n\tmovq %rax,%\(first)\n\tmovq %rcx,%\(end)\n"
            for line in block.setup { text += "\t\(line)\n" }
            text += ".p2align 6\n.L\(name):\n\tmovq %\(first),%rdi\n"
            for line in loop { text += "\t\(line)\n" }
            let stride = position < 2 ? 1 : block.stride
            text += "\taddq $\(8 * stride),%\(first)\n\tcmpq %\(end),%\(first)\n\tjne .L\(name)\n"
            for register in Self.kept.reversed() { text += "\tpopq %\(register)\n" }
            text += "\tcld\n\tret\n"
        }
    }
}
