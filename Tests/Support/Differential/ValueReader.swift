import Oracle
import PageTable

/// Brings the final states of checker and oracle into one notation: every value as a number.
///
/// The addresses of names follow from their order (``Machine/AddressMap``), which both implement on their own.
struct ValueReader {
    private var addresses: [String: UInt64] = [:]
    private var frames: [String: UInt64] = [:]
    /// Frame numbers that mean what others mean: a test whose upper levels never change is one of leaves to the checker, which
    /// numbers frames differently there.
    private var otherFrames: [UInt64: UInt64] = [:]

    /// Knows the addresses of some variables, and of their entries in `mm` and `child`.
    init(_ variables: Set<String>) {
        addresses["mm"] = 0x100_0000
        addresses["child"] = 0x100_1001
        for (number, name) in variables.sorted().enumerated() {
            let index = UInt64(number + 1)
            addresses[name] = 0x1000_0000_0000 + index << 12
            addresses["PA(\(name))"] = 0xffff_8880_0000_0000 + (0x100 + index) << 12
            addresses["PTE(\(name))"] = 0xffff_9000_0000_0000 + index * 8
            addresses["PTE(child:\(name))"] = 0xffff_9000_0010_0000 + index * 8
            frames["PA(\(name))"] = (0x100 + index) << 12
        }
    }

    /// Knows what the oracle makes of the names of a test with upper levels, where each side lays out tables on its own.
    init(_ names: OracleAddresses) {
        addresses = names.addresses
        frames = names.frames
        for (number, name) in names.variables.enumerated() {
            otherFrames[0x101 + UInt64(number)] = frames["PA(\(name))"].map { $0 >> 12 }
        }
    }

    /// A final state of the checker.
    func state(_ parts: [String], isPositive: Bool) -> String {
        canonical(parts.map { Substring($0) }, isPositive)
    }

    /// A final state of the oracle: `[x]=1; 0:rax=2;`.
    func state(ofOracle text: String, isPositive: Bool) -> String {
        let parts = text.split(separator: ";").map { $0.drop { $0 == " " } }
        return canonical(parts, isPositive)
    }

    private func canonical(_ parts: [Substring], _ isPositive: Bool) -> String {
        let read = parts.map { part in
            guard let equal = part.firstIndex(of: "=") else { return String(part) }
            let name = part[..<equal]
            return Self.canonical(name) + "=" + value(part[part.index(after: equal)...], mask: Self.mask(of: name))
        }
        return Set(read).sorted().joined(separator: " ") + (isPositive ? " +" : " -")
    }

    /// The first element of an array is `[x]` to one and `x[0]` to the other.
    private static func canonical(_ name: Substring) -> String {
        name.hasSuffix("[0]") ? "[\(name.dropLast(3))]" : String(name)
    }

    /// The bits of a location that count: the low ones, for a part of a register.
    private static func mask(of name: Substring) -> UInt64 {
        guard let colon = name.firstIndex(of: ":"), !name.hasPrefix("["), !name.contains("(") else { return ~0 }
        let register = name[name.index(after: colon)...]
        if register.hasPrefix("e") { return 0xffff_ffff }
        return register.hasSuffix("l") ? 0xff : ~0
    }

    private func value(_ text: Substring, mask: UInt64) -> String {
        if text == "true" || text == "false" { return String(text) }
        if text.hasPrefix("(") { return hexadecimal(entry(text)) }
        if let address = addresses[String(text)] { return hexadecimal(address) }
        return integer(text).map { hexadecimal(renumbered($0) & mask) } ?? "?\(text)"
    }

    private func renumbered(_ value: UInt64) -> UInt64 {
        let frameMask: UInt64 = 0x000f_ffff_ffff_f000
        guard let frame = otherFrames[(value & frameMask) >> 12] else { return value }
        return value & ~frameMask | frame << 12
    }

    private func integer(_ text: Substring) -> UInt64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        return Int64(text).map { UInt64(bitPattern: $0) } ?? UInt64(text)
    }

    private func entry(_ text: Substring) -> UInt64 {
        if text == "(p:0)" { return 0 }
        var raw: UInt64 = 0
        for field in text.dropFirst().dropLast().split(separator: ",") {
            let trimmed = field.drop { $0 == " " }
            guard let colon = trimmed.firstIndex(of: ":") else { continue }
            let (name, value) = (String(trimmed[..<colon]), trimmed[trimmed.index(after: colon)...])
            switch name {
            case "oa", "table": raw |= frames[String(value)] ?? integer(value) ?? 0
            case "avl": raw |= (integer(value) ?? 0) << 52
            default:
                if let known = EntryFieldName(spelling: name) { raw |= (integer(value) ?? 0) << UInt64(known.shift) }
            }
        }
        return raw
    }

    private func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
