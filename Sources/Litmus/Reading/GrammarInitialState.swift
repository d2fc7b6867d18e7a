import Diagnostics
import X86

extension Grammar {
    /// Reads `{ ... }`; what is read next is the program, which begins at ``stateEnd``.
    ///
    /// An assignment that cannot be understood is noted and left out.
    mutating func initialState() throws(Diagnostic) -> [Initialization] {
        try expect(.openingBrace, "before the initial state")
        var assignments: [Initialization] = []
        while true {
            let start = token.range.lowerBound
            do throws(Diagnostic) {
                while try accept(.semicolon) {}
                if stands(.closingBrace) { break }
                if let end = endBeforeColumns() {
                    stateEnd = end
                    return assignments
                }
                guard token.kind != .end else { throw unclosedState() }
                guard assignments.count < Self.mostPhrases else {
                    throw source.diagnostic(
                        "an initial state has at most \(Self.mostPhrases) assignments", at: token.range)
                }
                assignments.append(try assignment())
                guard !stands(.closingBrace), try !accept(.semicolon) else { continue }
                // Where only the sign is missing the next assignment follows.
                log.note(
                    missing("`;` after the assignment", remedy: "assignments end in `;`, the initial state in `}`"))
                guard token.kind != .end, isAfterLineEnd else {
                    try skipAssignment(from: start)
                    continue
                }
            } catch {
                if token.kind == .end { throw unclosedState() }
                if assignments.count >= Self.mostPhrases || log.isFull { throw error }
                log.note(error)
                try skipAssignment(from: start)
            }
        }
        stateEnd = token.range.upperBound
        return assignments
    }

    /// Goes to the `;` or `}` that ends the assignment that begins here.
    private mutating func skipAssignment(from start: Int) throws(Diagnostic) {
        var depth = 0
        let first = lexer.bytes[start...].firstIndex { !$0.isBlank && $0 != UInt8(ascii: ";") } ?? lexer.bytes.count
        for offset in first..<lexer.bytes.count {
            switch lexer.bytes[offset] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}") where depth > 0: depth -= 1
            // A `}` that closes nothing within the assignment ends the initial state.
            case UInt8(ascii: "}"): return try resume(at: offset)
            case UInt8(ascii: ";") where depth == 0: return try resume(at: offset)
            default: break
            }
        }
        throw unclosedState()
    }

    private func unclosedState() -> Diagnostic {
        let last = lexer.bytes.trimmed(0..<lexer.bytes.count)
        return source.diagnostic(
            "the initial state does not end", at: max(0, last.upperBound - 1)..<max(1, last.upperBound),
            remedy: "close it with `}`; the columns come after it")
    }

    /// Where the initial state ends when the row of heads `P0 | P1` stands here, before any `}`; notes that.
    private func endBeforeColumns() -> Int? {
        guard case .name(let name) = token.kind, name.first == "P", name.utf8.count > 1,
            name.utf8.dropFirst().allSatisfy({ $0.isDigit })
        else { return nil }
        let bytes = lexer.bytes
        let next = bytes[token.range.upperBound...].firstIndex { !$0.isBlank }
        guard let next, bytes[next] == UInt8(ascii: "|") else { return nil }
        let end = max(1, bytes.trimmed(0..<token.range.lowerBound).upperBound)
        log.note(
            source.diagnostic(
                "the initial state does not end before the columns", at: end - 1..<end, remedy: "write `}` here"))
        return end
    }

    private mutating func assignment() throws(Diagnostic) -> Initialization {
        let start = token.range.lowerBound
        let type = try typeInFront()
        let locationStart = token.range.lowerBound
        let location = try location(in: .initialState)
        let locationRange = locationStart..<previousEnd
        // `x[2]` was read as an element; in an initial state the number is the array's size.
        let size = isArray(locationRange) ? try arraySize(location, at: locationRange) : nil
        if size == nil, case .memory(_, let index) = location.kind, index > 0 {
            throw source.diagnostic(
                "single elements cannot be set", at: locationRange, remedy: "write `x[2] = {1, 2};` for the whole array"
            )
        }
        var values = [Value](repeating: .integer(0), count: size ?? 1)
        if stands(.identical) { throw unexpected("`=`", remedy: "an initial state assigns with `=`") }
        if try accept(.equal) {
            let valueStart = token.range.lowerBound
            values = try self.values(size: size, at: locationRange)
            if case .entry(let literal)? = values.first?.kind, case .memory(let name, _) = location.kind {
                check(literal, in: name, at: valueStart..<previousEnd)
            }
        } else if case .setting(_, let name) = location.kind {
            throw source.diagnostic(
                "`\(name)` is given no value", at: locationRange, remedy: ProcessorSetting(rawValue: name)?.remedy)
        }
        var assigned = location
        if case .memory(let name, _) = location.kind { assigned.kind = .memory(name, index: 0) }
        try check(values, for: assigned, at: locationStart..<previousEnd)
        mentions.assignments.append(start..<previousEnd)
        return Initialization(
            location: assigned, values: values, type: type, place: source.place(of: start))
    }

    /// Reads the words of a type, as far as they are followed by what is assigned to.
    private mutating func typeInFront() throws(Diagnostic) -> String? {
        var words: [String] = []
        let start = token.range.lowerBound
        while true {
            if stands(.star) {
                words.append("*")
            } else if case .name(let name) = token.kind, try isTypeWord(name) {
                words.append(name)
            } else {
                break
            }
            guard words.count <= 8 else {
                throw source.diagnostic(
                    "this is not a type", at: start..<token.range.upperBound,
                    remedy: "a type is written as in C: `int`, `uint64_t`, `unsigned long`")
            }
            try advance()
        }
        guard !words.isEmpty else { return nil }
        let type = words.joined(separator: " ")
        guard ValueTypes.byteCount(of: type) != nil else {
            throw source.diagnostic(
                "there is no type `\(type)`", at: start..<previousEnd,
                remedy: NearName.of(type, among: ValueTypes.byteCounts.keys.sorted()).map { "did you mean `\($0)`?" }
                    ?? "known: C's integer types, `uint8_t` to `uint64_t`, `pteval_t`, `pte_t`, and pointers")
        }
        return type
    }

    /// Whether a name at the beginning of an assignment belongs to the type: what follows tells.
    private func isTypeWord(_ name: String) throws(Diagnostic) -> Bool {
        switch try following().kind {
        case .name, .number, .sign(.star): true
        case .sign(.openingBracket): ValueTypes.words.contains(name)
        default: false
        }
    }

    private func isArray(_ range: Range<Int>) -> Bool {
        lexer.bytes[range].first != UInt8(ascii: "[") && lexer.bytes[range].last == UInt8(ascii: "]")
    }

    private func arraySize(_ location: Location, at range: Range<Int>) throws(Diagnostic) -> Int {
        guard case .memory(_, let size) = location.kind, size > 0 else {
            throw source.diagnostic(
                "an array has at least one element", at: range, remedy: "write its size: `x[2] = {1, 2};`")
        }
        return size
    }

    private mutating func values(size: Int?, at range: Range<Int>) throws(Diagnostic) -> [Value] {
        guard try accept(.openingBrace) else {
            guard size == nil else {
                throw source.diagnostic(
                    "an array takes its values in braces", at: range,
                    remedy: "write `x[2] = {1, 2};`: the number is the array's size, single elements cannot be set")
            }
            return [try value()]
        }
        var values: [Value] = []
        repeat {
            guard values.count < Int(Self.mostElements) else {
                throw source.diagnostic("an array has at most \(Self.mostElements) elements", at: token.range)
            }
            values.append(try value())
        } while try accept(.comma)
        try expect(.closingBrace, "after the values")
        guard let size else {
            throw source.diagnostic(
                "several values need an array", at: range, remedy: "write `x[\(values.count)] = {...};`")
        }
        guard values.count == size else {
            throw source.diagnostic(
                "the array has \(size) elements and \(values.count) values", at: range,
                remedy: "give each element a value")
        }
        return values
    }

    /// Checks that a setting takes its value.
    private func check(_ values: [Value], for location: Location, at range: Range<Int>) throws(Diagnostic) {
        guard case .setting(_, let name) = location.kind, let setting = ProcessorSetting(rawValue: name) else { return }
        let isTaken =
            switch values.first?.kind {
            case .integer(let number): setting.values.contains(number)
            case .address(.variable): setting == .addressSpace
            default: false
            }
        guard isTaken else {
            throw source.diagnostic("`\(name)` does not take this value", at: range, remedy: setting.remedy)
        }
    }
}
