import Diagnostics
import X86

// What compiled code needs besides its instructions, and where these come from.

extension CompiledCode {
    /// Writes or reads all of it.
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&privateRange)
        try coder.code(&stackTop)
        try coder.code(&symbols)
        try coder.code(&contents)
        try coder.code(&locals)
        try coder.code(&features)
        try coder.code(&pointers)
        try coder.code(&perCPUStride)
        try coder.code(&origins)
        try coder.code(&bugProcessors)
    }
}

extension CompiledCode.Local: ByteCoded {
    package static var blank: Self { Self(processor: 0, address: 0, bytes: 1, isSigned: false) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&processor)
        try coder.code(&address)
        try coder.code(&bytes, below: 9)
        try coder.code(&isSigned)
    }
}

extension CompiledCode.FeatureBit: ByteCoded {
    package static var blank: Self { Self(address: 0, mask: 0) }
    private static let settings: [Setting] = [.on, .off, .shadowStack, .broadcastInvalidate]

    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&address)
        try coder.code(&mask)
        var number = Self.settings.firstIndex(of: setting) ?? Self.settings.count
        try coder.code(&number, below: Self.settings.count)
        setting = Self.settings[number]
    }
}

extension CompiledCode.Pointer: ByteCoded {
    package static var blank: Self { Self(variable: "", word: 0, target: "", place: .blank) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&variable)
        try coder.code(&word)
        try coder.code(&target)
        try coder.code(&addend)
        try place.code(&coder)
    }
}

extension CompiledCode.SourceLine: ByteCoded {
    package static var blank: Self { Self(function: nil, file: "", line: 0) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&function)
        try coder.code(&file)
        try coder.code(&line)
        try coder.code(&column)
        try coder.code(&text)
    }
}

extension CompiledCode.Origins: ByteCoded {
    package static var blank: Self { Self() }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&functions)
        try coder.code(&chains)
        try coder.code(&chainNumbers)
        try coder.code(&warnings)
        try coder.code(&bugs)
    }
}

extension CompiledCode.Origins.Function: ByteCoded {
    package static var blank: Self { Self(name: "", instructions: 0..<0, isStub: false) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&name)
        try coder.code(&instructions)
        try coder.code(&isStub)
    }
}
