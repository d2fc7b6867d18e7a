/// A way of exploring less without missing anything; each is argued for in the file named after it.
public enum Reduction: String, Sendable, Hashable, CaseIterable {
    /// Of independent steps only one order (`PartialOrder.swift`).
    case partialOrder = "partial-order"
    /// Stretches without a choice become one step (`PartialOrder.swift`); needs the former.
    case chains
    /// Of an ended thread, only what the question reads is kept (`ThreadTable.swift`).
    case endedThreads = "ended-threads"
    /// What is stored where no CPU reads it is not kept (`UnreadValues.swift`).
    case unreadValues = "unread-values"
    /// Stores that no CPU can tell from later ones reach memory at once (`UnseenStores.swift`); needs the former.
    case unseenStores = "unseen-stores"
    /// Translations of pages that a CPU never accesses are not kept (`UnusedTranslations.swift`).
    case unusedTranslations = "unused-translations"
    /// Of states that differ only in which of several identical CPUs is which, one is explored (`Symmetry.swift`).
    case symmetry

    /// Whether runs with it can have fewer steps than without.
    public var leavesOutSteps: Bool {
        switch self {
        case .partialOrder, .chains, .unseenStores: true
        case .endedThreads, .unreadValues, .unusedTranslations, .symmetry: false
        }
    }
}
