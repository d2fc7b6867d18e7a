import Litmus
import X86

/// What a reader is told about a property that conditions can name.
package struct PropertyGuide: Sendable, Hashable {
    /// The name without its argument.
    package var name: String
    /// The spelling in conditions, with its argument: `lost_dirty(x)`.
    package var spelling: String
    /// A paragraph.
    package var text: String
    /// The smallest test in the corpus that shows it, relative to the corpus, or nil.
    package var example: String?

    /// All of them: of pages, in the order of the description of the machine, then of threads.
    package static let all =
        Property.allCases.map {
            PropertyGuide(
                name: $0.name, spelling: "\($0.name)(\($0.isAboutTable ? "PT(x)" : "x"))", text: $0.explanation,
                example: $0.example)
        }
        + ThreadProperty.allCases.map {
            PropertyGuide(name: $0.name, spelling: $0.spelling, text: $0.explanation, example: $0.example)
        }

    /// Guides as text, with the folder of the corpus in front of the examples.
    package static func text(_ guides: [PropertyGuide], corpus: String, width: Int = Style.usualWidth) -> String {
        let introduction =
            "Properties that a condition can name. Each is true in a final state when it was true on the way there."
        var text = TextWrap.lines(of: introduction, width: min(98, max(40, width))).map { $0 + "\n" }.joined()
        for guide in guides {
            text += "\n\(guide.spelling)\n"
            text += TextWrap.lines(of: guide.text, width: min(94, max(36, width - 4))).map { "    \($0)\n" }.joined()
            if let example = guide.example { text += "    smallest example: \(corpus)/\(example)\n" }
        }
        return text
    }
}

extension Property {
    /// What it means, a paragraph.
    var explanation: String {
        switch self {
        case .lostDirty:
            """
            The kernel would lose what was written to page x. True at the end of a run in which a store reached the page \
            since it was last declared clean (by \(KernelService.writeback.name)(x)), while no present entry that maps the page has D or \
            SavedDirty set and its software dirty flag is clear. Where the test calls \(KernelService.reclaim.name)(x) the kernel takes the page \
            for clean at that moment: then it is true when the page had been written by then, or is written later, \
            whatever the entry says.
            """
        case .kernelShadowStack:
            """
            Software made an entry that CPUs with CET take for a shadow stack: one of its stores or locked operations \
            turned a present leaf of x, an ordinary page, into W=0, D=1 when it was not so before. This is a rule for \
            software. It is the same on every profile, and a Dirty bit that hardware sets late does not break it. Pages \
            that the test's ShadowStack= line names are exempt.
            """
        case .shadowStackExposed:
            """
            On a CPU that has shadow stacks, a shadow-stack access to x, an ordinary page, could succeed at some moment: \
            through the entry in memory (P=1, W=0, D=1) or through a translation that a TLB still holds. It cannot be \
            true on a profile without CET. Pages that ShadowStack= names are exempt.
            """
        case .staleWrite:
            """
            A store reached memory through a cached writable translation of x although a flush of x had completed on all \
            CPUs since memory's entry stopped permitting it (P=0, W=0 or another frame, without interruption). After the \
            flush nobody should be able to write.
            """
        case .staleFrame:
            """
            The frame of x was read or written, by whatever way, after the test called \(KernelService.freeFrame.name)(x): it may belong to \
            someone else by then.
            """
        case .strayPresent:
            """
            Software read the entry of x, found P=0, and found A or D in it that hardware had set after P became 0. An \
            entry that should be empty, or hold a swap location, is not what software wrote (erratum KNL4).
            """
        case .sizeConflict:
            """
            A thread accessed x while its CPU held translations of x of two page sizes, both of which it could use (AMD \
            erratum 383). An access that faults counts, too.
            """
        case .sizeMismatch:
            """
            The same, and the two translations differ in frame, W, U or NX, which SDM 3A 4.10.4.2 tells software to avoid.
            """
        case .staleTable:
            """
            A word of the table PT(x) was read or written, by a walker or by software, after the test called \
            \(KernelService.freeTable.name)(PT(x)): the memory may belong to someone else by then. PD(x) and PDPT(x) are tables, too.
            """
        case .written:
            """
            A translated store reached page x since the page was last declared clean. No violation by itself; it is there \
            to be combined with other conditions.
            """
        }
    }

    /// The smallest test in the corpus that shows it.
    var example: String? {
        switch self {
        case .lostDirty: "properties/lost-dirty.litmus"
        case .kernelShadowStack: "properties/kernel-shadow-stack.litmus"
        case .shadowStackExposed: "properties/shadow-stack-exposed.litmus"
        case .staleWrite: "properties/stale-write.litmus"
        case .staleFrame: "properties/stale-frame.litmus"
        case .strayPresent: "properties/stray-present.litmus"
        case .sizeConflict: "levels/case-58-split+no-break+conflict.litmus"
        case .sizeMismatch: "levels/split-in-place+read-only.litmus"
        case .staleTable: nil
        case .written: "tlb/late-dirty+write-revoked+written.litmus"
        }
    }
}

extension ThreadProperty {
    /// The name with its argument.
    var spelling: String {
        switch self {
        case .stuck, .wild: "\(name)(P0)"
        case .fault: "\(name)(P1,x)"
        }
    }

    /// What it means, a paragraph.
    var explanation: String {
        switch self {
        case .stuck:
            """
            The thread of P0 can never finish: everybody waits for somebody else, or it repeats itself for ever under a \
            fair scheduler (a fault handler that changes nothing, for instance).
            """
        case .wild:
            """
            P0 came to a frame that is nothing of the test: its walker followed an entry there, or its code accessed memory \
            through a translation of it. What it finds there is not known, and the run ends. A test in which that can happen \
            must say what it counts for: no verdict about all runs is given without it.
            """
        case .fault:
            """
            P1 took a page fault on x, also when the access succeeded later. \(name)(P1:L0,x) asks about the instruction at \
            label L0, \(name)(P1) about any page.
            """
        }
    }

    /// The smallest test in the corpus that shows it.
    var example: String {
        switch self {
        case .wild: "levels/table-reused-as-data+wild.litmus"
        case .stuck: "properties/stuck.litmus"
        case .fault: "tlb/wp+set.litmus"
        }
    }
}
