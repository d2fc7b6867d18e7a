/// The distinct final states of a verdict, told apart by what the question reads.
///
/// There can be hundreds of thousands, so they are rows of numbers and become text only when somebody looks. They are
/// in order of their values, first item first, so that two searches list them alike.
public struct FinalStates: Sendable, RandomAccessCollection, Equatable {
    private let printer: StatePrinter?
    private let width: Int
    private let rows: [UInt64]
    private let flags: [Bool]
    /// How many satisfy the proposition.
    public let positive: Int

    init() {
        printer = nil
        width = 0
        rows = []
        flags = []
        positive = 0
    }

    /// Takes over `flags.count` rows of `width` values.
    init(rows: [UInt64], width: Int, flags: [Bool], printer: StatePrinter) {
        self.printer = printer
        self.width = width
        self.rows = rows
        self.flags = flags
        positive = flags.count { $0 }
    }

    /// The first position.
    public var startIndex: Int { 0 }
    /// One past the last position.
    public var endIndex: Int { flags.count }

    /// A state as text.
    public subscript(_ position: Int) -> FinalState {
        let values = Array(rows[position * width..<(position + 1) * width])
        return FinalState(parts: printer?.parts(values) ?? [], isPositive: flags[position])
    }

    /// Whether two verdicts list the same states, whatever their text.
    public static func == (first: FinalStates, second: FinalStates) -> Bool {
        first.rows == second.rows && first.flags == second.flags
    }
}
