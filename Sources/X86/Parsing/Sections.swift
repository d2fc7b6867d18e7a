import Diagnostics

/// Keeps the instructions of each section of a compiler's output apart and joins them at the end.
///
/// Inline assembly moves code and tables to other sections between two instructions; what follows in the text does
/// not follow in memory.
struct SectionTracker {
    /// Instructions and labels of one section.
    private struct Section {
        var instructions: [Instruction] = []
        var labels: [(word: Word, index: Int)] = []
    }

    private var sections: [String: Section] = [".text": Section()]
    /// Section names in order of first use.
    private var order = [".text"]
    private var executable: Set<String> = [".text"]
    private var current = ".text"
    private var previous = ".text"
    private var stack: [(current: String, previous: String)] = []
    /// Where each label was defined, in any code section.
    private var defined: [String: SourcePlace] = [:]

    /// Deeper `.pushsection` nesting is cut off.
    private static let deepestNesting = 1024

    /// Whether instructions here are part of the program.
    var acceptsCode: Bool { executable.contains(current) }

    /// Adds an instruction to the current section.
    mutating func append(_ instruction: Instruction) {
        sections[current]?.instructions.append(instruction)
    }

    /// Puts a label in front of the next instruction; labels of data are left to the linker's symbols.
    mutating func define(_ word: Word) throws(Diagnostic) {
        guard acceptsCode else { return }
        if let first = defined[word.text] {
            throw word.error(
                "the label \(word.quoted) is defined twice",
                remedy: "rename it; the first is in line \(first.line), column \(first.column)")
        }
        defined[word.text] = word.place
        let index = sections[current]?.instructions.count ?? 0
        sections[current]?.labels.append((word, index))
    }

    /// Handles the directives that change the section; false for all others.
    mutating func directive(_ name: String, _ arguments: String) -> Bool {
        switch name {
        case ".text", ".data", ".bss": enter(name, isExecutable: name == ".text")
        case ".section": enter(arguments)
        case ".pushsection":
            if stack.count < Self.deepestNesting { stack.append((current, previous)) }
            enter(arguments)
        case ".popsection": if let outer = stack.popLast() { (current, previous) = outer }
        case ".previous": swap(&current, &previous)
        default: return false
        }
        return true
    }

    /// `.section name,"flags",...`: executable by its flags, or by its name if it has none.
    private mutating func enter(_ arguments: String) {
        let parts = arguments.split(separator: ",", maxSplits: 2).map { String($0).trimmed }
        let name = String(parts.first?.filter { $0 != "\"" } ?? "")
        let isExecutable =
            parts.count > 1 ? parts[1].contains("x") : name.hasPrefix(".text") || name.hasPrefix(".init.text")
        // Replacements are patched in at boot on some processors; what is explored is the code as compiled.
        enter(name, isExecutable: isExecutable && name != ".altinstr_replacement" && !name.hasPrefix(".discard"))
    }

    private mutating func enter(_ name: String, isExecutable: Bool) {
        previous = current
        current = name
        if isExecutable && executable.insert(name).inserted {
            sections[name] = Section()
            order.append(name)
        }
    }

    /// All code sections one after the other, which then are no longer here.
    mutating func program() -> Program {
        var program = Program()
        for name in order {
            guard let section = sections.removeValue(forKey: name) else { continue }
            for (word, index) in section.labels { program.labels[word.text] = program.instructions.count + index }
            if program.instructions.isEmpty {
                program.instructions = section.instructions
            } else {
                program.instructions += section.instructions
            }
        }
        for index in program.instructions.indices {
            program.instructions[index].programEnd = program.instructions.count
        }
        return program
    }
}

/// Machine code that inline assembly writes as numbers: the kernel's `BUG` and `WARN` are `.byte 15` `.byte 11`.
struct CodeBytes {
    private var pending: [UInt64] = []
    private var first: Word?

    private static let known: [(bytes: [UInt64], operation: Operation, text: String)] = [
        ([0x0f, 0x0b], .undefined, "ud2"),
        ([0x0f, 0x01, 0xca], .nothing, "clac"),
        ([0x0f, 0x01, 0xcb], .nothing, "stac"),
        ([0x0f, 0x01, 0xee], .readProtectionKeys, "rdpkru"),
        ([0xf3, 0x0f, 0x1e, 0xfa], .nothing, "endbr64"),
        ([0xf3, 0x90], .nothing, "pause"),
        ([0x90], .nothing, "nop"),
        ([0xcc], .undefined, "int3"),
    ]

    /// Adds one byte; returns an instruction when one is complete.
    mutating func add(_ byte: UInt64, at word: Word) throws(Diagnostic) -> Instruction? {
        if first == nil { first = word }
        pending.append(byte & 0xff)
        if let match = Self.known.first(where: { $0.bytes == pending }), let place = first?.place {
            pending = []
            first = nil
            var instruction = Instruction(match.operation, .quad, at: place)
            instruction.text = match.text
            return instruction
        }
        guard Self.known.contains(where: { $0.bytes.starts(with: pending) }) else {
            throw unknown(word)
        }
        return nil
    }

    /// Bytes left over when something else begins are an instruction that is not known.
    func checkEmpty() throws(Diagnostic) {
        if let first { throw unknown(first) }
    }

    private func unknown(_ word: Word) -> Diagnostic {
        let text = pending.map { String($0, radix: 16) }.joined(separator: " ")
        return word.error(
            "machine code \(text) among the instructions is not decoded",
            remedy: "write the instruction in assembly; known: ud2, int3, clac, stac, rdpkru, endbr64, pause and nop"
        )
    }
}
