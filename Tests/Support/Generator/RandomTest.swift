/// A litmus test in pieces, so that it can be made at random and taken apart again.
///
/// Only ``text`` is given to the parser: the tests exercise it too.
public struct RandomTest: Sendable, Hashable {
    /// The name on the first line.
    public var name: String
    /// `Key=Value` lines.
    public var headers: [String] = []
    /// Assignments of the initial state, without semicolon.
    public var assignments: [String] = []
    /// The instructions of each column.
    public var columns: [[String]] = []
    /// The instructions of the fault handlers, by CPU.
    public var handlers: [Int: [String]] = [:]
    /// The instructions of the handlers of interrupts, by CPU.
    public var interrupts: [Int: [String]] = [:]
    /// What final states show besides the condition.
    public var locations: [String] = []
    /// `exists`, `~exists` or `forall`.
    public var quantifier = "exists"
    /// The condition's parts.
    public var atoms: [String] = []
    /// Whether all parts have to hold, or one.
    public var isConjunction = true
    /// The `filter` clause, if there is one.
    public var filter: String?

    /// An empty test.
    public init(name: String) { self.name = name }

    /// The number of CPUs.
    public var cpuCount: Int { columns.count }

    /// The condition's proposition.
    public var proposition: String {
        atoms.isEmpty ? "true" : atoms.joined(separator: isConjunction ? " /\\ " : " \\/ ")
    }

    /// The test as a file.
    public var text: String {
        var lines = ["X86_64 \(name)"] + headers + ["{"] + assignments.map { "  \($0);" } + ["}"]
        var heads = columns.indices.map { "P\($0)" }
        var cells = columns
        for (cpu, code) in handlers.sorted(by: { $0.key < $1.key }) {
            heads.append("P\(cpu).F")
            cells.append(code)
        }
        for (cpu, code) in interrupts.sorted(by: { $0.key < $1.key }) {
            heads.append("P\(cpu).I")
            cells.append(code)
        }
        let height = max(1, cells.map(\.count).max() ?? 0)
        let rows = [heads] + (0..<height).map { row in cells.map { row < $0.count ? $0[row] : "" } }
        for row in rows { lines.append(" " + row.joined(separator: " | ") + " ;") }
        if !locations.isEmpty { lines.append("locations [" + locations.map { "\($0);" }.joined(separator: " ") + "]") }
        if let filter { lines.append("filter (\(filter))") }
        lines.append("\(quantifier) (\(proposition))")
        return lines.joined(separator: "\n") + "\n"
    }
}
