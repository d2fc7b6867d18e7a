import Boot
import PageTable

/// Output on QEMU's debug port, `-debugcon`, and the end of the machine, `-device isa-debug-exit`.
enum Console {
    /// Writes text as it is.
    static func write(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { out8(0xE9, text.utf8Start[offset]) }
    }

    /// Writes a number with `0x` in front.
    static func write(hexadecimal value: UInt64) {
        write("0x")
        var shift: UInt64 = 60
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while true {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 0xF)
            out8(0xE9, digit < 10 ? 0x30 + digit : 0x57 + digit)
            if shift == 0 { return }
            shift -= 4
        }
    }

    /// Writes a number in decimal.
    static func write(_ value: Int) {
        if value >= 10 { write(value / 10) }
        out8(0xE9, 0x30 + UInt8(truncatingIfNeeded: value % 10))
    }

    /// Writes an entry: the frame, then P, W, U, A, D and SavedDirty as columns.
    static func write(_ entry: PageTableEntry) {
        write("frame ")
        write(hexadecimal: entry.frameNumber)
        write(" ")
        entry.spellColumns { out8(0xE9, $0) }
    }

    /// Ends the machine: QEMU's exit status is `2 * code + 1`.
    static func exit(code: UInt32) -> Never {
        out32(0xF4, code)
        while true { halt() }
    }
}
