import Diagnostics
import X86

/// Finds the exported functions of a Swift test; all other Swift is the compiler's business.
struct SwiftFunctionParser {
    private let source: SourceText
    private let start: Int

    init(_ source: SourceText, from start: Int) {
        self.source = source
        self.start = start
    }

    /// The functions, which must be numbered without gaps.
    func functions() throws(Diagnostic) -> [SwiftFunction] {
        var found: [SwiftFunction] = []
        var scanner = SwiftScanner(source, from: start)
        while let piece = try scanner.next() {
            guard case .sign(UInt8(ascii: "@"), _) = piece, let (processor, range) = try exported(&scanner) else {
                continue
            }
            if let earlier = found.first(where: { $0.processor == processor }) {
                throw source.diagnostic(
                    "P\(processor) is exported twice", at: range,
                    remedy: "the first is in line \(earlier.place.line)")
            }
            found.append(
                SwiftFunction(
                    processor: processor, parameters: try parameters(of: processor, at: range, &scanner),
                    place: source.place(of: range.lowerBound)))
        }
        return try found.numbered(
            in: source,
            orElse: source.diagnostic(
                "the test exports no function P0", at: start..<start + 1,
                remedy: "export the threads: @_cdecl(\"P0\") func writer(x: UnsafeMutablePointer<Int32>) { ... }"))
    }

    /// The processor that an attribute after its `@` names: `_cdecl("P0")`, `c(P0)`; moves past the attribute.
    private func exported(_ scanner: inout SwiftScanner) throws(Diagnostic) -> (processor: Int, range: Range<Int>)? {
        guard case .word(let attribute)? = try scanner.next() else { return nil }
        let name = source.bytes.text(attribute)
        guard name == "_cdecl" || name == "c" else { return nil }
        var ahead = scanner
        guard case .sign(UInt8(ascii: "("), _)? = try ahead.next() else { return nil }
        let range: Range<Int>
        switch try ahead.next() {
        case .literal(let literal)?:
            range = literal.lowerBound + 1..<max(literal.lowerBound + 1, literal.upperBound - 1)
        case .word(let word)?: range = word
        default: return nil
        }
        let word = source.bytes.text(range)
        guard word.first == "P", word.utf8.count > 1, word.utf8.dropFirst().allSatisfy({ $0.isDigit }),
            let number = Int(word.dropFirst()), number < Grammar.mostProcessors
        else { return nil }
        scanner = ahead
        return (number, range)
    }

    // MARK: Parameters

    private func parameters(
        of processor: Int, at name: Range<Int>, _ scanner: inout SwiftScanner
    ) throws(Diagnostic) -> [CFunction.Parameter] {
        while let piece = try scanner.next() {
            guard case .word(let range) = piece, source.bytes.text(range) == "func" else { continue }
            while let piece = try scanner.next() {
                guard case .sign(UInt8(ascii: "("), let opening) = piece else { continue }
                return try list(opening, &scanner)
            }
        }
        throw source.diagnostic(
            "no function follows the export of P\(processor)", at: name, remedy: "write it right before `func`")
    }

    private func list(_ opening: Int, _ scanner: inout SwiftScanner) throws(Diagnostic) -> [CFunction.Parameter] {
        var parameters: [CFunction.Parameter] = []
        var begin = opening + 1
        var depth = 1
        while let piece = try scanner.next() {
            guard case .sign(let sign, let place) = piece else { continue }
            if SwiftScanner.opens(sign) { depth += 1 }
            if SwiftScanner.closes(sign) { depth -= 1 }
            guard depth == 0 || (depth == 1 && sign == UInt8(ascii: ",")) else { continue }
            let whole = source.bytes.trimmed(begin..<place)
            if !whole.isEmpty { parameters.append(try parameter(whole)) }
            begin = place + 1
            guard depth == 0 else { continue }
            guard parameters.count <= 6 else {
                throw source.diagnostic(
                    "a function has at most six parameters here", at: opening..<place + 1,
                    remedy: "spread the variables over several threads, or use an array")
            }
            return parameters
        }
        throw source.diagnostic("this bracket is not closed", at: opening..<opening + 1, remedy: "close it")
    }

    /// `name: Type`, `_ name: Type` or `label name: Type`.
    private func parameter(_ range: Range<Int>) throws(Diagnostic) -> CFunction.Parameter {
        let bytes = source.bytes
        guard let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")) else {
            throw source.diagnostic(
                "this parameter has no type", at: range, remedy: "write `x: UnsafeMutablePointer<Int32>`")
        }
        let names = bytes[range.lowerBound..<colon].split(omittingEmptySubsequences: true) { $0.isBlank }
        let name = names.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard name.isVariableName, name != "_" else {
            throw source.diagnostic(
                "this parameter has no name", at: range, remedy: "name a variable: `x: UnsafeMutablePointer<Int32>`")
        }
        let written = bytes.text(bytes.trimmed(colon + 1..<range.upperBound))
        guard Self.types[written] == nil else {
            throw source.diagnostic(
                "the parameter `\(bytes.text(range))` is not a pointer", at: range,
                remedy: "parameters are addresses of variables: `\(name): UnsafeMutablePointer<Int32>`")
        }
        return CFunction.Parameter(
            name: CFunctionParser.meaning(of: name), spelling: name, type: Self.pointedType(of: written),
            place: source.place(of: range.lowerBound))
    }

    /// Whether a type's name says that it is a pointer, optional or not.
    private static func isPointer(_ type: String) -> Bool {
        type.indices.contains { type[$0...].hasPrefix("Pointer") }
    }

    /// The type that a pointer type points to, as the test language calls it; nil where it knows none.
    private static func pointedType(of type: String) -> String? {
        var type = type[...]
        while let last = type.last, last == "?" || last == "!" { type = type.dropLast() }
        for prefix in ["UnsafeMutablePointer<", "UnsafePointer<"] where type.hasPrefix(prefix) && type.hasSuffix(">") {
            let pointee = String(type.dropFirst(prefix.count).dropLast().filter { !$0.isWhitespace })
            return types[pointee] ?? (isPointer(pointee) ? "uint64_t" : nil)
        }
        return nil
    }

    /// Swift's integers as the test language calls them.
    private static let types: [String: String] = [
        "Int8": "int8_t", "UInt8": "uint8_t", "Bool": "uint8_t", "CChar": "int8_t", "Int16": "int16_t",
        "UInt16": "uint16_t", "Int32": "int", "CInt": "int", "UInt32": "uint32_t", "CUnsignedInt": "uint32_t",
        "Int64": "int64_t", "Int": "int64_t", "CLong": "int64_t", "UInt64": "uint64_t", "UInt": "uint64_t",
        "PageTableEntry": "uint64_t",
    ]
}
