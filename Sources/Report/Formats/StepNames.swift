import Checker
import Machine

extension StepKind {
    /// The name in JSON.
    var name: String {
        switch self {
        case .instruction: "instruction"
        case .access: "access"
        case .drain: "drain"
        case .walk: "walk"
        case .beginAccessed: "beginAccessed"
        case .setAccessed: "setAccessed"
        case .beginDirty: "beginDirty"
        case .setDirty: "setDirty"
        case .setDirtyAndFault: "setDirtyAndFault"
        case .walkAgain: "walkAgain"
        case .speculate: "speculate"
        case .evict: "evict"
        case .fault: "fault"
        case .retry: "retry"
        case .flush: "flush"
        case .acknowledge: "acknowledge"
        case .broadcast: "broadcast"
        case .takeBroadcast: "takeBroadcast"
        case .abandonWalk: "abandonWalk"
        case .readTable: "readTable"
        case .goWild: "goWild"
        case .interrupt: "interrupt"
        }
    }
}

extension StepCause {
    /// The name of the case in JSON.
    var name: String {
        switch self {
        case .next: "next"
        case .emptyBuffer: "emptyBuffer"
        case .lockFree: "lockFree"
        case .valueThere: "valueThere"
        case .broadcastsTaken: "broadcastsTaken"
        case .cached: "cached"
        case .walked: "walked"
        case .sparesDirty: "sparesDirty"
        case .oldestStore: "oldestStore"
        case .demandWalk: "demandWalk"
        case .speculation: "speculation"
        case .walkGoesOn: "walkGoesOn"
        case .accessedUpdate: "accessedUpdate"
        case .clean: "clean"
        case .dirtyUpdate: "dirtyUpdate"
        case .eviction: "eviction"
        case .walkNotBegun: "walkNotBegun"
        case .forbidden: "forbidden"
        case .forbiddenByCached: "forbiddenByCached"
        case .freedTable: "freedTable"
        case .entryChanged: "entryChanged"
        case .request: "request"
        case .broadcast: "broadcast"
        }
    }
}

extension ReadSource {
    /// The name in JSON.
    var name: String {
        switch self {
        case .memory: "memory"
        case .ownBuffer: "ownBuffer"
        case .bufferAndMemory: "bufferAndMemory"
        }
    }
}

extension StaleBit {
    /// The letter of the bit, or the word for the frame.
    var name: String {
        switch self {
        case .present: "P"
        case .writable: "W"
        case .frame: "frame"
        case .size: "size"
        case .dirty: "D"
        }
    }
}
