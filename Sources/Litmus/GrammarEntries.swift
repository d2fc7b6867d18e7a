import PageTable

extension Grammar {
    /// Reads a value: a number, the address of something, or an entry.
    mutating func value() throws(Diagnostic) -> Value {
        switch token.kind {
        case .number(let number):
            try advance()
            return .integer(number)
        case .sign(.opening): return .entry(try entry())
        case .sign(.ampersand):
            try advance()
            return .address(try address())
        case .name: return .address(try address())
        default:
            throw unexpected(
                "a value", remedy: "a value is a number, an address (`x`, `PTE(x)`, `PA(x)`) or an entry `(rw:0, d:1)`")
        }
    }

    private mutating func address() throws(Diagnostic) -> MemoryName {
        let start = token.range.lowerBound
        let name = try memoryName()
        guard !stands(.openingBracket) else {
            throw source.diagnostic(
                "the address of an array's element cannot be a value", at: start..<token.range.upperBound,
                remedy: "give the register the array's address and the instruction a displacement, such as `4(%rax)`")
        }
        return name
    }

    /// Reads `(oa:PA(x), rw:1, ...)`.
    private mutating func entry() throws(Diagnostic) -> EntryLiteral {
        try advance()
        var literal = EntryLiteral()
        repeat {
            let range = token.range
            let name = try expectName("the name of an entry's field")
            guard try accept(.colon) else {
                throw unexpected("`:` and the value of `\(name)`", remedy: "fields are written `rw:1`")
            }
            if name == "oa" {
                guard literal.frame == nil else { throw repeated(name, at: range) }
                literal.frame = try frame()
            } else if name == "table" || name == "attrs" {
                throw unsupported(name, at: range)
            } else {
                let field = try entryFieldName(name, at: range)
                guard !literal.fields.contains(where: { $0.name == name }) else { throw repeated(name, at: range) }
                literal.fields.append(EntryField(name: name, value: try fieldValue(field)))
            }
        } while try accept(.comma)
        try expect(.closing, "after the entry's fields")
        return literal
    }

    /// Reads `PA(x)` behind `oa:`.
    private mutating func frame() throws(Diagnostic) -> String {
        let range = token.range
        guard case .frame(let page) = try memoryName() else {
            throw source.diagnostic(
                "a frame is written `PA(x)`", at: range, remedy: "write `oa:PA(x)` for the frame of variable x")
        }
        return page
    }

    private mutating func fieldValue(_ field: EntryFieldName) throws(Diagnostic) -> UInt64 {
        guard case .number(let value) = token.kind else { throw unexpected("the value of `\(field.spelling)`") }
        guard value <= field.largestValue else {
            throw source.diagnostic(
                "`\(field.spelling)` has \(field.width == 1 ? "one bit" : "\(field.width) bits"), \(token.description) does not fit",
                at: token.range, remedy: "give a value from 0 to \(field.largestValue)")
        }
        try advance()
        return value
    }

    /// The field that a name means.
    func entryFieldName(_ name: String, at range: Range<Int>) throws(Diagnostic) -> EntryFieldName {
        guard let field = EntryFieldName(spelling: name) else {
            // The words of herd7's Arm tests, which people bring along.
            let foreign = [
                "valid": "p", "af": "a", "dbm": "rw", "db": "d", "present": "p", "dirty": "d", "accessed": "a",
            ]
            let known = EntryFieldName.allCases.filter { $0 != .pageSize }.map { $0.spelling } + ["oa"]
            throw source.diagnostic(
                "an entry has no field `\(name)`", at: range,
                remedy: foreign[name].map { "on x86 it is called `\($0)`" } ?? NearName.remedy(for: name, among: known))
        }
        guard field != .pageSize else {
            throw source.diagnostic(
                "`ps` belongs to upper page-table levels, which are not in this version", at: range,
                remedy: "bit 7 of a leaf is `pat`")
        }
        return field
    }

    private func repeated(_ name: String, at range: Range<Int>) -> Diagnostic {
        source.diagnostic("the entry gives `\(name)` twice", at: range, remedy: "keep one of them")
    }

    private func unsupported(_ name: String, at range: Range<Int>) -> Diagnostic {
        name == "table"
            ? source.diagnostic(
                "`table` points to a lower table: upper page-table levels are not in this version", at: range,
                remedy: "write the test with leaf entries, `PTE(x)`")
            : source.diagnostic(
                "`attrs` is for Arm's memory types; an x86 entry has none", at: range,
                remedy: "the bits that choose the memory type are `pwt`, `pcd` and `pat`")
    }
}
