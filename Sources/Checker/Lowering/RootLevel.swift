import Litmus
import Machine
import PageTable
import X86

/// How many levels of the page table a test has, and how many of them can change.
///
/// A level from the root downwards is *folded* away, and costs nothing, as long as all that the test says of it is that its
/// entries point to their own tables and permit everything: then a walk finds there what a walk without the level takes for
/// granted. Nothing but such an initialization may name the entries, or somebody could read, change or ask for them; and
/// nothing may name the tables below, or another entry could lead to them, or they could be freed. A clear entry above
/// leaves that are clear, too, says the same as the leaves.
struct RootLevel {
    /// The highest level that an entry or the table that it points to is named of, 1 for a test without upper levels.
    let named: Int
    /// The highest level that can change, 1 where none above the leaf can.
    let folded: Int
    /// How many levels the machine has to have tables of, whatever can change.
    let least: Int

    /// The level at which the machine's walks begin.
    var used: Int { max(folded, least) }

    init(of test: LitmusTest, _ names: TestNames) {
        let levels = names.upperEntries.compactMap { $0.entry?.level } + names.tables.compactMap { $0.level.above }
        let named = levels.map { $0.rawValue }.max() ?? 1
        self.named = named
        if test.sharesContexts {
            // What caches hold of another space's upper levels leads to its tables, from the root on.
            least = test.levels
        } else {
            // Where walks that begin at different roots come to one word, entries are not leaves alone.
            least = test.hasUserRoots ? 2 : 1
        }
        guard named > 1 else {
            folded = 1
            return
        }
        if test.hasRoot(among: names.spaces) {
            folded = named
            return
        }
        let isPinned = Set(Mentions(test).levels.map { $0.rawValue })
        folded = stride(from: named, to: 1, by: -1).first(where: isPinned.contains) ?? 1
    }

    /// The levels whose entries cannot be folded away.
    private struct Mentions {
        private(set) var levels: Set<Litmus.EntryLevel> = []

        init(_ test: LitmusTest) {
            for initialization in test.initializations { note(initialization) }
            var plain = test
            plain.initializations = []
            let rest = TestNames(plain)
            levels.formUnion(rest.upperEntries.compactMap { $0.entry?.level })
            levels.formUnion(rest.tables.compactMap { $0.level.above })
        }

        private mutating func note(_ initialization: Initialization) {
            if let level = initialization.location.upperLevel, !initialization.isPlainTable { levels.insert(level) }
            for value in initialization.values {
                switch value.kind {
                case .address(.upperEntry(let level, _, _)): levels.insert(level)
                case .entry(let literal):
                    if let above = literal.frameOfTable?.level.above { levels.insert(above) }
                    // That an entry points to its own table has been seen above.
                    guard let level = literal.table?.level.above, !initialization.isPlainTable else { continue }
                    levels.insert(level)
                case .integer, .address: break
                }
            }
        }
    }
}

extension LitmusTest {
    /// Whether compiled code is given a root, from which it can walk to any entry.
    fileprivate func hasRoot(among spaces: Set<String>) -> Bool {
        guard let compiled else { return false }
        return compiled.pointers.contains { CompiledCode.roots.contains($0.target) }
            || initializations.contains { initialization in
                guard case .register = initialization.location.kind,
                    case .address(.variable(let name))? = initialization.values.first?.kind
                else { return false }
                return name == "mm" || spaces.contains(name)
            }
    }
}

extension Location {
    /// The level of the entry above the leaf that it is.
    fileprivate var upperLevel: Litmus.EntryLevel? {
        switch kind {
        case .memory(.upperEntry(let level, _, _), _), .field(.upperEntry(let level, _, _), _): level
        case .memory, .field, .register, .setting: nil
        }
    }
}

extension Initialization {
    /// Whether it makes an entry above the leaf point to its own table and permit everything.
    fileprivate var isPlainTable: Bool {
        guard case .memory(let name, _) = location.kind, let own = name.ownTable, values.count == 1,
            case .entry(let literal)? = values.first?.kind,
            literal.table.map({ $0.inPlainSpelling == own.inPlainSpelling }) ?? true
        else { return false }
        var entry = PageTableEntry.litmusDefault
        for field in literal.fields {
            if let name = EntryFieldName(spelling: field.name) { entry[name] = field.value }
        }
        let permits = PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask
        let needed = permits | PageTableEntry.accessedMask
        let harmful = EntryFieldName.pageSize.mask | EntryFieldName.noExecute.mask
        return entry.rawValue & needed == needed && entry.rawValue & harmful == 0
    }
}
