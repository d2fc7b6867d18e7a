/// A property of a page that conditions can name, as in `lost_dirty(x)`.
///
/// Each is defined in machine.md, section 7.
public enum Property: String, Sendable, Hashable, CaseIterable {
    case lostDirty = "lost_dirty"
    case kernelShadowStack = "kernel_shadow_stack"
    case shadowStackExposed = "shadow_stack_exposed"
    case staleWrite = "stale_write"
    case staleFrame = "stale_frame"
    case strayPresent = "stray_present"
    case sizeConflict = "size_conflict"
    case sizeMismatch = "size_mismatch"
    case staleTable = "stale_table"
    case written

    /// The name in conditions.
    public var name: String { rawValue }

    /// Whether it is about a frame, so that any variable can be its subject; the others are about a page's entries.
    public var isAboutFrame: Bool {
        switch self {
        case .lostDirty, .staleFrame, .written: true
        case .kernelShadowStack, .shadowStackExposed, .staleWrite, .strayPresent, .sizeConflict, .sizeMismatch,
            .staleTable:
            false
        }
    }

    /// Whether its subject is a table, as in `stale_table(PT(x))`.
    public var isAboutTable: Bool { self == .staleTable }

    /// Whether it stays true once it is; whether a write is lost is known at the end only, and a page can become clean.
    public var isLasting: Bool {
        switch self {
        case .lostDirty, .written: false
        case .kernelShadowStack, .shadowStackExposed, .staleWrite, .staleFrame, .strayPresent, .sizeConflict,
            .sizeMismatch, .staleTable:
            true
        }
    }

    /// Whether it is about translations of different size, so that a test with one size has nothing to ask.
    public var isAboutSizes: Bool { self == .sizeConflict || self == .sizeMismatch }
}

/// A property of a thread that conditions can name, as in `stuck(P1)`.
package enum ThreadProperty: String, Sendable, Hashable, CaseIterable {
    /// It can never finish.
    case stuck
    /// It took a page fault.
    case fault
    /// Its CPU read an entry whose frame is nothing of the test, which ends the run.
    case wild

    /// Reads a name as conditions spell it; herd7 writes `Fault`.
    package init?(spelling: String) {
        self.init(rawValue: spelling == "Fault" ? Self.fault.rawValue : spelling)
    }

    /// The name in conditions.
    package var name: String { rawValue }
}
