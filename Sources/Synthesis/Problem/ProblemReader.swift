import Diagnostics
import Litmus
import X86

/// Finds what files of a problem have in common, and what is wrong with them together.
struct ProblemReader {
    let files: [LitmusTest]

    init(_ files: [LitmusTest]) { self.files = files }

    /// The hole that every file has, with its contract.
    func sharedHole() throws(Diagnostic) -> (name: String, contract: HoleContract) {
        guard let first = files.first else {
            throw Diagnostic(withoutPlace: "no file of a problem is named", remedy: "name litmus files with a hole")
        }
        guard let hole = first.holes.first else {
            throw Diagnostic(
                withoutPlace: "the test \(first.name) has no hole", file: first.places.file,
                remedy: "write one in place of the instructions to be found: `??wp {in rdi; scratch rax rcx rdx}`")
        }
        for file in files {
            guard let own = file.holes.first(where: { $0.name == hole.name }) else {
                throw Diagnostic(
                    withoutPlace: "the test \(file.name) has no hole `\(hole.name)`, as \(first.name) has",
                    file: file.places.file, remedy: "files of one problem share one hole")
            }
            if let other = file.holes.first(where: { $0.name != hole.name }) {
                throw Diagnostic(
                    file: file.places.file, span: other.span,
                    message: "the test has a second hole, `\(other.name)`",
                    remedy: "fill one of them: one hole is searched at a time")
            }
            guard own.contract == hole.contract else {
                throw Diagnostic(
                    file: file.places.file, span: own.span,
                    message: "the hole `\(own.name)` has another contract here than in \(first.name)",
                    remedy: "write the same in its braces in all files")
            }
        }
        return (hole.name, hole.contract)
    }

    /// The fields of `starts`, which at least one file has.
    func starts() throws(Diagnostic) -> [StartEntries.Field] {
        var known: StartEntries?
        for file in files {
            guard let own = file.starts else { continue }
            if let known, known != own {
                throw Diagnostic(
                    file: file.places.file, span: own.span, message: "`starts` says something else in another file",
                    remedy: "write it once, or the same in all files")
            }
            known = own
        }
        guard let known else {
            throw fault(
                "no file says which entries the sequence must handle", nil,
                remedy: "write `starts (rw:1, d:*, a:*)` before the condition")
        }
        return known.fields
    }

    /// The clauses of `ensures`, of all files together.
    func ensured() throws(Diagnostic) -> [Ensured] {
        var clauses: [Ensured] = []
        for file in files {
            for clause in file.ensures where !clauses.contains(clause) { clauses.append(clause) }
        }
        guard !clauses.isEmpty else {
            throw fault(
                "no file says what the sequence is to do", nil,
                remedy: "write `ensures ([PTE(x)] = old with (rw:0))` before the condition")
        }
        return clauses
    }

    /// Each condition must be one that answers cannot reach: `~exists`.
    func checkConditions() throws(Diagnostic) {
        for file in files {
            for question in file.questions where question.condition.quantifier != .notExists {
                throw Diagnostic(
                    file: file.places.file, span: question.condition.span,
                    message: "the condition of a file with a hole says what may not happen",
                    remedy: "begin it with `~exists`")
            }
        }
    }

    /// The leaf that the clauses are about.
    func leaf(of clauses: [Ensured]) throws(Diagnostic) -> MemoryName {
        var leaf: MemoryName?
        for clause in clauses {
            let own: MemoryName
            switch clause.subject {
            case .entry(let name, _), .constantEntry(let name, _): own = name
            case .output: continue
            }
            if let leaf, leaf != own {
                throw Diagnostic(
                    file: files.first?.places.file, span: clause.span, message: "`ensures` is about two entries",
                    remedy: "a sequence works on one entry")
            }
            leaf = own
        }
        guard let leaf else {
            throw fault(
                "`ensures` says nothing of the entry", nil, remedy: "write `[PTE(x)] = old` where it stays as it is")
        }
        return leaf
    }

    /// The input register that holds the address of the leaf in every file.
    func pointer(to leaf: MemoryName, hole: String, _ contract: HoleContract) throws(Diagnostic) -> Register {
        for register in contract.inputs where files.allSatisfy({ holds(register, leaf, in: $0, hole: hole) }) {
            return register
        }
        throw fault(
            "no register after `in` holds the address of \(LitmusWriter.text(of: leaf)) in every file", hole,
            remedy: "set it in the initial state: `0:rdi = \(LitmusWriter.text(of: leaf));`")
    }

    private func holds(_ register: Register, _ leaf: MemoryName, in file: LitmusTest, hole: String) -> Bool {
        guard let processor = file.holes.first(where: { $0.name == hole })?.processor else { return false }
        return file.initializations.contains { initialization in
            initialization.location == .register(processor: processor, RegisterOperand(register))
                && initialization.values.first?.kind == .address(leaf)
        }
    }

    /// What is wrong with the problem, told at the hole of its first file.
    func fault(_ message: String, _ hole: String?, remedy: String) -> Diagnostic {
        let file = files.first
        return Diagnostic(
            file: file?.places.file, span: file?.holes.first?.span, message: message, remedy: remedy)
    }
}
