import Diagnostics

extension SourceText {
    /// What is said of a hole in C or Swift; nil where no hole begins.
    ///
    /// Both languages have a `?`, and Swift has `??`, but neither has a name right after two of them: in Swift an operator
    /// that has a blank on its left has one on its right.
    private func holeInCode(at mark: Int, language: String) -> Diagnostic? {
        guard bytes.has("??", at: mark), mark + 2 < bytes.count, bytes[mark + 2].beginsName,
            mark == 0 || bytes[mark - 1].isBlank || [UInt8(ascii: "{"), UInt8(ascii: ";")].contains(bytes[mark - 1])
        else { return nil }
        let end = bytes[(mark + 2)...].firstIndex { !$0.continuesName } ?? bytes.count
        return diagnostic(
            "holes are for columns, and this is \(language)", at: mark..<end,
            remedy: "write the test as `X86_64` with columns; `ptero asm` prints the instructions of this one")
    }

    /// Notes the holes in the C code of a test.
    func noteHoles(inC program: Range<Int>, log: FaultLog) {
        log.attempt { () throws(Diagnostic) in
            var scanner = CProgramScanner(self, from: program.lowerBound, to: program.upperBound)
            while let piece = try scanner.next() {
                guard case .sign(_, let mark) = piece else { continue }
                if let hole = holeInCode(at: mark, language: "C") { log.note(hole) }
            }
        }
    }

    /// Notes the holes in the Swift code of a test.
    func noteHoles(inSwiftFrom start: Int, log: FaultLog) {
        log.attempt { () throws(Diagnostic) in
            var scanner = SwiftScanner(self, from: start)
            while let piece = try scanner.next() {
                guard case .sign(_, let mark) = piece else { continue }
                if let hole = holeInCode(at: mark, language: "Swift") { log.note(hole) }
            }
        }
    }
}
