/// An argument of a kernel service: a name in a column, what a register holds in compiled code.
enum ServiceArgument: Sendable {
    /// As the column has it.
    case written(String)
    /// By the calling convention (System V ABI, 3.2.3): an address or a number.
    case passed(UInt64)

    /// As messages show it.
    var text: String {
        switch self {
        case .written(let text): text
        case .passed(let number): "0x" + String(number, radix: 16)
        }
    }

    /// The number that it is, or nil for a name; a negative one as its 64-bit pattern.
    var number: UInt64? {
        switch self {
        case .passed(let number): return number
        case .written(let text):
            if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
            if let signed = Int64(text) { return UInt64(bitPattern: signed) }
            return UInt64(text)
        }
    }
}

/// Why the machine refuses what an instruction, or a call of a service, asks.
struct RequestRefusal: Error {
    var message: String
    var remedy: String?
}
