import Diagnostics
import X86

extension LitmusTest {
    /// Throws where a hole has no instructions: what is explored or printed as a test has none.
    package func checkFilled(file: String?) throws(Diagnostic) {
        let unfilled = holes.map { hole in
            Diagnostic(
                file: file, span: hole.span, message: "the hole `\(hole.name)` has no instructions yet",
                remedy: "`ptero synth \(file ?? "FILE")` looks for them; or write instructions in its place")
        }
        if let joined = Diagnostic(joining: unfilled) { throw joined }
    }

    /// The test with instructions in place of each hole of a name.
    ///
    /// `lines` are in AT&T's syntax, each an instruction or a label (`L:`). A label must not be one of a column's own; in
    /// further holes of one column the labels get numbers (`L_2`). When no hole is left, `starts` and `ensures` go as well:
    /// the test is an ordinary one. What is wrong with a line is told at the hole.
    public func filled(_ hole: String, with lines: [String]) throws(Diagnostic) -> LitmusTest {
        guard holes.contains(where: { $0.name == hole }) else {
            throw Diagnostic(
                withoutPlace: "the test \(name) has no hole `\(hole)`", file: places.file,
                remedy: holes.isEmpty
                    ? "write `??\(hole) {in rdi; scratch rax}` into a cell"
                    : NearName.remedy(for: hole, among: holes.map { $0.name }))
        }
        var test = self
        for column in test.threads.indices {
            try test.fill(column, hole, with: lines)
        }
        test.holes.removeAll { $0.name == hole }
        if test.holes.isEmpty {
            test.starts = nil
            test.ensures = []
        }
        return test
    }

    /// Fills the holes of one column; the positions of the others are moved.
    private mutating func fill(_ column: Int, _ hole: String, with lines: [String]) throws(Diagnostic) {
        let own = holes.indices.filter { holes[$0].processor == threads[column].processor }
        var count = 0
        var copies = 0
        // The labels after the last instruction that was put in, and where that is: a hole there comes after them.
        var ends: (labels: [String], index: Int) = ([], -1)
        for number in own {
            holes[number].position += count
            if holes[number].position == ends.index { holes[number].labels += ends.labels }
            guard holes[number].name == hole else { continue }
            copies += 1
            let place = holes[number].span?.place ?? threads[column].place
            let part = try Self.part(
                lines, of: holes[number], copies, at: place, besides: threads[column].program.labels)
            threads[column].program.insert(part, at: holes[number].position, staying: holes[number].labels)
            count += part.instructions.count
            let last = part.labels.filter { $0.value == part.instructions.count }.keys.sorted()
            let isMoved = !part.instructions.isEmpty || ends.index != holes[number].position
            ends = (isMoved ? last : ends.labels + last, holes[number].position + part.instructions.count)
        }
        // A label that named a hole before names its first instruction now.
        let labels = threads[column].program.labels
        for number in own {
            let position = holes[number].position
            holes[number].labels.removeAll { labels[$0] != position }
        }
    }

    /// The instructions for one hole, its labels unlike those that the column has.
    private static func part(
        _ lines: [String], of hole: Hole, _ copy: Int, at place: SourcePlace, besides labels: [String: Int]
    ) throws(Diagnostic) -> Program {
        let part = try parsed(lines, at: place)
        if let number = part.labels.keys.filter({ $0.utf8.first?.isDigit == true }).min() {
            throw Diagnostic(
                "the label `\(number.prefix { $0 != "#" })` in the hole `\(hole.name)` is a number", at: place,
                remedy: "give it a name that begins with a letter")
        }
        let taken = part.labels.keys.filter { labels[$0] != nil }.sorted()
        guard let clash = taken.first else { return part }
        guard copy > 1 else {
            throw Diagnostic(
                "the label `\(clash)` in the hole `\(hole.name)` is also a label of P\(hole.processor)", at: place,
                remedy: "rename it")
        }
        var names: [String: String] = [:]
        for label in part.labels.keys {
            let name = (copy...copy + labels.count).lazy.map { "\(label)_\($0)" }.first { labels[$0] == nil }
            names[label] = name ?? label
        }
        return try parsed(lines.map { renamed($0, names) }, at: place)
    }

    /// Reads lines; of instructions and faults in them the place is the hole's, since they stand in no text.
    private static func parsed(_ lines: [String], at place: SourcePlace) throws(Diagnostic) -> Program {
        do throws(Diagnostic) {
            var assembly = AssemblyParser()
            for line in lines { try assembly.parse(line: line, at: place) }
            var program = try assembly.finish()
            for index in program.instructions.indices { program.instructions[index].place = place }
            return program
        } catch {
            throw Diagnostic(error.message, at: place, remedy: error.remedy)
        }
    }

    /// A line in which labels have other names.
    private static func renamed(_ line: String, _ names: [String: String]) -> String {
        let bytes = Array(line.utf8)
        var text = ""
        var start = 0
        while start < bytes.count {
            let isWord = bytes[start].continuesName
            let end = bytes[start...].firstIndex { $0.continuesName != isWord } ?? bytes.count
            let word = bytes.text(start..<end)
            // A variable or a register may be called like the label.
            let isOperand =
                start > 0 && [UInt8(ascii: "("), UInt8(ascii: "%"), UInt8(ascii: "$")].contains(bytes[start - 1])
            text += isOperand ? word : names[word] ?? word
            start = end
        }
        return text
    }
}
