/// Which tag (PCID) each address space's translations have, and which address spaces are roots of one `mm`.
///
/// An address space is what CR3 is loaded with: a root and a tag. With `PTI=on` an `mm` has two, whose tables below the roots
/// are the same; with `Pcid=` several have one tag (SDM 3A 4.10.1).
public struct SpaceTags: Hashable, Sendable {
    /// By address space, its PCID.
    public let contexts: [Int]
    /// By address space, the one whose tables it shares: itself, but for roots for user mode.
    public let owners: [Int]
    /// By address space, those that have its PCID, itself among them.
    let mates: [[Int]]
    /// By address space, those that have its owner, itself among them: with `PTI=on` the roots of one `mm`.
    let twins: [[Int]]

    /// Whether each address space has its number, as where a test says nothing of PCIDs.
    var areNumbers: Bool { contexts == Array(contexts.indices) }

    /// Lays out tags; without more words each address space has its number, and tables of its own.
    public init(count: Int, contexts: [Int]? = nil, owners: [Int]? = nil) {
        let contexts = contexts ?? Array(0..<count)
        let owners = owners ?? Array(0..<count)
        self.contexts = contexts
        self.owners = owners
        mates = contexts.map { own in (0..<count).filter { contexts[$0] == own } }
        twins = owners.map { own in (0..<count).filter { owners[$0] == own } }
    }
}
