import Checker
import Machine

extension InconclusiveReason {
    /// Why a search ended early, in words.
    public var text: String {
        switch self {
        case .states(let count): "more than \(count) states"
        case .memory(let bytes):
            bytes < 1 << 20 ? "more than \(bytes) bytes of memory" : "more than \(bytes >> 20) MiB of memory"
        case .time(let seconds): "more than \(seconds) seconds"
        case .interrupted: "interrupted"
        case .outgrown(let part): part.outgrownText
        }
    }
}

extension FieldWidths.Part {
    /// Why a state cannot be packed any more, in words.
    fileprivate var outgrownText: String {
        switch self {
        case .threads: "a thread has too many local states"
        case .values: "too many different values"
        case .stores: "too many different buffered stores"
        case .translations: "a page has more than 64 different translations"
        case .lateWalks: "a CPU has more than 64 different walks for a page under way past A=0"
        case .storeBuffer: "a store buffer holds more than 64 stores (a loop that stores?)"
        case .localRun:
            "a thread runs more than \(Machine.longestLocalRun) instructions without an access to shared memory "
                + "(a loop that counts?)"
        case .word, .reading, .page, .storing, .wildRuns: "too many words of memory change"
        }
    }
}
