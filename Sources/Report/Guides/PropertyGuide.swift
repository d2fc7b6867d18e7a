/// What a reader is told about a property that conditions can name.
public struct PropertyGuide: Sendable, Hashable {
    /// The spelling in conditions, with its argument: `lost_dirty(x)`.
    public var spelling: String
    /// A paragraph.
    public var text: String
    /// The smallest test in the corpus that shows it, relative to the corpus, or nil.
    public var example: String?

    /// The name without its argument.
    public var name: String { String(spelling.prefix { $0 != "(" }) }

    /// All of them, in the order of the description of the machine.
    public static let all: [PropertyGuide] = [
        PropertyGuide(
            spelling: "lost_dirty(x)",
            text: """
                The kernel would lose what was written to page x. True at the end of a run in which a store reached the page \
                since it was last declared clean (by writeback(x)), while no present entry that maps the page has D or \
                SavedDirty set and its software dirty flag is clear. Where the test calls reclaim(x) the kernel takes the page \
                for clean at that moment: then it is true when the page had been written by then, or is written later, \
                whatever the entry says.
                """,
            example: "properties/lost-dirty.litmus"),
        PropertyGuide(
            spelling: "kernel_shadow_stack(x)",
            text: """
                Software made an entry that CPUs with CET take for a shadow stack: one of its stores or locked operations \
                turned a present leaf of x, an ordinary page, into W=0, D=1 when it was not so before. This is a rule for \
                software. It is the same on every profile, and a Dirty bit that hardware sets late does not break it. Pages \
                that the test's ShadowStack= line names are exempt.
                """,
            example: "properties/kernel-shadow-stack.litmus"),
        PropertyGuide(
            spelling: "shadow_stack_exposed(x)",
            text: """
                On a CPU that has shadow stacks, a shadow-stack access to x, an ordinary page, could succeed at some moment: \
                through the entry in memory (P=1, W=0, D=1) or through a translation that a TLB still holds. It cannot be \
                true on a profile without CET. Pages that ShadowStack= names are exempt.
                """,
            example: "properties/shadow-stack-exposed.litmus"),
        PropertyGuide(
            spelling: "stale_write(x)",
            text: """
                A store reached memory through a cached writable translation of x although a flush of x had completed on all \
                CPUs since memory's entry stopped permitting it (P=0, W=0 or another frame, without interruption). After the \
                flush nobody should be able to write.
                """,
            example: "properties/stale-write.litmus"),
        PropertyGuide(
            spelling: "stale_frame(x)",
            text: """
                The frame of x was read or written, by whatever way, after the test called free_frame(x): it may belong to \
                someone else by then.
                """,
            example: "properties/stale-frame.litmus"),
        PropertyGuide(
            spelling: "stray_present(x)",
            text: """
                Software read the entry of x, found P=0, and found A or D in it that hardware had set after P became 0. An \
                entry that should be empty, or hold a swap location, is not what software wrote (erratum KNL4).
                """,
            example: "properties/stray-present.litmus"),
        PropertyGuide(
            spelling: "size_conflict(x)",
            text: """
                A CPU holds two translations of different page size for one address. Not available yet: pages have one level \
                of page table here and so one size; a test that asks is rejected.
                """,
            example: nil),
        PropertyGuide(
            spelling: "stuck(P0)",
            text: """
                The thread of P0 can never finish: everybody waits for somebody else, or it repeats itself for ever under a \
                fair scheduler (a fault handler that changes nothing, for instance).
                """,
            example: "properties/stuck.litmus"),
        PropertyGuide(
            spelling: "written(x)",
            text: """
                A translated store reached page x since the page was last declared clean. No violation by itself; it is there \
                to be combined with other conditions.
                """,
            example: "tlb/late-dirty+write-revoked+written.litmus"),
        PropertyGuide(
            spelling: "fault(P1,x)",
            text: """
                P1 took a page fault on x, also when the access succeeded later. fault(P1:L0,x) asks about the instruction at \
                label L0, fault(P1) about any page.
                """,
            example: "tlb/wp+set.litmus"),
    ]

    /// Guides as text, with the folder of the corpus in front of the examples.
    public static func text(_ guides: [PropertyGuide], corpus: String, width: Int = Style.usualWidth) -> String {
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
