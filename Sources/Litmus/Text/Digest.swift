/// 128 bits that stand for a text: FNV-1a (Fowler, Noll, Vo).
package enum Digest {
    /// 32 hexadecimal digits for a text.
    package static func text(_ text: String) -> String {
        var text = text
        return text.withUTF8 { digits(of: $0) }
    }

    /// 32 hexadecimal digits for bytes.
    package static func text(of bytes: [UInt8]) -> String { bytes.withUnsafeBufferPointer { digits(of: $0) } }

    private static func digits(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        var digest: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in bytes {
            digest ^= UInt128(byte)
            digest = digest &* 0x0100_0000_0000_0000_0000_013b
        }
        return digits(UInt64(truncatingIfNeeded: digest >> 64)) + digits(UInt64(truncatingIfNeeded: digest))
    }

    private static func digits(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
