/// What of a processor an initial state can set besides its registers.
public enum ProcessorSetting: String, CaseIterable, Sendable, Hashable {
    /// The address space that is loaded: `2:mm = child`.
    case addressSpace = "mm"
    /// The privilege level: 0 (kernel, the default) or 3 (user).
    case privilege = "cpl"
    /// Whether interrupts are enabled: 1 is the default.
    case interrupts = "if"
    /// Whether the kernel obeys write protection (CR0.WP): 1 is the default.
    case writeProtect = "cr0.wp"

    /// The numbers that the setting takes; none for the address space, which takes a name.
    var values: [UInt64] {
        switch self {
        case .addressSpace: []
        case .privilege: [0, 3]
        case .interrupts, .writeProtect: [0, 1]
        }
    }

    /// What to write for the setting of processor 0.
    var remedy: String {
        switch self {
        case .addressSpace: "name the address space: `0:mm = child`"
        case .privilege: "write `0:cpl=0` (kernel) or `0:cpl=3` (user)"
        case .interrupts: "write `0:if=0` or `0:if=1`"
        case .writeProtect: "write `0:cr0.wp=0` or `0:cr0.wp=1`"
        }
    }
}
