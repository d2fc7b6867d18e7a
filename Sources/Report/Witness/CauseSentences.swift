import Checker
import Machine
import PageTable

/// Why a step was possible, in words.
extension RunSentences {
    /// Why a step was possible: a half sentence that goes after the step's own text.
    func why(_ step: RunStep) -> String {
        switch step.cause {
        case .next: "it is the next instruction"
        case .emptyBuffer: "it is the next instruction, and its CPU's store buffer is empty"
        case .lockFree: "no CPU holds the lock"
        case .valueThere: "the value that it waits for is there"
        case .broadcastsTaken: "every CPU has taken the broadcast"
        case .cached(let bits): "the TLB holds \(bitsAsText(bits)), which permits it"
        case .walked(let bits): "the walk has just seen \(bitsAsText(bits)), which permits it"
        case .sparesDirty: "with W=0 and CR0.WP=0 the CPU need not set D"
        case .oldestStore: "the oldest store of a buffer may reach memory at any time"
        case .demandWalk: "the instruction at hand needs a translation"
        case .speculation: "a CPU may walk for any page at any time"
        case .walkGoesOn: "the walk goes on, or begins again"
        case .accessedUpdate(let isPresent):
            isPresent
                ? "the walk found A=0" : "the walk found A=0 before P was cleared, and this CPU sets A all the same"
        case .clean(let bits): "with \(bitsAsText(bits)) the write is permitted, and D has to be set first"
        case .dirtyUpdate(let finding, let outcome): why(finding, outcome)
        case .eviction: "a translation may leave the TLB at any time"
        case .walkNotBegun: "a walk that nothing asked for need not have begun"
        case .forbidden(let bits): "the walk sees \(bitsAsText(bits)), which does not permit it"
        case .forbiddenByCached(let bits):
            "the TLB holds \(bitsAsText(bits)), which does not permit it, whatever memory says by now"
        case .freedTable: "a partial walk leads to a table that was freed since"
        case .entryChanged: "the entry is no longer what the fault was based on"
        case .request(let initiator): "P\(initiator) has asked, and this CPU takes requests here"
        case .broadcast(let initiator): "P\(initiator) has broadcast an invalidation"
        }
    }

    /// What a Dirty update finds, and what the CPU does then.
    private func why(_ finding: DirtyFinding, _ outcome: LateDirty) -> String {
        let found =
            switch finding {
            case .unchanged: "the entry still permits the write"
            case .writeRevoked: "the entry has lost W since D was decided on"
            case .notPresent: "the entry has lost P since D was decided on"
            case .frameChanged: "the entry has another frame since D was decided on"
            case .writeRevokedAndFrameChanged: "the entry has lost W and has another frame since D was decided on"
            }
        guard finding != .unchanged else { return found }
        let fields = finding.profileFields.joined(separator: ", ")
        return switch outcome {
        case .refault: "\(found); this CPU sets nothing then (\(fields))"
        case .setThenWrite: "\(found); this CPU sets D and writes all the same (\(fields))"
        case .setThenFault: "\(found); this CPU sets D all the same, and faults (\(fields))"
        }
    }

    private func bitsAsText(_ bits: UInt64) -> String {
        let entry = PageTableEntry(rawValue: bits)
        guard entry.isPresent else { return "P=0" }
        return "W=\(entry.isWritable ? 1 : 0) D=\(entry.isDirty ? 1 : 0)"
    }
}
