import Diagnostics
import Litmus
import Machine

/// Refuses tests that are larger than the machine takes, at the first thing that is too much.
struct SizeCheck {
    let test: LitmusTest
    let file: String?
    let names: TestNames

    /// How many variables a test may have.
    private static let mostVariables = 2000
    /// How many address spaces a test may have besides `mm`.
    private static let mostSpaces = 15
    /// How many 64-bit words a variable may have: those of a page.
    private static let mostWords = 512

    /// Checks the numbers of CPUs, of variables, of address spaces, and of page-table entries.
    func checkCounts() throws(Diagnostic) {
        if test.threads.count > ScenarioLimits.mostCPUs {
            let first = test.threads[ScenarioLimits.mostCPUs]
            throw tooMany(
                test.threads.count, "CPUs", ScenarioLimits.mostCPUs,
                at: SourceSpan(first.place, length: "P\(first.processor)".utf8.count))
        }
        try check(names.variables, "variables", atMost: Self.mostVariables, names.variableSpans)
        try check(names.spaces, "address spaces besides mm", atMost: Self.mostSpaces, names.spaceSpans)
        let spaces = (names.spaces.count + 1) * (test.hasUserRoots ? 2 : 1)
        let entries = names.translated.count * spaces
        if entries > ScenarioLimits.mostLeaves {
            throw tooMany(
                entries, "page-table entries", ScenarioLimits.mostLeaves,
                at: span(ofNumber: ScenarioLimits.mostLeaves / spaces, in: names.translated, names.variableSpans))
        }
    }

    /// Checks what is known when pages have their places: the entries of all levels, and that no table is full.
    func check(_ map: AddressMap, _ coordinates: [String: Regions.Coordinates]) throws(Diagnostic) {
        guard map.tables != nil else { return }
        if let far = coordinates.filter({ $0.value.pmd > 511 }).map({ $0.key }).min() {
            throw Diagnostic(
                file: file, span: names.variableSpans[far],
                message: "`\(far)` has no place in the first range, which has 512 regions",
                remedy: "list it in a later range of `Region=`")
        }
        if map.entryCount > ScenarioLimits.mostLeaves {
            throw tooMany(
                map.entryCount, "page-table entries of all levels", ScenarioLimits.mostLeaves,
                at: span(ofNumber: 0, in: Set(names.upperEntries.map { $0.variable }), names.variableSpans))
        }
    }

    /// Checks that variables are not longer than a page; the longest are given with their 64-bit words.
    func checkLengths(_ variables: [AddressMap.Variable]) throws(Diagnostic) {
        guard let long = variables.filter({ $0.words > Self.mostWords }).map({ $0.name }).min() else { return }
        let declaration = test.initializations.first { initialization in
            if case .memory(.variable(long), _) = initialization.location.kind { true } else { false }
        }
        throw Diagnostic(
            file: file, span: declaration?.location.span ?? declaration.map { SourceSpan($0.place) },
            message: "`\(long)` is longer than a page", remedy: "a variable has at most \(8 * Self.mostWords) bytes")
    }

    private func check(
        _ names: Set<String>, _ what: String, atMost limit: Int, _ spans: [String: SourceSpan]
    ) throws(Diagnostic) {
        guard names.count > limit else { return }
        throw tooMany(names.count, what, limit, at: span(ofNumber: limit, in: names, spans))
    }

    /// Where the name is that comes after so many others in reading order.
    private func span(ofNumber number: Int, in names: Set<String>, _ spans: [String: SourceSpan]) -> SourceSpan? {
        let places = names.compactMap { spans[$0] }.sorted { $0.place < $1.place }
        return number < places.count ? places[number] : places.last
    }

    private func tooMany(_ count: Int, _ what: String, _ limit: Int, at span: SourceSpan?) -> Diagnostic {
        Diagnostic(
            file: file, span: span, message: "the test has \(count) \(what), more than \(limit)",
            remedy: "use fewer of them")
    }
}
