/// The kernel services that a column can call (litmus.md, "Kernel services").
public enum KernelService {
    /// Their names.
    public static let names = [
        "flush_tlb_page", "flush_tlb_mm", "flush_tlb_local", "spin_lock", "spin_unlock", "wait_for", "set_page_dirty",
        "clear_page_dirty", "page_dirty", "writeback", "reclaim", "free_frame", "flush_tlb_range",
    ]

    /// Whether a service's first argument may be a variable that the test names nowhere else: a lock, or what is waited for.
    public static func introducesVariables(_ name: String) -> Bool {
        waiting.contains(name) || name == "spin_unlock"
    }

    /// How many arguments a C function of this name passes: those of a column, and to `wait_for` the bytes of the variable.
    public static func argumentCount(_ name: String) -> Int {
        switch name {
        case "flush_tlb_mm": 0
        case "wait_for": 3
        case "flush_tlb_range": 4
        default: 1
        }
    }

    /// Those that can wait for another CPU's store.
    public static let waiting: Set<String> = ["spin_lock", "wait_for"]
}
