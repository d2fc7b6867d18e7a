extension Instruction {
    /// Whether running this instruction at `index` can lead back to it or before it: a backward jump, or one whose
    /// target is not in the text (`ret`, `jmp *`).
    package func canGoBack(from index: Int) -> Bool {
        switch operation {
        case .ret, .jumpIndirect, .callIndirect, .moveString(isRepeated: true), .storeString(isRepeated: true),
            .loadString(isRepeated: true):
            return true
        default: break
        }
        func leadsBack(_ operand: Operand?) -> Bool {
            if case .target(let target)? = operand { (target.index ?? 0) <= index } else { false }
        }
        return leadsBack(source) || leadsBack(destination) || leadsBack(third)
    }
}

extension Program {
    /// Whether a thread that runs it can come back to an instruction where it was before.
    package var canLoop: Bool { instructions.indices.contains { instructions[$0].canGoBack(from: $0) } }
}

extension Instruction {
    /// Whether what registers and memory hold decides how many steps a thread takes from here: jumps, a division, which
    /// may be by 0, and a plain `cmpxchg`, which stores only when it succeeds.
    package var canChangeLength: Bool {
        switch operation {
        case .ret, .jumpIndirect, .callIndirect, .compareExchange, .compareExchangePair, .moveString, .storeString,
            .loadString:
            return !isLocked
        case .divide: return true
        default:
            return [source, destination, third].contains { if case .target = $0 { true } else { false } }
        }
    }
}
