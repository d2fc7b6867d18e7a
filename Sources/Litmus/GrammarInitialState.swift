import X86

extension Grammar {
    /// Reads `{ ... }`; the closing brace stays the current token, so that its range tells where the program begins.
    mutating func initialState() throws(Diagnostic) -> [Initialization] {
        try expect(.openingBrace, "before the initial state")
        var assignments: [Initialization] = []
        while !stands(.closingBrace) {
            if try accept(.semicolon) { continue }
            guard assignments.count < Self.mostPhrases else {
                throw source.diagnostic(
                    "an initial state has at most \(Self.mostPhrases) assignments", at: token.range)
            }
            assignments.append(try assignment())
            guard !stands(.closingBrace) else { break }
            try expect(
                .semicolon, "after the assignment", remedy: "assignments end in `;`, the initial state in `}`")
        }
        return assignments
    }

    private mutating func assignment() throws(Diagnostic) -> Initialization {
        let start = token.range.lowerBound
        let type = try typeInFront()
        let locationStart = token.range.lowerBound
        let location = try location(in: .initialState)
        let locationRange = locationStart..<previousEnd
        // `x[2]` was read as an element; in an initial state the number is the array's size.
        let size = isArray(locationRange) ? try arraySize(location, at: locationRange) : nil
        if size == nil, case .memory(_, let index) = location, index > 0 {
            throw source.diagnostic(
                "single elements cannot be set", at: locationRange, remedy: "write `x[2] = {1, 2};` for the whole array"
            )
        }
        var values = [Value](repeating: .integer(0), count: size ?? 1)
        if stands(.identical) { throw unexpected("`=`", remedy: "an initial state assigns with `=`") }
        if try accept(.equal) {
            values = try self.values(size: size, at: locationRange)
        } else if case .setting(_, let name) = location {
            throw source.diagnostic(
                "`\(name)` is given no value", at: locationRange, remedy: ProcessorSetting(rawValue: name)?.remedy)
        }
        var assigned = location
        if case .memory(let name, _) = location { assigned = .memory(name, index: 0) }
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
                throw source.diagnostic("this is no type", at: start..<token.range.upperBound)
            }
            try advance()
        }
        guard !words.isEmpty else { return nil }
        let type = words.joined(separator: " ")
        guard ValueTypes.byteCount(of: type) != nil else {
            throw source.diagnostic(
                "there is no type `\(type)`", at: start..<previousEnd,
                remedy: NearName.of(type, among: ValueTypes.byteCounts.keys.sorted()).map { "did you mean `\($0)`?" }
                    ?? "known are C's integer types, `uint8_t` to `uint64_t`, `pteval_t`, `pte_t`, and pointers")
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
        guard case .memory(_, let size) = location, size > 0 else {
            throw source.diagnostic("an array has at least one element", at: range)
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
        guard case .setting(_, let name) = location, let setting = ProcessorSetting(rawValue: name) else { return }
        let isTaken =
            switch values.first {
            case .integer(let number): setting.values.contains(number)
            case .address(.variable): setting == .addressSpace
            default: false
            }
        guard isTaken else {
            throw source.diagnostic("`\(name)` does not take this value", at: range, remedy: setting.remedy)
        }
    }
}
