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
        case .variable(let name), .leaf(let name, _), .frame(let name): name
        }
    }
}
