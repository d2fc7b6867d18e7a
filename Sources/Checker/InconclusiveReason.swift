import Explorer
import Machine

/// Why a search ended before it had seen everything.
public enum InconclusiveReason: Sendable, Hashable {
    /// More states than this.
    case states(Int)
    /// More memory than this, in bytes.
    case memory(Int)
    /// More time than this, in seconds.
    case time(Double)
    /// Somebody asked it to stop.
    case interrupted
    /// A part of the machine's state is too large to pack.
    case outgrown(FieldWidths.Part)

    /// Why a search with these limits ended; nil for a complete one, and for one whose machine failed.
    init?(_ end: SearchEnd, _ limits: SearchLimits) {
        switch end {
        case .complete, .failed: return nil
        case .stateLimit: self = .states(limits.maxStates)
        case .memoryLimit: self = .memory(limits.maxMemory)
        case .timeLimit: self = .time(limits.timeout ?? 0)
        case .interrupted: self = .interrupted
        }
    }
}
