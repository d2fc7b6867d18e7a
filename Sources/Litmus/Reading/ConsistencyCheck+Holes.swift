import Diagnostics
import X86

extension ConsistencyCheck {
    /// Notes what `starts` and `ensures` say of holes, entries and registers that are not there, and what nothing can meet.
    func checkHoles() {
        guard !test.holes.isEmpty else { return checkNothingIsSaid() }
        for (number, clause) in test.ensures.enumerated() {
            let earlier = test.ensures[..<number]
            switch clause.subject {
            case .entry(let name, _), .constantEntry(let name, _): check(name, of: clause, after: earlier)
            case .output(let register, let mask, _): check(register, mask, of: clause, after: earlier)
            }
        }
    }

    private func note(_ message: String, at span: SourceSpan?, remedy: String) {
        log.note(Diagnostic(file: source.file, span: span, message: message, remedy: remedy))
    }

    private func checkNothingIsSaid() {
        let remedy = "put `??NAME {in rdi; scratch rax}` into a cell of a column, or remove the clause"
        if let starts = test.starts {
            note("`starts` is about a hole, and the test has none", at: starts.span, remedy: remedy)
        }
        if let clause = test.ensures.first {
            note("`ensures` is about a hole, and the test has none", at: clause.span, remedy: remedy)
        }
    }

    // MARK: Entries

    private func check(_ name: MemoryName, of clause: Ensured, after earlier: ArraySlice<Ensured>) {
        let text = LitmusWriter.text(of: name)
        let isRepeated = earlier.contains { other in
            switch other.subject {
            case .entry(let known, _), .constantEntry(let known, _): isSame(known, name)
            case .output: false
            }
        }
        if isRepeated {
            note(
                "`[\(text)]` is ensured twice: each clause speaks of the whole entry", at: clause.span,
                remedy: "put all fields into one `old with (...)`")
        }
        guard case .leaf(let page, let space) = name, !isNamed(page, space ?? "mm") else { return }
        note(
            "the test has no entry `\(text)`", at: clause.span,
            remedy:
                "name it in the initial state: `[\(text)] = (oa:PA(\(page)));`, and its address for the hole: `0:rdi = \(text);`"
        )
    }

    private func isSame(_ first: MemoryName, _ second: MemoryName) -> Bool {
        guard case .leaf(let page, let space) = first, case .leaf(let other, let otherSpace) = second else {
            return first == second
        }
        return page == other && (space ?? "mm") == (otherSpace ?? "mm")
    }

    /// Whether initial state, program, conditions or `Translate` name an entry.
    private func isNamed(_ page: String, _ space: String) -> Bool {
        let isAsked = test.namedLocations.contains { location in
            switch location.kind {
            case .memory(let name, _), .field(let name, _): isSame(name, .leaf(page: page, space: space))
            default: false
            }
        }
        if isAsked { return true }
        if space == "mm", let words = test.header(HeaderKey.translate.rawValue).map(HeaderValue.words) {
            if words.contains(page) || words.contains("all") { return true }
        }
        let text = stateAndProgram.filter { !$0.isBlank }
        let names = ["PTE", "TTD"].flatMap { form in
            ["\(form)(\(space):\(page))"] + (space == "mm" ? ["\(form)(\(page))"] : [])
        }
        return (names + (space == "mm" ? ["pte_\(page)"] : [])).contains { has($0, in: text) }
    }

    /// Whether a name stands in a text without blanks.
    private func has(_ name: String, in text: [UInt8]) -> Bool {
        let name = Array(name.utf8)
        guard let first = name.first, let last = name.last, text.count >= name.count else { return false }
        return (0...text.count - name.count).contains { start in
            guard text[start] == first, text[start..<start + name.count].elementsEqual(name) else { return false }
            let isWhole = start + name.count == text.count || !text[start + name.count].continuesName
            return !last.continuesName || isWhole
        }
    }

    // MARK: Registers

    private func check(
        _ register: Register, _ mask: UInt64, of clause: Ensured, after earlier: ArraySlice<Ensured>
    ) {
        let text = RegisterOperand.text(of: register, mask: mask)
        let isRepeated = earlier.contains { other in
            guard case .output(register, let bits, _) = other.subject else { return false }
            return bits & mask != 0
        }
        if isRepeated {
            note("bits of `\(text)` are ensured twice", at: clause.span, remedy: "keep one of the clauses")
        }
        let outputs = test.holes.flatMap { $0.contract.outputs }.filter { $0.register == register }
        let isPutOut = outputs.contains { mask & ~$0.mask == 0 }
        guard !isPutOut else { return }
        let known = outputs.first.map { RegisterOperand.text(of: $0.register, mask: $0.mask) }
        note(
            "no hole outputs `\(text)`", at: clause.span,
            remedy: known.map { "the hole outputs `\($0)`" } ?? "add the clause `out \(text)` to the hole's braces")
    }
}
