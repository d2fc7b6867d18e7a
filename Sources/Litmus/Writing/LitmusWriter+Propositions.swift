extension LitmusWriter {
    /// A proposition with the parentheses it needs and no more.
    public static func text(of proposition: Proposition) -> String { text(of: proposition, numbers: .readable) }

    static func text(of proposition: Proposition, numbers: NumberStyle) -> String {
        text(of: proposition, within: .disjunction, numbers)
    }

    /// How tightly a surrounding phrase binds, loosest first.
    private enum Binding: Int {
        case disjunction
        case conjunction
        case negation
    }

    private static func text(
        of proposition: Proposition, within surrounding: Binding, _ numbers: NumberStyle
    ) -> String {
        switch proposition.kind {
        case .constant(let value): return value ? "true" : "false"
        case .not(let inner): return "~(\(text(of: inner, numbers: numbers)))"
        case .and(let parts):
            return joined(parts, by: " /\\ ", empty: "true", as: .conjunction, within: surrounding, numbers)
        case .or(let parts):
            return joined(parts, by: " \\/ ", empty: "false", as: .disjunction, within: surrounding, numbers)
        case .equal(let location, let value): return "\(text(of: location))=\(text(of: value, numbers: numbers))"
        case .identical(let location, let value): return "\(text(of: location))==\(text(of: value, numbers: numbers))"
        case .same(let location, let other): return "\(text(of: location))=\(side(other))"
        case .property(let property, let page): return "\(property.name)(\(page))"
        case .tableProperty(let property, let table): return "\(property.name)(\(table.text))"
        case .stuck(let processor): return "\(ThreadProperty.stuck.name)(P\(processor))"
        case .wild(let processor): return "\(ThreadProperty.wild.name)(P\(processor))"
        case .fault(let processor, let label, let page):
            let subject = "P\(processor)\(label.map { ":" + $0 } ?? "")\(page.map { "," + $0 } ?? "")"
            return "\(ThreadProperty.fault.name)(\(subject))"
        }
    }

    private static func joined(
        _ parts: [Proposition], by sign: String, empty: String, as own: Binding, within surrounding: Binding,
        _ numbers: NumberStyle
    ) -> String {
        if parts.isEmpty { return empty }
        if parts.count == 1 { return text(of: parts[0], within: surrounding, numbers) }
        // A part of the same kind keeps its parentheses, so that the tree is read back as it was.
        let inner = Binding(rawValue: own.rawValue + 1) ?? .negation
        let text = parts.map { self.text(of: $0, within: inner, numbers) }.joined(separator: sign)
        return own.rawValue < surrounding.rawValue ? "(\(text))" : text
    }

    /// The right side of an equality of locations: an array's element without brackets would be read as an address.
    private static func side(_ location: Location) -> String {
        guard case .memory(.variable(let name), let index) = location.kind, index != 0 else {
            return text(of: location)
        }
        return "[\(name)[\(index)]]"
    }
}
