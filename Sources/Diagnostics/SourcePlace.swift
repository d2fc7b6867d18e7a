/// A place in a source text, both counted from 1.
public struct SourcePlace: Hashable, Sendable {
    /// Line, from 1.
    public var line: Int
    /// Column, from 1, in characters.
    public var column: Int

    /// Makes a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension SourcePlace: Comparable {
    /// Reading order.
    public static func < (first: SourcePlace, second: SourcePlace) -> Bool {
        (first.line, first.column) < (second.line, second.column)
    }
}

/// A part of one line of a source text.
public struct SourceSpan: Hashable, Sendable {
    /// Where it begins.
    public var place: SourcePlace
    /// How many characters it has, at least 1.
    public var length: Int

    /// Makes a part of a line.
    public init(_ place: SourcePlace, length: Int = 1) {
        self.place = place
        self.length = max(1, length)
    }
}
