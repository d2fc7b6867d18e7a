import Diagnostics
import X86

// What compiled code needs besides its instructions, and where these come from.

extension CompiledCode {
    /// Writes or reads all of it.
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var (start, end) = (privateRange.lowerBound, privateRange.upperBound)
        try coder.code(&start)
        try coder.code(&end)
        guard start <= end else { throw ByteCoder.Damage() }
        privateRange = start..<end
        try coder.code(&stackTop)
        try coder.code(&symbols, new: ("", 0)) { coder, symbol throws(ByteCoder.Damage) in
            try coder.code(&symbol.0)
            try coder.code(&symbol.1)
        }
        try coder.code(&contents, new: (0, 0)) { coder, word throws(ByteCoder.Damage) in
            try coder.code(&word.0)
            try coder.code(&word.1)
        }
        try coder.code(&locals, new: ("", Local(processor: 0, address: 0, bytes: 1, isSigned: false))) {
            coder, local throws(ByteCoder.Damage) in
            try coder.code(&local.0)
            try local.1.code(&coder)
        }
        try coder.code(&features, new: FeatureBit(address: 0, mask: 0)) { coder, bit throws(ByteCoder.Damage) in
            try bit.code(&coder)
        }
        let nowhere = SourcePlace(line: 1, column: 1)
        try coder.code(&pointers, new: Pointer(variable: "", word: 0, target: "", place: nowhere)) {
            coder, pointer throws(ByteCoder.Damage) in
            try pointer.code(&coder)
        }
        try coder.code(&perCPUStride)
        try coder.code(&origins, new: Origins()) { coder, origins throws(ByteCoder.Damage) in
            try origins.code(&coder)
        }
        try coder.code(&bugProcessors, new: 0) { coder, number throws(ByteCoder.Damage) in try coder.code(&number) }
    }
}

extension CompiledCode.Local {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&processor)
        try coder.code(&address)
        try coder.code(&bytes, below: 9)
        try coder.code(&isSigned)
    }
}

extension CompiledCode.FeatureBit {
    private static let settings: [Setting] = [.on, .off, .shadowStack, .broadcastInvalidate]

    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&address)
        try coder.code(&mask)
        var number = Self.settings.firstIndex(of: setting) ?? Self.settings.count
        try coder.code(&number, below: Self.settings.count)
        setting = Self.settings[number]
    }
}

extension CompiledCode.Pointer {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&variable)
        try coder.code(&word)
        try coder.code(&target)
        try coder.code(&addend)
        try place.code(&coder)
    }
}

extension CompiledCode.SourceLine {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try Initialization.code(&function, &coder)
        try coder.code(&file)
        try coder.code(&line)
        try coder.code(&column)
        try coder.code(&text)
    }
}

extension CompiledCode.Origins {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&functions, new: Function(name: "", instructions: 0..<0, isStub: false)) {
            coder, function throws(ByteCoder.Damage) in
            try function.code(&coder)
        }
        try coder.code(&chains, new: []) { coder, chain throws(ByteCoder.Damage) in
            try coder.code(&chain, new: CompiledCode.SourceLine(function: nil, file: "", line: 0)) {
                coder, line throws(ByteCoder.Damage) in
                try line.code(&coder)
            }
        }
        try coder.code(&chainNumbers, new: -1) { coder, number throws(ByteCoder.Damage) in
            var wide = Int(number)
            try coder.code(&wide)
            guard let narrow = Int32(exactly: wide) else { throw ByteCoder.Damage() }
            number = narrow
        }
        try coder.code(&warnings, new: 0) { coder, index throws(ByteCoder.Damage) in try coder.code(&index) }
        try coder.code(&bugs, new: 0) { coder, index throws(ByteCoder.Damage) in try coder.code(&index) }
    }
}

extension CompiledCode.Origins.Function {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&name)
        var (start, end) = (instructions.lowerBound, instructions.upperBound)
        try coder.code(&start)
        try coder.code(&end)
        guard start <= end else { throw ByteCoder.Damage() }
        instructions = start..<end
        try coder.code(&isStub)
    }
}
