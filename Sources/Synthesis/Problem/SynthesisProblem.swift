import Diagnostics
import Litmus
import PageTable
import X86

/// Litmus files that share a hole, and what is to be in it.
package struct SynthesisProblem: Sendable {
    /// The files in the order given.
    package let files: [LitmusTest]
    /// The hole's name.
    package let hole: String
    /// What its instructions may use.
    package let contract: HoleContract
    /// The entry that the sequence works on.
    package let leaf: MemoryName
    /// The register that holds the entry's address.
    let pointer: Register
    /// The fields of the entry that the problem names, with their values before; nil for both.
    package let fields: [StartEntries.Field]
    let expectation: EnsuredResult
    let starts: [Start]
    let masks: Masks
    let grammar: Grammar

    /// Takes files for a problem.
    ///
    /// - Throws: `Diagnostic` for files without a hole in common, or whose parts contradict each other.
    package init(_ files: [LitmusTest], allowing allowance: Allowance = Allowance()) throws(Diagnostic) {
        let reader = ProblemReader(files)
        let (hole, written) = try reader.sharedHole()
        let contract = allowance.applied(to: written)
        let starts = try reader.starts()
        let clauses = try reader.ensured()
        try reader.checkConditions()
        self.files = files
        self.hole = hole
        self.contract = contract
        leaf = try reader.leaf(of: clauses)
        pointer = try reader.pointer(to: leaf, hole: hole, contract)
        let scratch = Grammar.ordered(contract.scratch)
        guard !scratch.isEmpty, scratch.count <= 4 else {
            throw reader.fault(
                "the hole `\(hole)` has \(scratch.count) scratch registers", hole,
                remedy: "give it one to four: `scratch rax rcx rdx`")
        }
        fields = starts
        expectation = EnsuredResult(clauses, scratch: scratch)
        self.starts = StartList.make(starts, expectation)
        masks = Masks(starts.map { $0.name } + expectation.fields)
        grammar = Grammar(contract, masks: masks, pointer: pointer, flush: Self.flush(leaf))
    }

    /// The call that flushes the page of a leaf.
    private static func flush(_ leaf: MemoryName) -> String {
        guard case .leaf(let page, let space) = leaf else { return "call \(KernelService.flushSpace.name)()" }
        return "call \(KernelService.flushPage.name)(\(space.map { $0 + ":" } ?? "")\(page))"
    }

    /// A digest of all files and their order, and of the grammar, 32 hexadecimal digits: what a checkpoint is of.
    package var hash: String {
        Digest.text((files.map { $0.problemText } + grammar.templates.map { $0.text }).joined(separator: "\n"))
    }

    /// The entries that a sequence has to handle, told apart by what hardware has done to them; the others' noise is left out.
    package var kinds: [EntryKind] {
        let seen = Set(starts.map { EntryKind($0.entry) })
        return EntryKind.allCases.filter(seen.contains)
    }

    /// The longest sequences without a jump that are looked at where nobody says how long: what the hole's contract says.
    package var usualLength: Int { contract.length ?? SynthesisOptions().length }
}

extension LitmusTest {
    /// The test as text without what does not change a problem: name, description, expectation.
    fileprivate var problemText: String {
        var essence = self
        essence.name = "-"
        essence.description = nil
        essence.expectation = Expectation()
        return LitmusWriter.text(of: essence)
    }
}

/// What the user allows besides what the contract says.
package struct Allowance: Sendable, Hashable {
    /// Other CPUs may fault.
    package var fault = false
    /// The flush services may be called.
    package var flush = false
    /// Loops may be composed.
    package var loop = false

    /// Nothing besides.
    package init() {}

    func applied(to contract: HoleContract) -> HoleContract {
        var contract = contract
        contract.mayFault = contract.mayFault || fault
        contract.mayFlush = contract.mayFlush || flush
        contract.mayLoop = contract.mayLoop || loop
        return contract
    }
}
