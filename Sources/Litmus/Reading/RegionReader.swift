import Diagnostics

/// Reads `Region=x y | z || w`: regions are separated by `|`, ranges by `||`.
struct RegionReader {
    /// How many pages a region may have, regions a range, and ranges a test: as many as a table has entries.
    static let mostEntries = 512

    private let header: Header
    private let value: [Unicode.Scalar]
    private var ranges: [[[String]]] = [[[]]]
    /// Where each name stands, in the order of the text.
    private var places: [(name: String, range: Range<Int>)] = []
    private var known: Set<String> = []

    /// The layout that a line of the head gives.
    static func regions(of header: Header) throws(Diagnostic) -> Regions {
        var reader = RegionReader(header)
        try reader.read()
        return Regions(ranges: reader.ranges)
    }

    /// Where a name stands in the line.
    static func span(of name: String, in header: Header) -> SourceSpan {
        var reader = RegionReader(header)
        try? reader.read()
        return reader.places.first { $0.name == name }.map { reader.span($0.range) } ?? header.span
    }

    private init(_ header: Header) {
        self.header = header
        value = Array(header.value.unicodeScalars)
    }

    private mutating func read() throws(Diagnostic) {
        var position = 0
        while position < value.count {
            let start = position
            if Self.separates(value[position]) {
                position += 1
            } else if value[position] == "|" {
                while position < value.count, value[position] == "|" { position += 1 }
                try close(start..<position)
            } else {
                while position < value.count, !Self.separates(value[position]), value[position] != "|" { position += 1 }
                try take(start..<position)
            }
        }
        guard !places.isEmpty else { throw fault("`Region=` names no variable", 0..<value.count) }
        if ranges.last?.last?.isEmpty ?? true { throw emptyRegion(value.count - 1..<value.count) }
    }

    private static func separates(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == ","
    }

    /// Takes a name into the current region.
    private mutating func take(_ range: Range<Int>) throws(Diagnostic) {
        let name = value[range].reduce(into: "") { $0.unicodeScalars.append($1) }
        guard name.isVariableName else { throw fault("`\(name)` is not a variable", range) }
        guard known.insert(name).inserted else { throw fault("`\(name)` is named twice", range, remedy: "keep one") }
        let (last, region) = (ranges.count - 1, ranges[ranges.count - 1].count - 1)
        guard ranges[last][region].count < Self.mostEntries else {
            throw fault("a region has at most \(Self.mostEntries) pages", range, remedy: "begin another with `|`")
        }
        ranges[last][region].append(name)
        places.append((name, range))
    }

    /// Ends the current region, and with `||` the current range.
    private mutating func close(_ bars: Range<Int>) throws(Diagnostic) {
        guard bars.count <= 2 else {
            throw fault("`\(String(repeating: "|", count: min(bars.count, 8)))` separates nothing", bars)
        }
        if ranges.last?.last?.isEmpty ?? true { throw emptyRegion(bars) }
        if bars.count == 2 {
            guard ranges.count < Self.mostEntries else {
                throw fault("a test has at most \(Self.mostEntries) ranges", bars, remedy: "use fewer")
            }
            ranges.append([[]])
        } else {
            guard ranges[ranges.count - 1].count < Self.mostEntries else {
                throw fault("a range has at most \(Self.mostEntries) regions", bars, remedy: "begin another with `||`")
            }
            ranges[ranges.count - 1].append([])
        }
    }

    private func emptyRegion(_ range: Range<Int>) -> Diagnostic { fault("a region is empty", range) }

    private func span(_ range: Range<Int>) -> SourceSpan {
        let place = SourcePlace(line: header.valuePlace.line, column: header.valuePlace.column + range.lowerBound)
        return range.isEmpty ? header.span : SourceSpan(place, length: range.count)
    }

    private func fault(_ message: String, _ range: Range<Int>, remedy: String? = nil) -> Diagnostic {
        Diagnostic(
            file: nil, span: span(range), message: message,
            remedy: remedy ?? "write `Region=\(HeaderKey.region.example)`: `|` separates regions, `||` ranges")
    }
}
