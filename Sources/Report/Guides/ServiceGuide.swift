import Litmus
import X86

extension KernelService {
    /// The call as documentation writes it: `wait_for(l, v)`.
    package var spelling: String { "\(name)(\(parameters.joined(separator: ", ")))" }

    /// What it does, one line.
    package var summary: String {
        switch self {
        case .flushPage: "drop x's translations here, interrupt the CPUs that run the address space, wait for all"
        case .flushSpace: "the same for all pages of the address space, or of the one named"
        case .flushRange:
            "the same for every stride (4K, 2M) in x's 4K, 2M or 1G; tables: 1 where tables are freed, else 0"
        case .flushLocal: "drop x's translations on this CPU only, like invlpg"
        case .lock: "take the lock; blocks while another CPU has it"
        case .unlock: "release the lock: a plain store, which may wait in the store buffer"
        case .waitFor: "block until the variable has the value"
        case .setPageDirty: "set the page's software dirty flag"
        case .clearPageDirty: "clear the page's software dirty flag"
        case .pageDirty: "read the page's software dirty flag"
        case .writeback: "the page's content has reached storage: it counts as clean from here"
        case .reclaim:
            "the kernel takes the page for clean and drops it: \(Property.lostDirty.name) is decided here too"
        case .freeFrame:
            "the frame may belong to somebody else from here: later accesses are \(Property.staleFrame.name)"
        case .freeTable:
            "the table may belong to somebody else from here: later walks and accesses are \(Property.staleTable.name)"
        case .syncTables: "interrupt every other CPU and wait for all; drops no translation"
        case .synchronizeRCU: "wait until each CPU that is in a section, or has interrupts off, has left it once"
        case .lockRCU: "begin a section that \(KernelService.synchronizeRCU.name)() waits for"
        case .unlockRCU: "end it"
        case .pteOffset: "%rax, an entry that points to a table, becomes the address of x's slot in it; no step"
        case .pmdOffset: "the same for a table of PMDs"
        case .pudOffset: "the same for a table of PUDs"
        case .enterLazy: "the CPU keeps its address space, but is lazy: flushes that free no table pass it by"
        case .switchSpace: "load an address space, dropping its translations where the CPU has missed a flush of it"
        case .sendInterrupt: "interrupt the CPU, which runs its column P1.I, and wait until that is over"
        case .invalidateOne: "invpcid type 0: drop x's translations under its address space's PCID, here"
        case .invalidateContext: "invpcid type 1: drop all but global translations under an address space's PCID, here"
        case .invalidateAll: "invpcid type 2: drop all translations, here"
        case .invalidateNonglobal: "invpcid type 3: drop all but global translations, here"
        case .broadcastInvalidate:
            "INVLPGB: of page x, of an address space (child) or of all (nothing named); then final, global as wanted"
        }
    }
}
