/// A JSON value that keeps the order of its members (RFC 8259).
package indirect enum JSONText: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number with a fixed count of decimals.
    case decimal(Double, decimals: Int)
    case string(String)
    case array([JSONText])
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Hashable {
        /// The name.
        package var name: String
        /// The value.
        package var value: JSONText

        /// Makes a member.
        package init(_ name: String, _ value: JSONText) {
            self.name = name
            self.value = value
        }
    }

    /// A string, or null.
    package static func optional(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }

    /// The value on one line.
    package var text: String {
        var text = ""
        text.reserveCapacity(1024)
        write(to: &text)
        return text
    }

    /// The value on several lines: what is longer than a line of text has a line for each member.
    package func indented(_ indent: String = "") -> String {
        let line = self.text
        guard indent.utf8.count + line.utf8.count > Self.mostColumns else { return line }
        let inner = indent + "  "
        switch self {
        case .array(let values) where !values.isEmpty:
            return "[\n" + values.map { inner + $0.indented(inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { inner + JSONText.string($0.name).text + ": " + $0.value.indented(inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .null, .bool, .integer, .decimal, .string, .array, .object: return line
        }
    }

    private static let mostColumns = 112

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .decimal(let value, let decimals):
            // JSON has no word for what is not a number.
            let number = Figures.fixed(value, decimals: decimals)
            text += number == "-" ? "null" : number
        case .string(let value): Self.quote(value, to: &text)
        case .array(let values):
            text += "["
            for (position, value) in values.enumerated() {
                if position > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (position, member) in members.enumerated() {
                if position > 0 { text += ", " }
                Self.quote(member.name, to: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += string
        } else {
            for scalar in string.unicodeScalars { write(scalar, to: &text) }
        }
        text += "\""
    }

    private static func write(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\t": text += "\\t"
        default:
            // Beyond what JSON asks for, U+007F to U+009F, which would write to a terminal, and the line separators.
            let isPlain = scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value)
            if isPlain && scalar.value != 0x2028 && scalar.value != 0x2029 {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }
}
