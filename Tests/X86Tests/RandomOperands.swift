import TestSupport

extension SeededNumbers {
    /// Half the time a number where arithmetic has its edges.
    mutating func operand() -> UInt64 {
        let special: [UInt64] = [
            0, 1, 2, ~0, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
            0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0x0f, 0x10, 0x42,
        ]
        switch below(8) {
        case 0, 1, 2: return special[below(special.count)]
        case 3: return special[below(special.count)] &+ UInt64(below(3)) &- 1
        case 4: return next() >> UInt64(below(64))
        case 5: return 1 << UInt64(below(64))
        default: return next()
        }
    }
}
