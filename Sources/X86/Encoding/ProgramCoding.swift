import Diagnostics

/// Programs as bytes: what a page for browsers has in place of a compiler.
extension Program: ByteCoded {
    package static var blank: Program { Program() }

    /// Writes or reads a program.
    /// - Throws: `Damage` where bytes are not a program, or an operation has no name.
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&instructions)
        try coder.code(&labels)
        let end = instructions.count
        guard labels.values.allSatisfy({ $0 >= 0 && $0 <= end }) else { throw ByteCoder.Damage() }
        for index in instructions.indices { instructions[index].programEnd = end }
    }
}

extension Instruction: ByteCoded {
    package static var blank: Instruction { Instruction(.nothing, .quad, at: .blank) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try place.code(&coder)
        try coder.code(&text)
        try coder.code(&isLocked)
        try operation.code(&coder)
        try width.code(&coder)
        try sourceWidth.code(&coder)
        try coder.code(&destination)
        try coder.code(&source)
        try coder.code(&third)
    }
}

extension SourcePlace: ByteCoded {
    package static var blank: SourcePlace { SourcePlace(line: 1, column: 1) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&line)
        try coder.code(&column)
    }
}

extension Operation {
    /// Each operation by a name: that of its mnemonic, a second one for the second operation of a mnemonic.
    private static let named: (operations: [String: Operation], names: [Operation: String]) = {
        var operations: [String: Operation] = [:]
        var names: [Operation: String] = [:]
        func add(_ name: String, _ operation: Operation) {
            guard names[operation] == nil else { return }
            let own = operations[name] == nil ? name : name + " 2"
            operations[own] = operation
            names[operation] = own
        }
        for mnemonic in MnemonicTable.entries { add(mnemonic.name, mnemonic.operation) }
        // What operands and prefixes make of a mnemonic.
        add("jmp *", .jumpIndirect)
        add("call *", .callIndirect)
        add("imul 2", .multiplyTruncating)
        add("mov from cr", .readControl)
        add("mov to cr", .writeControl)
        add("rep movs", .moveString(isRepeated: true))
        add("rep stos", .storeString(isRepeated: true))
        add("rep lods", .loadString(isRepeated: true))
        return (operations, names)
    }()

    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var name = ""
        if !coder.isReading {
            guard let known = Self.named.names[self] else { throw ByteCoder.Damage() }
            name = known
        }
        try coder.code(&name)
        guard let operation = Self.named.operations[name] else { throw ByteCoder.Damage() }
        self = operation
    }
}
