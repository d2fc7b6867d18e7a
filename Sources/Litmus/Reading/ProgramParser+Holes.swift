import Diagnostics
import X86

/// A hole as it was read.
struct FoundHole {
    var hole: Hole
    /// Where `??NAME` stands.
    var range: Range<Int>
    /// Whether braces follow.
    var hasContract: Bool
}

extension ProgramParser {
    /// How many holes a test may have; each is asked for what stands before it.
    static let mostHoles = 64

    /// Takes the braces after the `??` that stands here out of the text, so that `;` and `|` in them end nothing.
    ///
    /// False, with a note, when they are not closed: nobody knows then where the cell ends, and the rest of the line is left
    /// out.
    mutating func takeBraces() -> Bool {
        let mark = offset
        var start = mark + 2
        while start < bytes.count, bytes[start].continuesName { start += 1 }
        while start < bytes.count, bytes[start].isBlank { start += 1 }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else {
            offset = mark + 1
            return true
        }
        var end = start + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "}") {
            let isNext = bytes[end] == UInt8(ascii: "{") || bytes.has("??", at: end)
            guard !isNext, bytes[end] != .newline || !conditionBegins(after: end) else { break }
            end += 1
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else {
            log.note(
                source.diagnostic(
                    "the brace of this hole is not closed", at: start..<start + 1,
                    remedy: "write `}` after the last clause: `??NAME {in rdi; scratch rax}`"))
            offset = bytes[start...].firstIndex(of: .newline) ?? bytes.count
            for index in columns.indices { columns[index].isBroken = true }
            return false
        }
        braces[mark] = start..<end + 1
        for index in start...end { bytes[index] = .space }
        offset = end
        return true
    }

    /// Where the `??` of a hole stands in a cell; nil where there is none.
    func holeMark(in cell: Range<Int>) -> Int? { cell.first { bytes.has("??", at: $0) } }

    /// Reads `L: ??NAME {...}`.
    mutating func readHole(at mark: Int, in cell: Range<Int>, column: Int) throws(Diagnostic) {
        let end = bytes[(mark + 2)...].firstIndex { !$0.continuesName } ?? bytes.count
        let range = mark..<max(end, mark + 2)
        let name = bytes.text(mark + 2..<range.upperBound)
        guard name.isVariableName else {
            throw source.diagnostic("this hole has no name", at: range, remedy: "write `??NAME {in rdi; scratch rax}`")
        }
        let rest = bytes.trimmed(range.upperBound..<max(cell.upperBound, range.upperBound))
        guard rest.isEmpty else { throw notAlone(at: rest) }
        guard !columns[column].isHandler else {
            throw source.diagnostic(
                "\(columns[column].kind == .fault ? "a" : "an") \(columns[column].kind.text) cannot have a hole",
                at: range,
                remedy: "put it into the column P\(columns[column].processor)")
        }
        guard holes.count < Self.mostHoles else {
            throw source.diagnostic(
                "a test has at most \(Self.mostHoles) holes", at: range, remedy: "split it into several tests")
        }
        let before = columns[column].assembly
        let labels = bytes.trimmed(cell.lowerBound..<mark)
        if !labels.isEmpty { try Self.parse(source, bytes, labels, &columns[column].assembly) }
        let program = try programSoFar(columns[column].assembly, at: range)
        guard try programSoFar(before, at: range).instructions.count == program.instructions.count else {
            throw notAlone(at: labels)
        }
        let position = program.instructions.count
        var hole = Hole(
            name: name, processor: columns[column].processor, position: position, contract: HoleContract(),
            span: source.span(of: range))
        hole.labels = program.labels.filter { $0.value == position }.keys.sorted()
        if let own = braces[mark] {
            guard own.count <= Self.longestCell else {
                throw source.diagnostic("a hole has at most \(Self.longestCell) bytes", at: range)
            }
            hole.contract = ContractReader.read(source, written, own, log: log)
        }
        holes.append(FoundHole(hole: hole, range: range, hasContract: braces[mark] != nil))
    }

    /// What a column has before a hole: a `lock` there has no instruction after it.
    private func programSoFar(_ assembly: AssemblyParser, at range: Range<Int>) throws(Diagnostic) -> Program {
        do throws(Diagnostic) { return try assembly.finish() } catch { throw error.inFile(source.file) }
    }

    private func notAlone(at range: Range<Int>) -> Diagnostic {
        source.diagnostic(
            "a hole stands in a cell of its own", at: range, remedy: "put the instruction into a row before or after it"
        )
    }

    /// The holes by column, those without braces with the contract that their name has elsewhere in the file.
    func checkedHoles() -> [Hole] {
        var first: [String: FoundHole] = [:]
        for found in holes where found.hasContract {
            guard let earlier = first[found.hole.name] else {
                first[found.hole.name] = found
                continue
            }
            guard log.isEmpty, earlier.hole.contract != found.hole.contract else { continue }
            log.note(
                source.diagnostic(
                    "the hole `\(found.hole.name)` has another contract in line \(source.place(of: earlier.range.lowerBound).line)",
                    at: found.range, remedy: "leave the braces out here, or give the hole a name of its own"))
        }
        let all = holes.map { found in
            var hole = found.hole
            if let known = first[hole.name] {
                hole.contract = known.hole.contract
            } else {
                log.note(
                    source.diagnostic(
                        "nothing says what the hole `\(hole.name)` may use", at: found.range,
                        remedy: "write `??\(hole.name) {in rdi; scratch rax}`; `{}` for no register"))
            }
            return hole
        }
        return all.enumerated().sorted { ($0.element.processor, $0.offset) < ($1.element.processor, $1.offset) }
            .map { $0.element }
    }
}
