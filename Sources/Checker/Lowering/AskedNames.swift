import Diagnostics
import Litmus
import Machine
import X86

/// What condition, filter and `locations` name has to be there: a slip in a name must not become something new that
/// nobody touches.
extension Resolver {
    /// Checks that what is asked is declared or used by the rest of the test.
    ///
    /// - Throws: `Diagnostic` with all names that are not.
    func checkAsked() throws(Diagnostic) {
        let declared = TestNames(test.withoutQuestion)
        let known = declared.variables.sorted()
        // What is wrong with other conditions is told where they are asked.
        var own = test
        own.besides = []
        let asked = TestNames(own).variables
        let missing = asked.subtracting(declared.variables).subtracting(declared.spaces).sorted()
        let faults = missing.map { name in
            let near = name.utf8.count > 2 ? NearName.of(name, among: known) : nil
            let list = known.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
            return diagnostic(
                "nothing declares or uses `\(name)` but the condition", at: names.variableSpans[name],
                remedy: near.map { "did you mean `\($0)`?" }
                    ?? (list.isEmpty ? "" : "the test has \(list); ")
                    + "declare it in the initial state: { \(name) = 0; }")
        }
        if let fault = Diagnostic(joining: faults) { throw fault }
        try checkAskedSpaces(declared)
    }

    /// Checks that the entries above the leaf that are asked for are of address spaces that the rest of the test names.
    private func checkAskedSpaces(_ declared: TestNames) throws(Diagnostic) {
        let asked = names.upperEntries.compactMap { $0.entry?.space }
        let known = declared.spaces.union(["mm"])
        guard let space = asked.filter({ !known.contains(SpaceName.owner($0)) }).min() else { return }
        throw isNotASpace(space, at: names.spaceSpans[space])
    }

    /// What is said of an address space that nothing declares.
    func isNotASpace(_ space: String, at span: SourceSpan?) -> Diagnostic {
        let known = map.spaces.filter { $0 != space }
        return diagnostic(
            "there is no address space `\(space)`", at: span,
            remedy: (space.utf8.count > 2 ? NearName.of(space, among: known) : nil).map { "did you mean `\($0)`?" }
                ?? "address spaces are named by entries in the initial state, as in [PTE(\(space):x)] = (oa:PA(x));")
    }

    /// The number of the table that a name means.
    func table(_ name: TableName, at span: SourceSpan?) throws(Diagnostic) -> Int {
        guard let page = map.page(named: name.page) else {
            throw diagnostic(
                "`\(name.text)` is not a table of the test: nothing names an entry of `\(name.page)`", at: span,
                remedy: "name it in the initial state: [PTE(\(name.page))] = (oa:PA(\(name.page)));")
        }
        guard let space = map.spaces.firstIndex(of: name.space ?? "mm") else {
            throw isNotASpace(name.space ?? "mm", at: span)
        }
        guard let tables = map.tables, name.level.rawValue < tables.rootLevel else {
            throw diagnostic(
                "`\(name.text)` is not a table of the test", at: span,
                remedy:
                    "name the entry that points to it: [\(name.level.above(of: map.levels)?.entrySpelling ?? "PGD")(\(name.page))]"
            )
        }
        return tables.table(ofPage: page, level: name.level.rawValue, space: space)
    }

    /// The number of what a property of a condition is about: a variable's for what is about frames, else a page's.
    func subject(of property: Property, _ name: String, at span: SourceSpan?) throws(Diagnostic) -> Int {
        guard property.isAboutFrame, let variable = map.variable(named: name) else {
            return try askedPage(name, in: property.name, at: span)
        }
        // Only a translated store writes a page; what frees a frame may be about any memory.
        if property != .staleFrame, map.page(named: name) == nil, !isMappedElsewhere(name) {
            return try askedPage(name, in: property.name, at: span)
        }
        return variable
    }

    /// The page number of a name of the condition that must be translated.
    func askedPage(_ name: String, in context: String, at span: SourceSpan?) throws(Diagnostic) -> Int {
        if let page = map.page(named: name) { return page }
        throw diagnostic(
            "`\(context)` is about pages, and `\(name)` is not one: nothing names its entry", at: span,
            remedy: "name the entry in the initial state: [PTE(\(name))] = (oa:PA(\(name)));")
    }

    /// Whether the frame of a variable is named, so that the entry of another page may map it.
    private func isMappedElsewhere(_ name: String) -> Bool { names.frames.contains(name) }
}

extension MemoryName {
    /// The variable that it is, or is about.
    var variable: String {
        switch self {
        case .variable(let name), .leaf(let name, _), .frame(let name), .upperEntry(_, let name, _): name
        }
    }
}
