import X86

/// Part of a function that no run came to, and what kept runs away from it.
public struct CodeGap: Sendable, Hashable {
    /// A call of a function that returns 0 in place of the real one.
    public struct StubCall: Sendable, Hashable {
        /// The function.
        public var name: String
        /// Where it is called, innermost of inlined functions first.
        public var chain: [CompiledCode.SourceLine]
    }

    /// Lines of the function of which no instruction was run, in order of files and numbers.
    public var lines: [CompiledCode.SourceLine]
    /// How many of its lines have code.
    public var lineCount: Int
    /// The stub whose result kept runs away from the largest part of them; nil where it was none's.
    public var stub: StubCall?
}

extension CompiledCode.Origins {
    /// What no run came to of a function, inlined or not; nil when there is nothing of it here, or no gap.
    ///
    /// - Parameters:
    ///   - name: The function in the source text.
    ///   - reached: Whether some run came to each instruction.
    ///   - program: The instructions.
    package func gap(in name: String, reached: [Bool], program: Program) -> CodeGap? {
        guard reached.count == program.instructions.count else { return nil }
        /// Lines, whatever their columns.
        var isRun: [CompiledCode.SourceLine: Bool] = [:]
        var members: Set<Int> = []
        for index in program.instructions.indices {
            // The line of the function itself, not of what was inlined into it.
            guard var line = chain(index).first(where: { $0.function == name }) else { continue }
            line.column = 0
            members.insert(index)
            isRun[line] = (isRun[line] ?? false) || reached[index]
        }
        // A function that no run enters is another matter: it may be called where nobody asks.
        guard members.contains(where: { reached[$0] }) else { return nil }
        let lines = isRun.filter { !$0.value }.keys.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
        guard !lines.isEmpty else { return nil }
        return CodeGap(
            lines: lines, lineCount: isRun.count, stub: decisiveStub(members, reached: reached, program: program))
    }

    /// The stub after whose call a branch always goes one way, and away from most of what was not run.
    ///
    /// Where that is the call of a function that is not a stub, it is the stub that decides what this function returns.
    private func decisiveStub(
        _ members: Set<Int>, reached: [Bool], program: Program, depth: Int = 0
    ) -> CodeGap.StubCall? {
        var best: (size: Int, call: CodeGap.StubCall)?
        for index in members.sorted() where reached[index] {
            guard let name = program.instructions[index].called, functions.contains(where: { $0.name == name }),
                let branch = branch(after: index, program), reached[branch.at],
                decides(branch.at, callAt: index, program),
                let avoided = branch.ways.first(where: { reached.indices.contains($0) && !reached[$0] })
            else { continue }
            let size = extent(from: avoided, within: members, reached: reached, program)
            if size > (best?.size ?? 0) {
                best = (size, CodeGap.StubCall(name: name, chain: chain(index)))
            }
        }
        guard let call = best?.call, let function = functions.first(where: { $0.name == call.name }) else { return nil }
        if function.isStub { return call }
        guard depth < 8 else { return nil }
        return decisiveStub(Set(function.instructions), reached: reached, program: program, depth: depth + 1)
    }

    /// The first conditional jump after a call, with where it can go.
    private func branch(after call: Int, _ program: Program) -> (at: Int, ways: [Int])? {
        var index = call + 1
        for _ in 0..<32 {
            guard program.instructions.indices.contains(index), program.instructions[index].called == nil else {
                return nil
            }
            let instruction = program.instructions[index]
            switch (instruction.jumpLabel.flatMap { program.labels[$0] }, instruction.isConditionalJump) {
            case (let target?, true): return (index, [index + 1, target])
            case (let target?, false): index = target
            case (nil, true): return nil
            case (nil, false): index += 1
            }
        }
        return nil
    }

    /// Whether the branch goes another way when the call before it returns something else than 0.
    ///
    /// What lies between is run twice with the same other registers and the same memory: a function without a result, or one
    /// whose result nobody looks at, is not to blame for what comes after it.
    private func decides(_ branch: Int, callAt call: Int, _ program: Program) -> Bool {
        /// Whether the branch is taken.
        func isTaken(_ result: UInt64, others: UInt64) -> Bool? {
            var registers = RegisterFile()
            for register in Register.allCases { registers[register] = others &* UInt64(register.rawValue + 1) }
            registers[.rax] = result
            var index = call + 1
            for _ in 0..<64 {
                guard program.instructions.indices.contains(index) else { return nil }
                let instruction = program.instructions[index]
                registers.rip = index
                if index == branch {
                    _ = instruction.execute(on: &registers, loaded: 0)
                    return registers.rip != branch + 1
                }
                if let target = instruction.jumpLabel.flatMap({ program.labels[$0] }) {
                    index = target
                    continue
                }
                _ = instruction.execute(on: &registers, loaded: others)
                index += 1
            }
            return nil
        }
        let results: [UInt64] = [1, 0xffff_ffff_ffff_fff4, 0xffff_8880_0000_1000, 0xff]
        return [0, 0x0001_2345_6789].contains { others in
            results.contains { isTaken($0, others: others) != isTaken(0, others: others) }
        }
    }

    /// How many instructions of the function that were not run follow from one of them.
    private func extent(from start: Int, within members: Set<Int>, reached: [Bool], _ program: Program) -> Int {
        var seen: Set<Int> = []
        var queue = [start]
        var size = 0
        while let index = queue.popLast() {
            guard program.instructions.indices.contains(index), !reached[index], seen.insert(index).inserted else {
                continue
            }
            size += members.contains(index) ? 1 : 0
            let instruction = program.instructions[index]
            if let target = instruction.jumpLabel.flatMap({ program.labels[$0] }) { queue.append(target) }
            if !instruction.endsFlow { queue.append(index + 1) }
        }
        return size
    }
}

extension Instruction {
    /// The words of the statement: mnemonic and operands.
    private var words: [Substring] { text.split(maxSplits: 1, whereSeparator: { $0.isWhitespace }) }

    /// The function that a call, or a jump in place of one, names.
    fileprivate var called: String? {
        guard let first = words.first, first.hasPrefix("call"), words.count == 2 else { return nil }
        return String(words[1].prefix { $0 != "(" && !$0.isWhitespace })
    }

    fileprivate var isConditionalJump: Bool { words.first.map { $0.hasPrefix("j") && !$0.hasPrefix("jmp") } ?? false }

    /// The label that a jump names.
    fileprivate var jumpLabel: String? {
        guard let first = words.first, first.hasPrefix("j"), words.count == 2, !words[1].hasPrefix("*") else {
            return nil
        }
        return String(words[1])
    }

    /// Whether what stands below is not run next.
    fileprivate var endsFlow: Bool {
        guard let first = words.first else { return false }
        return first.hasPrefix("jmp") || first.hasPrefix("ret") || first == "ud2"
    }
}
