import Diagnostics
import PageTable

extension Grammar {
    /// Reads a value: a number, the address of something, or an entry.
    mutating func value() throws(Diagnostic) -> Value {
        let start = token.range.lowerBound
        let kind = try valueKind()
        return Value(kind, span: span(from: start))
    }

    private mutating func valueKind() throws(Diagnostic) -> Value.Kind {
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
        if case .variable(let space) = name, stands(.colon), try following().kind == .name("user") {
            try advance()
            try advance()
            guard paging.hasUserRoots else {
                throw source.diagnostic(
                    "`\(space):user`, a root for user mode, is in tests with `PTI=on` only", at: start..<previousEnd,
                    remedy: "add that line, or write `\(space)`: an address space has one root")
            }
            return .variable(SpaceName.user(of: space))
        }
        guard !stands(.openingBracket) else {
            throw source.diagnostic(
                "the address of an array's element cannot be a value", at: start..<token.range.upperBound,
                remedy: "give the register the array's address and the instruction a displacement, such as `4(%rax)`")
        }
        return name
    }

    /// Reads `(oa:PA(x), rw:1, ...)`; a field that an entry does not have is noted and left out.
    mutating func entry() throws(Diagnostic) -> EntryLiteral {
        try advance()
        var literal = EntryLiteral()
        var pageSize: Range<Int>?
        repeat {
            let range = token.range
            let name = try expectName("the name of an entry's field")
            guard try accept(.colon) else {
                throw unexpected("`:` and the value of `\(name)`", remedy: "fields are written `rw:1`")
            }
            if name == "oa" {
                if literal.frame != nil || literal.frameOfTable != nil { log.note(repeated(name, at: range)) }
                (literal.frame, literal.frameOfTable) = try frame()
            } else if name == "table" {
                if literal.table != nil { log.note(repeated(name, at: range)) }
                literal.table = try tableName()
            } else if name == "attrs" {
                throw attributes(at: range)
            } else if let field = entryField(name, at: range, isUpper: nil) {
                if field == .pageSize { pageSize = range }
                if literal.fields.contains(where: { $0.name == name }) { log.note(repeated(name, at: range)) }
                literal.fields.append(EntryField(name: name, value: try fieldValue(field)))
            } else {
                try skipFieldValue()
            }
        } while try accept(.comma)
        try expect(.closing, "after the entry's fields")
        check(literal, pageSize: pageSize, at: previousEnd)
        return literal
    }

    /// Notes what an entry cannot be wherever it stands: both a table and a frame, or a large page that is none.
    private func check(_ literal: EntryLiteral, pageSize: Range<Int>?, at end: Int) {
        if let table = literal.table, literal.frame != nil || literal.frameOfTable != nil {
            let frame = literal.frame.map { "PA(\($0))" } ?? literal.frameOfTable?.text ?? ""
            log.note(
                source.diagnostic(
                    "the entry gives both `table` and `oa`", at: end - 1..<end,
                    remedy: "keep `table:\(table.text)` above the leaf, `oa:\(frame)` in a leaf"))
            return
        }
        guard let pageSize else { return }
        if literal.fields.contains(where: { $0.name == EntryFieldName.pat.spelling }) {
            log.note(
                source.diagnostic(
                    "the entry gives both `ps` and `pat`, which are one bit", at: pageSize,
                    remedy: "keep `ps` above the leaf, `pat` in a leaf"))
        } else if literal.isLarge {
            checkLarge(literal, at: pageSize)
        } else if literal.frame != nil || literal.frameOfTable != nil {
            log.note(pageSizeOfLeaf(at: pageSize))
        }
    }

    /// Notes what an entry with `ps:1` cannot map.
    private func checkLarge(_ literal: EntryLiteral, at range: Range<Int>) {
        if let table = literal.table {
            log.note(
                source.diagnostic(
                    "an entry with `ps:1` maps a large page and points to no table", at: range,
                    remedy: "write `(table:\(table.text))` without `ps`, or `(oa:PA(\(table.page)), ps:1)`"))
        } else if let table = literal.frameOfTable {
            log.note(
                source.diagnostic(
                    "`\(table.text)` is one frame of 4 KByte, not the base of a block that `ps:1` could map", at: range,
                    remedy: "map it by a leaf: write `(oa:\(table.text))` into a PTE"))
        }
    }

    /// Passes over the value of a field that is not known: a number, or something like `PA(x)`.
    private mutating func skipFieldValue() throws(Diagnostic) {
        if case .number = token.kind { return try advance() }
        _ = try memoryName()
    }

    /// Reads `PA(x)` or `PT(x)` after `oa:`.
    private mutating func frame() throws(Diagnostic) -> (page: String?, table: TableName?) {
        let range = token.range
        if case .name(let name) = token.kind, EntryLevel(tableSpelling: name) != nil,
            try following().kind == .sign(.opening)
        {
            return (nil, try tableName())
        }
        guard case .frame(let page) = try memoryName() else {
            throw source.diagnostic(
                "a frame is written `PA(x)`", at: range, remedy: "write `oa:PA(x)` for the frame of variable x")
        }
        return (page, nil)
    }

    mutating func fieldValue(_ field: EntryFieldName) throws(Diagnostic) -> UInt64 {
        guard case .number(let value) = token.kind else { throw unexpected("the value of `\(field.spelling)`") }
        if value > field.largestValue {
            log.note(
                source.diagnostic(
                    "`\(field.spelling)` has \(field.width == 1 ? "one bit" : "\(field.width) bits"), \(token.description) does not fit",
                    at: token.range, remedy: "give a value from 0 to \(field.largestValue)"))
        }
        try advance()
        return value
    }

    /// What people call the fields elsewhere: in herd7's Arm tests, in manuals, in Linux.
    private static let foreignNames: [String: String] = [
        "valid": "p", "present": "p", "v": "p", "w": "rw", "r": "rw", "write": "rw", "writable": "rw",
        "writeable": "rw",
        "wr": "rw", "dbm": "rw", "u": "us", "user": "us", "af": "a", "accessed": "a", "access": "a", "young": "a",
        "db": "d", "dirty": "d", "modified": "d", "global": "g", "xd": "nx", "exec": "nx", "execute": "nx",
        "softdirty": "soft", "soft_dirty": "soft", "saveddirty": "sd", "saved_dirty": "sd", "special": "sw1",
        "pk": "pkey",
        "pwc": "pcd", "uffd_wp": "uffd", "uffdwp": "uffd",
    ]

    /// The field that a name means; nil, with a note, when it means none.
    ///
    /// - Parameter isUpper: whether it is of an entry above the leaf; nil where that is not known yet.
    func entryField(_ name: String, at range: Range<Int>, isUpper: Bool? = false) -> EntryFieldName? {
        switch EntryFieldName(spelling: name) {
        case .pageSize? where isUpper == false:
            log.note(pageSizeOfLeaf(at: range))
            return nil
        case .pat? where isUpper == true:
            log.note(
                source.diagnostic(
                    "an entry above the leaf has no field `pat`", at: range, remedy: "its bit 7 is `ps`"))
            return nil
        case let field?: return field
        case nil: break
        }
        let known = EntryFieldName.allCases.filter { $0 != .pageSize }.map { $0.spelling } + ["oa"]
        let folded = name.lowercased()
        let remedy: String
        if let own = Self.foreignNames[folded] {
            remedy = "on x86 it is called `\(own)`"
        } else if ["frame", "pfn", "pa", "page", "addr"].contains(folded) {
            remedy = "the frame is `oa:PA(x)`"
        } else {
            remedy = NearName.remedy(for: name, among: known)
        }
        log.note(source.diagnostic("an entry has no field `\(name)`", at: range, remedy: remedy))
        return nil
    }

    private func repeated(_ name: String, at range: Range<Int>) -> Diagnostic {
        source.diagnostic("the entry gives `\(name)` twice", at: range, remedy: "keep one of them")
    }

    private func attributes(at range: Range<Int>) -> Diagnostic {
        source.diagnostic(
            "`attrs` is for Arm's memory types; an x86 entry has none", at: range,
            remedy: "the bits that choose the memory type are `pwt`, `pcd` and `pat`")
    }
}
