import Diagnostics
import Litmus
import Machine

/// The address spaces of a test by their numbers: `mm`, the others in the order of their names, then the roots for user mode of
/// all of them (`PTI=on`); and their PCIDs (`Pcid=`).
struct AddressSpaces {
    let names: [String]
    let tags: SpaceTags

    init(_ test: LitmusTest, _ named: Set<String>, file: String?) throws(Diagnostic) {
        let plain = ["mm"] + named.sorted()
        let names = plain + (test.hasUserRoots ? plain.map(SpaceName.user) : [])
        self.names = names
        let given = test.processContexts
        if let unknown = given.keys.filter({ !names.contains($0) }).min() {
            throw Diagnostic(
                file: file, span: test.span(inProcessContexts: unknown),
                message: "`Pcid=` names `\(unknown)`, which is not an address space of the test",
                remedy: "address spaces are named by entries in the initial state, as in [PTE(child:x)]")
        }
        // What is equal by chance is not meant.
        let clash = names.indices.first { given[names[$0]] == nil && given.values.contains($0) }
        if let clash {
            throw Diagnostic(
                file: file, span: test.span(inProcessContexts: names[0]),
                message: "`\(names[clash])` has the PCID \(clash), which `Pcid=` gives to another address space",
                remedy: "give it one, too: Pcid=\(names[clash]):\(clash) where they shall share it")
        }
        tags = SpaceTags(
            count: names.count, contexts: names.indices.map { given[names[$0]] ?? $0 },
            owners: names.indices.map { $0 % plain.count })
        if test.sharesContexts, test.compiled != nil {
            throw Diagnostic(
                file: file, span: test.span(inProcessContexts: self.names[0]),
                message: "one PCID for several address spaces is for columns",
                remedy: "remove the line: compiled code finds the levels that the test names")
        }
        if test.levels > 4, test.compiled != nil {
            throw Diagnostic(
                file: file, span: test.levelsSpan, message: "`Levels=5` is for columns",
                remedy: "remove the line: compiled code walks four levels")
        }
    }
}

extension Resolver {
    /// Entries of roots for user mode that the initial state does not set are what those of their owners are.
    func copyRoots(_ contents: inout [Int: UInt64]) {
        guard test.hasUserRoots, let tables = map.tables, tables.rootLevel == map.levels else { return }
        var given: Set<Int> = []
        for initialization in test.initializations {
            if case .memory(let name, _) = initialization.location.kind, let word = entryWord(name) {
                given.insert(word)
            }
        }
        for (space, owner) in map.tags.owners.enumerated() where owner != space {
            for page in map.pages.indices {
                guard let word = map.entryWord(page: page, level: map.levels, space: space), !given.contains(word),
                    let own = map.entryWord(page: page, level: map.levels, space: owner)
                else { continue }
                contents[word] = contents[own]
            }
        }
    }
}
