import Diagnostics
import X86

extension UInt64 {
    /// Reads a number without sign as the test language writes it: decimal, or hexadecimal with `0x`.
    init?(litmus text: String) {
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        self.init(isHexadecimal ? text.dropFirst(2) : text[...], radix: isHexadecimal ? 16 : 10)
    }
}

extension RegisterOperand {
    /// What to do about a register that is none.
    static func remedy(for name: String) -> String {
        NearName.of(name, among: allNames).map { "did you mean `\($0)`?" }
            ?? "write a general register such as `rax` or `al`"
    }

    /// Where the part lies in its register.
    var maskInRegister: UInt64 { width.mask << (isHighByte ? 8 : 0) }

    /// The bits of the register that `al&64` means; all of the part when none are named.
    func mask(ofBits bits: UInt64?) -> UInt64 {
        maskInRegister & ((bits ?? width.mask) << (isHighByte ? 8 : 0))
    }

    /// Why `al&0` and `al&256` mean nothing; nil when the bits are the part's.
    func fault(ofBits bits: UInt64?) -> (message: String, remedy: String)? {
        guard let bits else { return nil }
        if bits == 0 {
            return (
                "no bit of `\(name)` is named", "write the bits as a number: `\(name)&1`, or `\(name)` for all of them"
            )
        }
        guard bits & ~width.mask == 0 else {
            return (
                "`\(name)` has \(width.bits) bits, and the number has others",
                "name a wider part of the register, such as `\(RegisterOperand(register).name)`"
            )
        }
        return nil
    }

    /// Bits of a register as the test language names them: `al`, `al&64`, by the narrowest part that has them all.
    static func text(of register: Register, mask: UInt64) -> String {
        let part = parts(of: register).last { mask & ~$0.maskInRegister == 0 } ?? RegisterOperand(register)
        if mask == part.maskInRegister { return part.name }
        return "\(part.name)&\(mask >> (part.isHighByte ? 8 : 0))"
    }
}
