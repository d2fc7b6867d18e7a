import Diagnostics
import PageTable
import X86

extension Grammar {
    /// How many clauses an `ensures` may have.
    static let mostClauses = 64

    /// Reads all `starts` and `ensures` that stand here.
    mutating func holeClauses(_ closing: inout Closing) throws(Diagnostic) {
        while true {
            let range = token.range
            if standsSpelled("starts") {
                if closing.starts != nil {
                    log.note(
                        source.diagnostic(
                            "`starts` is given twice", at: range, remedy: "put all fields into one of them")
                    )
                }
                let starts = try phrase { (grammar) throws(Diagnostic) in try grammar.startEntries() }
                closing.starts = closing.starts ?? starts
            } else if standsSpelled("ensures") {
                closing.ensures += try phrase { (grammar) throws(Diagnostic) in try grammar.ensuredClauses() } ?? []
            } else {
                return
            }
        }
    }

    // MARK: starts

    /// Reads `starts (rw:1, d:*)`.
    private mutating func startEntries() throws(Diagnostic) -> StartEntries {
        let span = source.span(of: token.range)
        try advance()
        try expect(.opening, "after `starts`", remedy: "write `starts (rw:1, d:*)`; `*` is both values")
        var fields: [StartEntries.Field] = []
        repeat {
            let range = token.range
            guard let field = try fieldBeforeColon() else { continue }
            let value = try startValue(of: field)
            if let earlier = fields.first(where: { $0.name == field }) {
                let isSame = earlier.value == value
                log.note(
                    source.diagnostic(
                        isSame
                            ? "`starts` gives `\(field.spelling)` twice"
                            : "an entry cannot start with two values of `\(field.spelling)`", at: range,
                        remedy: isSame
                            ? "keep one of them" : "keep one of them, or write `\(field.spelling):*` for both"))
            } else {
                fields.append(StartEntries.Field(name: field, value: value))
            }
        } while try accept(.comma)
        try expect(.closing, "after the fields of `starts`")
        return StartEntries(fields: fields, span: span)
    }

    /// Reads `rw:`; nil, with a note, and past the value, where the entry has no such field or the clause cannot name it.
    private mutating func fieldBeforeColon() throws(Diagnostic) -> EntryFieldName? {
        let range = token.range
        let name = try expectName("the name of an entry's field")
        guard try accept(.colon) else {
            throw unexpected("`:` and the value of `\(name)`", remedy: "fields are written `rw:1`")
        }
        if name == "oa" {
            log.note(
                source.diagnostic(
                    "the frame cannot be named here", at: range,
                    remedy: "leave `oa` out: a hole handles every frame, and `old` keeps it"))
            _ = try memoryName()
            return nil
        }
        if let field = entryField(name, at: range) { return field }
        while ![.sign(.comma), .sign(.closing), .end].contains(token.kind) { try advance() }
        return nil
    }

    private mutating func startValue(of field: EntryFieldName) throws(Diagnostic) -> UInt64? {
        guard stands(.star) else { return try fieldValue(field) }
        if field.width > 1 {
            log.note(
                source.diagnostic(
                    "`*` is for fields of one bit, `\(field.spelling)` has \(field.width)", at: token.range,
                    remedy: "leave `\(field.spelling)` out: what is not named takes varied values"))
        }
        try advance()
        return nil
    }

    // MARK: ensures

    /// Reads `ensures (CLAUSE /\ CLAUSE)`.
    private mutating func ensuredClauses() throws(Diagnostic) -> [Ensured] {
        try advance()
        try expect(
            .opening, "after `ensures`", remedy: "write `ensures ([PTE(x)] = old with (rw:0))`")
        var clauses: [Ensured] = []
        repeat {
            guard clauses.count < Self.mostClauses else {
                throw source.diagnostic("`ensures` has at most \(Self.mostClauses) clauses", at: token.range)
            }
            if let clause = try ensured() { clauses.append(clause) }
        } while try accept(.and)
        if stands(.or) {
            throw source.diagnostic(
                "clauses of `ensures` hold all", at: token.range,
                remedy: "join them with `/\\`; `\\/` is for values: `sd: old.sd \\/ old.d`")
        }
        try expect(.closing, "after the clauses of `ensures`", remedy: "join clauses with `/\\`")
        return clauses
    }

    /// Reads a clause; nil, with a note, where it names what is not there.
    private mutating func ensured() throws(Diagnostic) -> Ensured? {
        let start = token.range.lowerBound
        let subject = try entryComes() ? ensuredEntry() : ensuredOutput()
        return subject.map { Ensured($0, span: span(from: start)) }
    }

    private func entryComes() throws(Diagnostic) -> Bool {
        if stands(.openingBracket) { return true }
        guard case .name(let name) = token.kind else { return false }
        return EntryLevel.allCases.contains { name.hasPrefix($0.entrySpelling.lowercased() + "_") }
            ? true : try following().kind == .sign(.opening)
    }

    /// Reads `[PTE(x)] = old with (rw:0)`, `[PTE(x)] = (p:0)`.
    private mutating func ensuredEntry() throws(Diagnostic) -> Ensured.Subject? {
        let isBracketed = try accept(.openingBracket)
        let range = token.range
        let name = try memoryName()
        let nameRange = range.lowerBound..<previousEnd
        if case .upperEntry = name {
            throw source.diagnostic(
                "`ensures` is about leaves, and `\(LitmusWriter.text(of: name))` is above them", at: nameRange,
                remedy: "write `[PTE(x)] = old with (rw:0)`: holes change leaves")
        }
        guard case .leaf(let page, _) = name else {
            throw source.diagnostic(
                "`ensures` is about entries and registers", at: nameRange,
                remedy: "write `[PTE(x)] = old with (rw:0)`, or `al&64 = old.d` for what a hole outputs")
        }
        if isBracketed { try expect(.closingBracket, "after the entry") }
        if stands(.dot) {
            throw source.diagnostic(
                "`ensures` speaks of whole entries", at: token.range,
                remedy: "write `[PTE(\(page))] = old with (d:0)`: the other fields stay")
        }
        try expectEqual()
        if stands(.opening) {
            let start = token.range.lowerBound
            let literal = try entry()
            check(literal, in: name, at: start..<previousEnd)
            return .constantEntry(name, literal)
        }
        guard stands("old") else {
            throw unexpected("`old` or an entry", remedy: "write `old with (rw:0)`, or `(p:0)` for the empty entry")
        }
        try advance()
        guard stands("with") else { return .entry(name, []) }
        try advance()
        return .entry(name, try changes())
    }

    private mutating func expectEqual() throws(Diagnostic) {
        guard stands(.equal) || stands(.identical) else {
            throw unexpected("`=`", remedy: "a clause is `[PTE(x)] = old with (rw:0)` or `al&64 = old.d`")
        }
        try advance()
    }

    /// Reads `(rw:0, sd: old.sd \/ old.d)`.
    private mutating func changes() throws(Diagnostic) -> [Ensured.Change] {
        try expect(.opening, "after `with`", remedy: "write `old with (rw:0)`")
        var changes: [Ensured.Change] = []
        repeat {
            let range = token.range
            guard let field = try fieldBeforeColon() else { continue }
            let value = try checkedValue(upTo: field.largestValue, "the field `\(field.spelling)`")
            if let earlier = changes.first(where: { $0.field == field }) {
                log.note(repeated(field.spelling, earlier.value, value, at: range))
            } else {
                changes.append(Ensured.Change(field: field, value: value))
            }
        } while try accept(.comma)
        try expect(.closing, "after the fields")
        return changes
    }

    private func repeated(
        _ name: String, _ first: EnsuredValue, _ second: EnsuredValue, at range: Range<Int>
    ) -> Diagnostic {
        if case .constant(let one) = first, case .constant(let other) = second, one != other {
            return source.diagnostic(
                "nothing meets this: `\(name)` would have to be \(one) and \(other)", at: range,
                remedy: "keep one of them")
        }
        return source.diagnostic("`ensures` gives `\(name)` twice", at: range, remedy: "keep one of them")
    }

    /// Reads `al&64 = old.d`.
    private mutating func ensuredOutput() throws(Diagnostic) -> Ensured.Subject? {
        if let processor = try processorBeforeColon() {
            throw source.diagnostic(
                "`ensures` names registers without a processor", at: token.range,
                remedy: "write `al` and not `\(processor):al`: it is the column of the hole that is meant")
        }
        _ = try accept(.percent)
        let range = token.range
        let name = try expectName("an entry or a register")
        let operand = RegisterOperand(name: name.lowercased())
        if operand == nil {
            guard stands(.ampersand) || stands(.equal) || stands(.identical) else {
                throw source.diagnostic(
                    "`\(name)` is neither an entry nor a register", at: range,
                    remedy: "write `[PTE(x)] = old with (rw:0)`, or `al&64 = old.d` for what a hole outputs")
            }
            log.note(
                source.diagnostic(
                    "there is no register `\(name)`", at: range, remedy: RegisterOperand.remedy(for: name)))
        }
        var bits: UInt64?
        if try accept(.ampersand) {
            guard case .number(let number) = token.kind else { throw unexpected("the bits as a number") }
            bits = number
            try advance()
        }
        let wrong = operand.flatMap { $0.fault(ofBits: bits) }
        if let wrong {
            log.note(
                source.diagnostic(wrong.message, at: range.lowerBound..<previousEnd, remedy: wrong.remedy))
        }
        try expectEqual()
        let mask = operand?.mask(ofBits: bits) ?? 0
        let largest = mask == 0 ? UInt64.max : mask >> UInt64(mask.trailingZeroBitCount)
        let value = try checkedValue(
            upTo: largest, operand.map { RegisterOperand.text(of: $0.register, mask: mask) } ?? "")
        guard let operand, wrong == nil else { return nil }
        return .output(operand.register, mask: mask, value)
    }
}
