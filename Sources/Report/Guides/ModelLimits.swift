/// What the machine leaves out, told where a reader of a verdict finds it.
package enum ModelLimits {
    /// The limits, each in a sentence.
    package static let all: [String] = [
        "Instruction fetch and self-modifying code: programs are fixed, and fetching them never walks page tables.",
        "Memory types other than write-back: no uncached, write-combining or non-temporal accesses; clflush and clwb only "
            + "load, because memory is coherent.",
        "Partial register stalls and everything else that only costs time; there is no real time, so no timeouts, and a "
            + "step may be delayed for ever only where the model says that it may be.",
        "System-management mode.",
        "Nested paging and the IOMMU: there is one set of page tables, that of the kernel under test.",
        "Levels that no test names: above the highest entry that is named everything is permitted and nothing changes.",
        "Pieces of large pages: a translation has the size that the entries gave it when it was made.",
        "Rights beyond P, R/W and U/S: NX and protection keys are kept in entries and ignored; SMAP and SMEP are off.",
        "Dirty bits without a store: the Dirty update and the store that it is for are one step.",
        "Exceptions as fences: a page fault does not empty the store buffer, so more is allowed than hardware does.",
        "CR4 but for PGE: a translation made while PGE=0 keeps the G of its entry, so more of them survive.",
        "The shadow-stack pointer: calls and returns use no shadow stack; wrss stores by address.",
        "Accesses that cross an aligned 64-bit word: a test with one is rejected when it is loaded.",
        "CPUs that are not in a profile: a verdict holds for the behaviours that `ptero profiles` lists, and for "
            + "others as far as one of them allows all that they do.",
    ]

    /// The list as text, in lines of at most `width` characters.
    package static func text(width: Int = Style.usualWidth) -> String {
        let width = max(40, min(100, width))
        var text =
            TextWrap.lines(of: "What the model leaves out. A verdict says nothing about:", width: width)
            .map { $0 + "\n" }.joined() + "\n"
        for limit in all {
            let lines = TextWrap.lines(of: limit, width: width - 2)
            text += lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element + "\n" }.joined()
        }
        let end =
            "A limit of the search is another matter: a run that reaches --max-states, --max-memory or --timeout says "
            + "Inconclusive and ends with status 3. It never says Never."
        text += "\n" + TextWrap.lines(of: end, width: width).map { $0 + "\n" }.joined()
        return text
    }
}
