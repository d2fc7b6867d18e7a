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
