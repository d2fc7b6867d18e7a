import Diagnostics
import X86

/// Where a location stands: what may be named differs.
enum Context {
    case initialState
    case condition
}

extension Grammar {
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

    /// Reads `x`, `PTE(x)`, `PMD(child:x)`, `pte_x`, `PA(x)`.
    mutating func memoryName() throws(Diagnostic) -> MemoryName {
        let range = token.range
        let name = try expectName("a variable, `PTE(x)` or `PA(x)`")
        guard stands(.opening) else {
            let page = name.dropFirst(4)
            if name.prefix(4).last == "_", page.utf8.first?.beginsName == true,
                let level = EntryLevel(prefix: name.prefix(3))
            {
                return .entry(level, page: String(page), space: nil)
            }
            return .variable(name)
        }
        // TTD is what herd7 called PTE before, and still takes.
        if let level = name == "TTD" ? .pte : EntryLevel(entrySpelling: name, of: paging.levels) {
            let (page, space) = try pageInSpace(after: name, at: range)
            if let space, let owner = SpaceName.owner(ofUser: space), !level.isOfRoot {
                throw source.diagnostic(
                    "`\(name)(\(space):\(page))` is no other entry than `\(name)(\(owner):\(page))`", at: range,
                    remedy: "write that: below their roots `\(space)` and `\(owner)` share all tables")
            }
            return .entry(level, page: page, space: space)
        }
        if name == "PA" {
            try advance()
            let page = try expectName("a variable")
            try expect(.closing, "after the variable")
            return .frame(page)
        }
        if let fault = Self.fault(in: source, ofForm: name, at: range, paging) { throw fault }
        throw source.diagnostic(
            "`\(name)(...)` names nothing in memory", at: range,
            remedy: "memory is named `x`, `PTE(x)` (the page-table entry of x) or `PA(x)` (its frame)")
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
        guard let (level, page, _) = name.entry else {
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
        if level == .pte ? field == "table" : field == "oa" || field == "table" {
            let table = "\(level.below?.tableSpelling ?? "PT")(\(page))"
            throw source.diagnostic(
                "`\(field)` is not compared as a field", at: fieldRange,
                remedy: level == .pte
                    ? "write `[PTE(\(page))].oa=PA(\(page))`; an entry of a leaf points to no table"
                    : "write `[\(LitmusWriter.text(of: name))]=(table:\(table))`"
                        + (level.rawValue > 3 ? "" : " or `=(oa:PA(\(page)), ps:1)`"))
        }
        if field != "oa" { _ = entryField(field, at: fieldRange, isUpper: level != .pte) }
        return .field(name, field)
    }
}
