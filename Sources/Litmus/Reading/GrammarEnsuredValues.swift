import Diagnostics
import PageTable

extension Grammar {
    /// How many operands a value of `ensures` may have: what walks the value goes as deep.
    static let mostOperands = 64

    /// Reads a value, and notes numbers in it that do not fit.
    mutating func checkedValue(upTo largest: UInt64, _ owner: String) throws(Diagnostic) -> EnsuredValue {
        let start = token.range.lowerBound
        var count = 0
        let value = try disjunction(&count)
        if let number = value.constants.first(where: { $0 > largest }) {
            log.note(
                source.diagnostic(
                    "nothing meets this: \(owner) is never \(number)", at: start..<max(start + 1, previousEnd),
                    remedy: largest == 1 ? "give 0 or 1" : "give a value from 0 to \(largest)"))
        }
        return value
    }

    private mutating func disjunction(_ count: inout Int) throws(Diagnostic) -> EnsuredValue {
        var value = try conjunction(&count)
        while try accept(.or) { value = .or(value, try conjunction(&count)) }
        return value
    }

    private mutating func conjunction(_ count: inout Int) throws(Diagnostic) -> EnsuredValue {
        var value = try operand(&count)
        // Behind a value `/\` may also join the next clause.
        while stands(.and), try operandFollows() {
            try advance()
            value = .and(value, try operand(&count))
        }
        return value
    }

    private func operandFollows() throws(Diagnostic) -> Bool {
        switch try following().kind {
        case .number, .sign(.not), .sign(.opening): true
        case .name(let name): name == "old" || name == "not"
        default: false
        }
    }

    private mutating func operand(_ count: inout Int) throws(Diagnostic) -> EnsuredValue {
        count += 1
        guard count <= Self.mostOperands else {
            throw source.diagnostic(
                "a value has at most \(Self.mostOperands) operands", at: token.range, remedy: "write it shorter")
        }
        if stands(.not) || stands("not") {
            try advance()
            return .not(try operand(&count))
        }
        if try accept(.opening) {
            let value = try disjunction(&count)
            try expect(.closing, "after the value")
            return value
        }
        if case .number(let number) = token.kind {
            try advance()
            return .constant(number)
        }
        guard stands("old") else {
            throw unexpected(
                "a value", remedy: "values are 0, 1, fields before (`old.d`), and these with `~`, `/\\`, `\\/`")
        }
        try advance()
        try expect(.dot, "after `old`", remedy: "name a field: `old.d`")
        let range = token.range
        let name = try expectName("the name of a field")
        return entryField(name, at: range).map { .old($0) } ?? .constant(0)
    }
}

extension EnsuredValue {
    /// The numbers in it.
    fileprivate var constants: [UInt64] {
        switch self {
        case .constant(let number): [number]
        case .old: []
        case .not(let part): part.constants
        case .and(let first, let second), .or(let first, let second): first.constants + second.constants
        }
    }
}
