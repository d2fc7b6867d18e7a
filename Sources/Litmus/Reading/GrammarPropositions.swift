import Diagnostics
import PageTable
import X86

extension Grammar {
    /// Reads a proposition; `\/` binds least, then `/\`, then `=>`, then `~`, as in herd7.
    mutating func proposition() throws(Diagnostic) -> Proposition {
        let start = token.range.lowerBound
        var parts = [try conjunction()]
        while try accept(.or) { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : Proposition(.or(parts), span: span(from: start))
    }

    private mutating func conjunction() throws(Diagnostic) -> Proposition {
        let start = token.range.lowerBound
        var parts = [try implication()]
        while try accept(.and) { parts.append(try implication()) }
        return parts.count == 1 ? parts[0] : Proposition(.and(parts), span: span(from: start))
    }

    private mutating func implication() throws(Diagnostic) -> Proposition {
        let start = token.range.lowerBound
        let premise = try negation()
        guard stands(.implies) else { return premise }
        return try nested { (grammar) throws(Diagnostic) in
            let parts = [Proposition(.not(premise), span: premise.span), try grammar.implication()]
            return Proposition(.or(parts), span: grammar.span(from: start))
        }
    }

    private mutating func negation() throws(Diagnostic) -> Proposition {
        let start = token.range.lowerBound
        if stands(.not) || stands("not") {
            return try nested { (grammar) throws(Diagnostic) in
                let part = try grammar.negation()
                return Proposition(.not(part), span: grammar.span(from: start))
            }
        }
        guard stands(.opening) else { return try atom() }
        let inner = try nested { (grammar) throws(Diagnostic) in try grammar.proposition() }
        try expect(.closing, "after the proposition", remedy: "join propositions with `/\\` (and) or `\\/` (or)")
        return inner
    }

    /// Reads the current sign and what it opens, one level deeper.
    private mutating func nested(
        _ body: (inout Grammar) throws(Diagnostic) -> Proposition
    ) throws(Diagnostic) -> Proposition {
        guard depth < Self.deepestNesting else {
            throw source.diagnostic(
                "the condition nests deeper than \(Self.deepestNesting) levels", at: token.range,
                remedy: "write it with fewer parentheses and negations")
        }
        depth += 1
        defer { depth -= 1 }
        try advance()
        return try body(&self)
    }

    private mutating func atom() throws(Diagnostic) -> Proposition {
        atoms += 1
        guard atoms <= Self.mostPhrases else {
            throw source.diagnostic("a condition has at most \(Self.mostPhrases) atoms", at: token.range)
        }
        let range = token.range
        if case .name(let name) = token.kind {
            if name == "true" || name == "false" {
                try advance()
                return Proposition(.constant(name == "true"), span: source.span(of: range))
            }
            if try following().kind == .sign(.opening), !Self.memoryForms.contains(name) {
                return try statement(name)
            }
        }
        return try comparison()
    }

    /// Reads `l=v`, `l==v`, `l!=v`, `l=m`.
    private mutating func comparison() throws(Diagnostic) -> Proposition {
        let start = token.range.lowerBound
        let left = try location(in: .condition)
        let relation = token.kind
        switch relation {
        case .sign(.equal), .sign(.identical), .sign(.different), .sign(.differentToo): try advance()
        default:
            throw unexpected(
                "`=` and a value", remedy: "a comparison is written `0:rax=1`, `[x]=1` or `[PTE(x)]=(rw:0, d:1)`")
        }
        let equality: Proposition.Kind
        if try locationComes() {
            equality = .same(left, try location(in: .condition))
        } else {
            let valueStart = token.range
            let value = try value()
            check(value, against: left, at: start..<max(valueStart.upperBound, previousEnd))
            if case .entry(let literal) = value.kind, case .memory(let name, _) = left.kind {
                check(literal, in: name, at: valueStart.lowerBound..<max(valueStart.upperBound, previousEnd))
            }
            if case .entry = value.kind, relation == .sign(.identical) {
                equality = .identical(left, value)
            } else {
                equality = .equal(left, value)
            }
        }
        let proposition = Proposition(equality, span: span(from: start))
        guard relation == .sign(.different) || relation == .sign(.differentToo) else { return proposition }
        return Proposition(.not(proposition), span: proposition.span)
    }

    /// Whether the right side of a comparison is a location; a bare name is an address, as in herd7.
    private func locationComes() throws(Diagnostic) -> Bool {
        if stands(.openingBracket) || stands(.star) { return true }
        return try processorBeforeColon() != nil
    }

    private func check(_ value: Value, against location: Location, at range: Range<Int>) {
        guard case .field(_, let name) = location.kind else { return }
        let fits =
            switch value.kind {
            case .integer(let number):
                number <= (EntryFieldName(spelling: name)?.largestValue ?? 0) && name != "oa"
            case .address(.frame): name == "oa"
            default: false
            }
        // An unknown field was told already.
        guard !fits, name == "oa" || EntryFieldName(spelling: name) != nil else { return }
        log.note(
            source.diagnostic(
                "the field `\(name)` never has this value", at: range,
                remedy: name == "oa"
                    ? "compare it with a frame: `[PTE(x)].oa=PA(x)`" : "compare it with a number that fits"))
    }

    /// Reads `lost_dirty(x)`, `stuck(P1)`, `fault(P1:L0,x)`.
    private mutating func statement(_ name: String) throws(Diagnostic) -> Proposition {
        let range = token.range
        try advance()
        try advance()
        let kind: Proposition.Kind
        var pageSpan: SourceSpan?
        if let property = Property(rawValue: name) {
            kind =
                property.isAboutTable
                ? .tableProperty(property, try table(of: property, &pageSpan))
                : .property(property, page: try page(of: property.name, &pageSpan))
        } else if let property = ThreadProperty(spelling: name) {
            switch property {
            case .stuck: kind = .stuck(processor: try expectProcessor())
            case .wild: kind = .wild(processor: try expectProcessor())
            case .fault: kind = try fault(&pageSpan)
            }
        } else {
            let known = Property.allCases.map { $0.name } + ThreadProperty.allCases.map { $0.name }
            log.note(
                source.diagnostic(
                    "there is no property `\(name)`", at: range, remedy: NearName.remedy(for: name, among: known)))
            try skipArguments()
            kind = .constant(true)
        }
        try expect(.closing, "after `\(name)(...`")
        return Proposition(kind, span: span(from: range.lowerBound), pageSpan: pageSpan)
    }

    /// Passes over the arguments of what is not known, up to the parenthesis that closes them.
    private mutating func skipArguments() throws(Diagnostic) {
        var depth = 0
        while token.kind != .end, depth > 0 || !stands(.closing) {
            if stands(.opening) { depth += 1 }
            if stands(.closing) { depth -= 1 }
            try advance()
        }
    }

    private mutating func fault(_ pageSpan: inout SourceSpan?) throws(Diagnostic) -> Proposition.Kind {
        let processor = try expectProcessor()
        var label: String?
        if try accept(.colon) {
            let range = token.range
            let name = try expectName("a label")
            mentions.labels.append(Mention((processor, name), at: range))
            label = name
        }
        let page = try accept(.comma) ? try page(of: ThreadProperty.fault.name, &pageSpan) : nil
        if stands(.comma) {
            throw source.diagnostic(
                "kinds of faults are not told apart", at: token.range,
                remedy: "write `\(ThreadProperty.fault.name)(P1,x)`")
        }
        return .fault(processor: processor, label: label, page: page)
    }

    /// Reads the table that a property is about.
    private mutating func table(of property: Property, _ span: inout SourceSpan?) throws(Diagnostic) -> TableName {
        let start = token.range.lowerBound
        guard case .name(let name) = token.kind else {
            throw unexpected("a table", remedy: "write `\(property.name)(PT(x))`")
        }
        guard try following().kind == .sign(.opening) else {
            throw source.diagnostic(
                "`\(property.name)` is about a table, and `\(name)` is not one", at: token.range,
                remedy: "write `\(property.name)(PT(\(name)))` for the table that holds `PTE(\(name))`")
        }
        let table = try tableName()
        mentions.pages.append(Mention(table.page, at: start..<previousEnd))
        span = self.span(from: start)
        return table
    }

    private mutating func page(of property: String, _ span: inout SourceSpan?) throws(Diagnostic) -> String {
        let range = token.range
        let name = try expectName("a variable")
        if stands(.opening) {
            throw source.diagnostic(
                "`\(property)` is about a page, and `\(name)(...)` is not one", at: range,
                remedy: "name the page by its variable, such as `x`")
        }
        mentions.pages.append(Mention(name, at: range))
        span = source.span(of: range)
        return name
    }
}
