/// Multiplication and division (SDM 2A "DIV", "IDIV", "IMUL"; SDM 2B "MUL").
enum MultiplyDivide {
    /// The full product in two halves, with CF and OF telling whether the upper half says something new.
    ///
    /// SF, ZF, PF and AF are undefined; they are set from the lower half, AF to 0.
    static func multiply(
        isSigned: Bool, _ a: UInt64, _ b: UInt64, _ width: Width
    ) -> (low: UInt64, high: UInt64, flags: Flags) {
        let low: UInt64
        let high: UInt64
        if isSigned {
            let product = Int64(bitPattern: width.signExtended(a))
                .multipliedFullWidth(by: Int64(bitPattern: width.signExtended(b)))
            low = product.low & width.mask
            high = upperHalf(product.low, UInt64(bitPattern: product.high), width)
        } else {
            let product = a.multipliedFullWidth(by: b)
            low = product.low & width.mask
            high = upperHalf(product.low, product.high, width)
        }
        let implied: UInt64 = isSigned && low & width.signBit != 0 ? width.mask : 0
        var flags = Arithmetic.resultFlags(low, width)
        if high != implied { flags.formUnion([.carry, .overflow]) }
        return (low, high, flags)
    }

    private static func upperHalf(_ low: UInt64, _ high: UInt64, _ width: Width) -> UInt64 {
        width == .quad ? high : (low >> UInt64(width.bits)) & width.mask
    }

    /// Quotient and remainder of `high:low` by the divisor; nil where the processor raises #DE.
    static func divide(
        isSigned: Bool, high: UInt64, low: UInt64, by divisor: UInt64, _ width: Width
    ) -> (quotient: UInt64, remainder: UInt64)? {
        guard divisor & width.mask != 0 else { return nil }
        guard isSigned else {
            // The quotient fits exactly when the upper half is below the divisor.
            guard high < divisor else { return nil }
            if width == .quad { return divisor.dividingFullWidth((high, low)) }
            let dividend = high << UInt64(width.bits) | low
            return dividend.quotientAndRemainder(dividingBy: divisor)
        }
        // Signed: divide magnitudes, then give the quotient the sign of both and the remainder the dividend's.
        let negativeDividend = high & width.signBit != 0
        let negativeDivisor = divisor & width.signBit != 0
        let magnitude = negativeDivisor ? (0 &- divisor) & width.mask : divisor
        var (topHalf, bottomHalf) = (high, low)
        if negativeDividend {
            bottomHalf = (0 &- low) & width.mask
            topHalf = (~high &+ (low == 0 ? 1 : 0)) & width.mask
        }
        guard let unsigned = divide(isSigned: false, high: topHalf, low: bottomHalf, by: magnitude, width) else {
            return nil
        }
        let isNegative = negativeDividend != negativeDivisor
        guard unsigned.quotient <= (isNegative ? width.signBit : width.signBit - 1) else { return nil }
        let quotient = isNegative ? 0 &- unsigned.quotient : unsigned.quotient
        let remainder = negativeDividend ? 0 &- unsigned.remainder : unsigned.remainder
        return (quotient & width.mask, remainder & width.mask)
    }
}
