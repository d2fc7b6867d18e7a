/// Comparing what instructions do, wherever they were written.
extension Instruction {
    /// Whether two linked instructions do the same to every register file and memory.
    ///
    /// - Parameter exceptConstants: an immediate source may differ.
    package func doesTheSame(as other: Instruction, exceptConstants: Bool = false) -> Bool {
        guard
            (operation, width, sourceWidth, isLocked) == (
                other.operation, other.width, other.sourceWidth, other.isLocked
            ), programEnd == other.programEnd
        else { return false }
        return
            (exceptConstants && source?.isImmediate == true && other.source?.isImmediate == true
            || Operand.areSame(source, other.source))
            && Operand.areSame(destination, other.destination) && Operand.areSame(third, other.third)
    }

    /// The address of a `mov` of an immediate to memory whose address depends on no register; nil for all others.
    package var addressOfStoredConstant: UInt64? {
        guard operation == .move, third == nil, source?.isImmediate == true, case .memory(let memory)? = destination,
            memory.base == nil, memory.index == nil
        else { return nil }
        return memory.displacement
    }
}

extension Operand {
    fileprivate var isImmediate: Bool {
        if case .immediate = self { true } else { false }
    }

    /// Whether two operands of linked instructions mean the same; where they were written plays no part.
    fileprivate static func areSame(_ first: Operand?, _ second: Operand?) -> Bool {
        switch (first, second) {
        case (nil, nil): true
        case (.register(let left)?, .register(let right)?): left == right
        case (.immediate(let left)?, .immediate(let right)?): left.value == right.value
        case (.memory(let left)?, .memory(let right)?):
            (left.displacement, left.segment, left.base, left.index, left.scale)
                == (right.displacement, right.segment, right.base, right.index, right.scale)
        case (.target(let left)?, .target(let right)?): left.index != nil && left.index == right.index
        case (.service(let left)?, .service(let right)?):
            (left.service, left.arguments) == (right.service, right.arguments)
        case (.unknownTarget?, .unknownTarget?): true
        case (.controlRegister(let left)?, .controlRegister(let right)?): left == right
        default: false
        }
    }
}
