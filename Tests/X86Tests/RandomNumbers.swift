/// SplitMix64: the same numbers on every run, so that a failure can be repeated from its seed.
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

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
