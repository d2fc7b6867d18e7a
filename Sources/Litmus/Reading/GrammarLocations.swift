import Diagnostics
import X86

/// Where a location stands: what may be named differs.
enum Context {
    case initialState
    case condition
}

extension Grammar {
    /// Names of page-table levels above the leaf, which this version does not have.
    static let upperLevels: Set<String> = ["PMD", "PUD", "P4D", "PGD", "PT"]

    /// Reads a location: a register, a processor's setting, a place in memory, or one field of an entry.
    mutating func location(in context: Context) throws(Diagnostic) -> Location {
        var start = token.range
        if let processor = try processorBeforeColon() {
            mentions.processors.append(Mention(processor, at: start))
            try advance()
            try advance()
            let kind = try registerOrSetting(of: processor, in: context)
            return Location(kind, span: span(from: start.lowerBound))
        }
        let isPointer = try accept(.star)
        let isBracketed = isPointer ? false : try accept(.openingBracket)
        start = token.range
        let name = try memoryName()
        var index = 0
        if stands(.openingBracket), !isPointer { index = try elementIndex(of: name, at: start) }
        let span = span(from: start.lowerBound)
        if isBracketed { try expect(.closingBracket, "after the location") }
        guard stands(.dot), !isPointer else { return Location(.memory(name, index: index), span: span) }
        try advance()
        return Location(try field(of: name, at: start, in: context), span: span)
    }

    /// The processor of `0:` or `P0:` if that is what comes.
    func processorBeforeColon() throws(Diagnostic) -> Int? {
        switch token.kind {
        case .number, .name:
            guard try following().kind == .sign(.colon) else { return nil }
            return try processorHere()
        default: return nil
        }
    }

    private mutating func registerOrSetting(
        of processor: Int, in context: Context
    ) throws(Diagnostic) -> Location.Kind {
        // herd7 marks its symbolic registers so; a plain register may be written with the mark as well.
        _ = try accept(.percent)
        let start = token.range.lowerBound
        var name = try expectName("a register")
        while stands(.dot) {
            try advance()
            name += "." + (try expectName("the rest of the register's name"))
        }
        let range = start..<previousEnd
        if namesLocals, context == .condition, !name.contains(".") {
            return .memory(.variable("\(processor):\(name)"), index: 0)
        }
        if let operand = RegisterOperand(name: name.lowercased()) {
            return .register(processor: processor, operand)
        }
        if let setting = ProcessorSetting(rawValue: name.lowercased()) {
            guard context == .initialState else {
                throw source.diagnostic(
                    "`\(name)` can only be set in the initial state", at: range,
                    remedy: "a condition can name general registers and memory")
            }
            return .setting(processor: processor, setting.rawValue)
        }
        let known = RegisterOperand.allNames + ProcessorSetting.allCases.map { $0.rawValue }
        log.note(
            source.diagnostic(
                "there is no register `\(name)`", at: range,
                remedy: NearName.of(name, among: known).map { "did you mean `\($0)`?" }
                    ?? "write a general register such as `rax` or `eax`, or one of `mm`, `cpl`, `if`, `cr0.wp`"))
        // Any register will do: the test is refused, and what follows is read for its own faults.
        return .register(processor: processor, RegisterOperand(.rax))
    }

    /// Reads `x`, `PTE(x)`, `PTE(child:x)`, `pte_x`, `PA(x)`.
    mutating func memoryName() throws(Diagnostic) -> MemoryName {
        let range = token.range
        let name = try expectName("a variable, `PTE(x)` or `PA(x)`")
        guard stands(.opening) else {
            let page = name.dropFirst(4)
            if name.hasPrefix("pte_"), page.utf8.first?.beginsName == true {
                return .leaf(page: String(page), space: nil)
            }
            return .variable(name)
        }
        // TTD is what herd7 called PTE before, and still takes.
        if name == "PTE" || name == "TTD" {
            try advance()
            var page = try expectName("a variable")
            var space: String?
            if try accept(.colon) {
                space = page
                page = try expectName("a variable")
            }
            if stands(.opening) { throw upperLevel(name, at: range) }
            try expect(.closing, "after the variable")
            return .leaf(page: page, space: space)
        }
        if name == "PA" {
            try advance()
            let page = try expectName("a variable")
            try expect(.closing, "after the variable")
            return .frame(page)
        }
        if Self.upperLevels.contains(name) { throw upperLevel(name, at: range) }
        throw source.diagnostic(
            "`\(name)(...)` names nothing in memory", at: range,
            remedy: "memory is named `x`, `PTE(x)` (the page-table entry of x) or `PA(x)` (its frame)")
    }

    private func upperLevel(_ name: String, at range: Range<Int>) -> Diagnostic {
        source.diagnostic(
            "`\(name)` above the leaf: upper page-table levels are not in this version", at: range,
            remedy: "write the test with leaf entries, `PTE(x)`")
    }

    private mutating func elementIndex(of name: MemoryName, at range: Range<Int>) throws(Diagnostic) -> Int {
        try advance()
        guard case .variable = name else {
            throw source.diagnostic(
                "only variables have elements", at: range.lowerBound..<token.range.upperBound, remedy: "write `x[1]`")
        }
        guard case .number(let index) = token.kind else { throw unexpected("the number of an element") }
        guard index < Self.mostElements else {
            throw source.diagnostic("an array has at most \(Self.mostElements) elements", at: token.range)
        }
        try advance()
        try expect(.closingBracket, "after the element's number")
        return Int(index)
    }

    private mutating func field(
        of name: MemoryName, at range: Range<Int>, in context: Context
    ) throws(Diagnostic) -> Location.Kind {
        guard case .leaf = name else {
            throw source.diagnostic(
                "only page-table entries have fields", at: range, remedy: "write `[PTE(x)].d` for a field of x's entry")
        }
        let fieldRange = token.range
        let field = try expectName("the name of a field")
        guard context == .condition else {
            throw source.diagnostic(
                "an initial state sets whole entries", at: fieldRange,
                remedy: "write `[PTE(x)] = (\(field):1);`, the fields left out have defaults")
        }
        if field != "oa" { _ = entryField(field, at: fieldRange) }
        return .field(name, field)
    }
}
