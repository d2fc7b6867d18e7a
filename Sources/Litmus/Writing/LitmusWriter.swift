import X86

/// Prints tests in the test language; ``LitmusParser`` reads what it prints as the same test, places aside.
public struct LitmusWriter {
    /// The text of a test, with a newline at the end.
    public static func text(of test: LitmusTest) -> String {
        var lines = ""
        lines.reserveCapacity(1024)
        func add(_ line: String) {
            lines += line
            lines += "\n"
        }
        add("X86_64 " + test.name.split(whereSeparator: { $0.isWhitespace }).joined(separator: "-"))
        if let description = test.description {
            add("\"" + description.map { $0 == "\"" ? "'" : String($0) }.joined() + "\"")
        }
        for header in test.headers {
            add(header.key + (header.condition.map { " " + $0 } ?? "") + "=" + header.value)
        }
        if let expectation = comment(on: test.expectation, of: test.conditionName) { add(expectation) }
        for further in test.furtherConditions {
            if let expectation = comment(on: further.expectation, of: further.name) { add(expectation) }
        }
        add("{")
        for assignment in test.initializations { add("  " + text(of: assignment) + ";") }
        add("}")
        program(of: test).forEach(add)
        if !test.locations.isEmpty {
            add("locations [" + test.locations.map { text(of: $0) + ";" }.joined(separator: " ") + "]")
        }
        if let filter = test.filter { add("filter (" + text(of: filter) + ")") }
        if let starts = test.starts { add(text(of: starts)) }
        if !test.ensures.isEmpty {
            add("ensures (" + test.ensures.map { text(of: $0) }.joined(separator: " /\\ ") + ")")
        }
        add(text(of: test.condition, named: test.conditionName))
        for further in test.furtherConditions { add(text(of: further.condition, named: further.name)) }
        return lines
    }

    /// A condition in a test's text: `exists lost: (...)`.
    private static func text(of condition: Condition, named name: String?) -> String {
        condition.quantifier.rawValue + (name.map { " \($0):" } ?? "") + " (\(text(of: condition.proposition)))"
    }

    /// `exists (...)`, as the output of a check repeats it.
    public static func text(of condition: Condition) -> String {
        "\(condition.quantifier.rawValue) (\(text(of: condition.proposition)))"
    }

    /// The same with numbers as herd7 prints them: decimal and signed, whatever their size.
    package static func herdText(of condition: Condition) -> String {
        "\(condition.quantifier.rawValue) (\(text(of: condition.proposition, numbers: .decimal)))"
    }

    /// How numbers are written.
    enum NumberStyle {
        /// Small ones decimal, large ones hexadecimal.
        case readable
        /// As herd7 prints them.
        case decimal
    }

    /// The comment that says which verdict is expected, of a condition with a name or of that without; nil for none.
    package static func comment(on expectation: Expectation, of condition: String? = nil) -> String? {
        let named = expectation.byProfile.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" }
        let words = (expectation.all.map { [$0.rawValue] } ?? []) + named
        return words.isEmpty ? nil : "(* Result\(condition.map { " " + $0 } ?? ""): \(words.joined(separator: " ")) *)"
    }

    private static func text(of assignment: Initialization) -> String {
        var text = assignment.type.map { $0 + " " } ?? ""
        if case .memory(.variable(let name), _) = assignment.location.kind {
            text += name
        } else {
            text += self.text(of: assignment.location)
        }
        guard assignment.values.count != 1 else {
            return text + assignment.values.map { "=" + self.text(of: $0) }.joined()
        }
        let values = assignment.values.map { self.text(of: $0) }
        return text + "[\(values.count)]={\(values.joined(separator: ", "))}"
    }

    /// A location as conditions and result lists show it: `0:rax`, `[x]`, `x[1]`, `[PTE(x)].d`.
    public static func text(of location: Location) -> String {
        switch location.kind {
        case .register(let processor, let operand): "\(processor):\(operand.name)"
        case .setting(let processor, let name): "\(processor):\(name)"
        case .memory(.variable(let name), let index) where index != 0: "\(name)[\(index)]"
        case .memory(.variable(let name), _) where name.contains(":"): name
        case .memory(let name, _): "[\(text(of: name))]"
        case .field(let name, let field): "[\(text(of: name))].\(field)"
        }
    }

    /// `x`, `PTE(x)`, `PMD(child:x)`, `PA(x)`.
    public static func text(of name: MemoryName) -> String {
        switch name {
        case .variable(let name): name
        case .leaf(let page, let space): "PTE(\(space.map { $0 + ":" } ?? "")\(page))"
        case .upperEntry(let level, let page, let space):
            "\(level.entrySpelling)(\(space.map { $0 + ":" } ?? "")\(page))"
        case .frame(let page): "PA(\(page))"
        }
    }

    /// A value as the test language writes it: small numbers decimal, large ones hexadecimal, entries by their fields.
    public static func text(of value: Value) -> String { text(of: value, numbers: .readable) }

    static func text(of value: Value, numbers: NumberStyle) -> String {
        switch value.kind {
        case .integer(let number):
            let signed = Int64(bitPattern: number)
            if numbers == .decimal { return "\(signed)" }
            // Numbers from -65536 on were surely meant as negative; other large patterns are read more easily in hexadecimal.
            if signed < 0 { return signed >= -65536 ? "\(signed)" : hexadecimal(number) }
            return number <= 0xffff_ffff ? "\(number)" : hexadecimal(number)
        case .address(let name): return text(of: name)
        case .entry(let entry):
            let frame =
                entry.frame.map { ["oa:PA(\($0))"] } ?? entry.frameOfTable.map { ["oa:\($0.text)"] } ?? []
            let table = entry.table.map { ["table:\($0.text)"] } ?? []
            return "(" + (frame + table + entry.fields.map { "\($0.name):\($0.value)" }).joined(separator: ", ") + ")"
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
