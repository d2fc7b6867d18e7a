import Machine
import X86

/// What an instruction of a column is, as far as it can be taken away.
enum SoftwareStep: Hashable {
    case load, store, update, fence, flush
    /// A service that marks, writes back, reclaims or frees a page or a table, or waits for those that may use it.
    case service
    case spinLock(String)
    case spinUnlock(String)
    /// Waits for another thread or reads: it belongs to the question.
    case wait
    /// Registers, flags and jumps only.
    case none

    init(_ instruction: Instruction) {
        if case .service(let service, let arguments) = instruction.request(RegisterFile()) {
            switch service {
            case .lock: self = .spinLock(arguments.first ?? "")
            case .unlock: self = .spinUnlock(arguments.first ?? "")
            case .waitFor: self = .wait
            case .pageDirty: self = .load
            case .pteOffset, .pmdOffset, .pudOffset: self = .none
            case .syncTables, .synchronizeRCU, .sendInterrupt: self = .service
            // What the CPU does: without it the test asks something else.
            case .enterLazy, .switchSpace: self = .wait
            // A section is taken away with both its ends or not at all.
            case .lockRCU, .unlockRCU: self = .wait
            case .flushPage, .flushSpace, .flushRange, .flushLocal, .invalidateOne, .invalidateContext, .invalidateAll,
                .invalidateNonglobal, .broadcastInvalidate:
                self = .flush
            case .setPageDirty, .clearPageDirty, .writeback, .reclaim, .freeFrame, .freeTable: self = .service
            }
            return
        }
        let text = InstructionText(instruction)
        switch text.mnemonic {
        case "mfence", "lfence", "sfence", "serialize", "cpuid": self = .fence
        case "invlpg", "invpcid", "invlpgb", "tlbsync", "wbinvd", "clflush", "clflushopt", "clwb":
            self = .flush
        case "cli", "sti", "iretq", "hlt", "ud2": self = .wait
        default:
            let effects = instruction.effects
            if let last = text.operands.last, last.hasPrefix("%cr"), text.operands.count == 2 {
                self = .flush
            } else if effects.hasSegment {
                self = .none
            } else {
                switch effects.memory {
                case .load: self = effects.writes.contains(.rsp) || effects.base == .rsp ? .none : .load
                // A push or a string instruction moves registers as well.
                case .store: self = effects.writes.isEmpty && effects.base != .rsp ? .store : .none
                case .update: self = effects.base != .rsp ? .update : instruction.isLocked ? .fence : .none
                case .other: self = .none
                case .none: self = .none
                }
            }
        }
    }

    /// Whether the order of the step and its neighbour can be asked for.
    var hasOrder: Bool {
        switch self {
        case .load, .store, .update, .flush, .service: true
        case .fence, .spinLock, .spinUnlock, .wait, .none: false
        }
    }
}
