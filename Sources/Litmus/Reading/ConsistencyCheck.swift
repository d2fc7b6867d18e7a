import Diagnostics
import X86

/// Checks what needs the whole test: that its parts speak of the same processors, labels and pages, and do not contradict
/// each other.
struct ConsistencyCheck {
    let source: SourceText
    let test: LitmusTest
    let mentions: Mentions
    /// What comments say about the conditions.
    let results: [String: ExpectedResult]
    /// The text of initial state and program, comments blank.
    let stateAndProgram: ArraySlice<UInt8>

    /// What is wrong.
    let log: FaultLog

    /// Notes what is wrong.
    ///
    /// Where parts of the test could not be read only the head is checked: the rest would be blamed for what is missing.
    func run() {
        let isWhole = log.isEmpty
        checkHeaders(isWhole: isWhole)
        guard isWhole else { return }
        checkResults()
        checkMentions()
        checkInterrupts()
        checkInitialState()
        checkHoles()
    }

    /// Notes verdicts that are expected of conditions that are not there.
    private func checkResults() {
        let names = test.conditionNames.compactMap { $0 }
        for (name, result) in results where !name.isEmpty && !names.contains(name) {
            log.note(
                source.diagnostic(
                    "there is no condition `\(name)`", at: result.range,
                    remedy: LitmusTest.remedy(for: name, among: names)))
        }
    }

    // MARK: Headers

    private func checkHeaders(isWhole: Bool) {
        var seen: Set<String> = []
        for header in test.headers {
            guard let key = HeaderKey(rawValue: header.key) else { continue }
            if let name = header.condition, !check(name, of: key, header, isWhole) { continue }
            // A role is one processor's.
            guard seen.insert(header.key + (header.condition.map { " " + $0 } ?? "")).inserted || key == .role else {
                log.note(
                    Diagnostic(
                        file: source.file, span: header.span,
                        message: "`\(header.key)\(header.condition.map { " " + $0 } ?? "")=` is given twice",
                        remedy: "keep one of the lines"))
                continue
            }
            do throws(Diagnostic) {
                try check(header, key, isWhole)
            } catch {
                log.note(error.inFile(source.file))
            }
        }
    }

    /// Whether a line may be about this condition; notes why not.
    private func check(_ name: String, of key: HeaderKey, _ header: Header, _ isWhole: Bool) -> Bool {
        guard key.isAboutCondition else {
            log.note(
                Diagnostic(
                    file: source.file, span: header.span, message: "`\(key.rawValue)=` is about the whole test",
                    remedy: "write `\(key.rawValue)=\(header.value)`; conditions that need another go into another file"
                ))
            return false
        }
        let names = test.conditionNames.compactMap { $0 }
        guard isWhole, !names.contains(name) else { return true }
        log.note(
            Diagnostic(
                file: source.file, span: header.conditionSpan, message: "there is no condition `\(name)`",
                remedy: LitmusTest.remedy(for: name, among: names)))
        return false
    }

    private func check(_ header: Header, _ key: HeaderKey, _ isWhole: Bool) throws(Diagnostic) {
        switch key {
        case .processors:
            let assignment = try HeaderValue.cpuAssignment(header, processors: isWhole ? test.threads.count : 0)
            guard isWhole, case .perProcessor(let profiles) = assignment else { return }
            try checkProcessors(profiles.keys.sorted(), header)
        case .fault:
            let (all, byProcessor) = try HeaderValue.faultPolicies(header)
            guard isWhole else { return }
            try checkProcessors(byProcessor.keys.sorted(), header)
            for processor in 0..<test.threads.count {
                try check(
                    byProcessor[processor] ?? all, of: processor, isOwn: byProcessor[processor] != nil, header)
            }
        case .gate: _ = try HeaderValue.faultGate(header)
        case .translate, .shadowStack: _ = try HeaderValue.variables(header, key: key)
        case .region: checkRegions(try RegionReader.regions(of: header), header, isWhole)
        case .levels: _ = try HeaderValue.levels(header)
        case .userTables: _ = try HeaderValue.userRoots(header)
        case .processContexts: try checkContexts(try HeaderValue.processContexts(header), header)
        case .role:
            let processor = try HeaderValue.role(header).processor
            if isWhole { try checkProcessors([processor], header) }
            let first = test.headers.first { other in
                other.key == key.rawValue && (try? HeaderValue.role(other).processor) == processor
            }
            guard first?.place == header.place else {
                throw header.fault("P\(processor) is given two roles", at: "", remedy: "keep one")
            }
        case .sequence, .failure, .remark, .purpose: break
        case .include, .source, .function, .stub, .feature, .staticKey, .compilerFlags, .linux, .without: break
        }
    }

    private func checkContexts(_ contexts: [String: Int], _ header: Header) throws(Diagnostic) {
        guard !test.hasUserRoots, let name = contexts.keys.filter({ SpaceName.owner(ofUser: $0) != nil }).min() else {
            return
        }
        throw header.fault(
            "`\(name)` is a root for user mode, which the test does not have", at: name, remedy: "add the line `PTI=on`"
        )
    }

    private func checkProcessors(_ processors: [Int], _ header: Header) throws(Diagnostic) {
        guard let missing = processors.first(where: { $0 >= test.threads.count }) else { return }
        throw header.fault(
            "there is no processor P\(missing)", at: "P\(missing):", remedy: "the test has \(processorList)")
    }

    private func check(
        _ policy: FaultPolicy?, of processor: Int, isOwn: Bool, _ header: Header
    ) throws(Diagnostic) {
        let hasHandler = test.handlers[processor] != nil
        if policy == .handler, !hasHandler {
            throw header.fault(
                "P\(processor) has no fault handler", at: isOwn ? "P\(processor):" : "handler",
                remedy: "add a column `P\(processor).F`")
        }
        if isOwn, hasHandler, let policy, policy != .handler {
            throw header.fault(
                "P\(processor) has a fault handler, which `\(policy.rawValue)` would never run",
                at: "P\(processor):", remedy: "write `P\(processor):handler`, or remove the column `P\(processor).F`")
        }
    }

    // MARK: Mentions

    var processorList: String {
        test.threads.count == 1 ? "only P0" : "P0 to P\(test.threads.count - 1)"
    }

    private func checkMentions() {
        for mention in mentions.processors where mention.subject >= test.threads.count {
            log.note(
                source.diagnostic(
                    "there is no processor P\(mention.subject)", at: mention.range,
                    remedy: "the test has \(processorList)"))
        }
        for mention in mentions.labels {
            let (processor, label) = mention.subject
            guard processor < test.threads.count else { continue }
            let known = test.threads[processor].program.labels.keys.sorted()
            guard !known.contains(label) else { continue }
            log.note(
                source.diagnostic(
                    "P\(processor) has no label `\(label)`", at: mention.range,
                    remedy: known.isEmpty
                        ? "put `\(label):` before the instruction in P\(processor)"
                        : NearName.remedy(for: label, among: known)))
        }
        for mention in mentions.pages where !isUsed(mention.subject) {
            log.note(
                source.diagnostic(
                    "the test does not use `\(mention.subject)`", at: mention.range,
                    remedy: "name a variable that an instruction or the initial state names"))
        }
    }

    /// Whether initial state or program name a variable or its entry, or a header that lists variables does.
    private func isUsed(_ name: String) -> Bool {
        var rest = stateAndProgram
        while let start = rest.firstIndex(where: { $0.continuesName }) {
            rest = rest[start...]
            let end = rest.firstIndex { !$0.continuesName } ?? rest.endIndex
            let word = rest[..<end]
            if word.elementsEqual(name.utf8) { return true }
            if word.dropFirst(4).elementsEqual(name.utf8),
                Self.entryPrefixes.contains(where: word.prefix(4).elementsEqual)
            {
                return true
            }
            rest = rest[end...]
        }
        return [HeaderKey.translate, .shadowStack].contains { key in
            test.header(key).map { HeaderValue.words($0).contains(name) } ?? false
        }
    }

    /// `pte_`, `pmd_` and so on.
    private static let entryPrefixes = EntryLevel.allCases.map { Array("\($0.entrySpelling.lowercased())_".utf8) }

    private func checkRegions(_ regions: Regions, _ header: Header, _ isWhole: Bool) {
        guard isWhole else { return }
        for name in regions.names where !isUsed(name) {
            log.note(
                Diagnostic(
                    file: source.file, span: RegionReader.span(of: name, in: header),
                    message: "the test does not use `\(name)`",
                    remedy: "name a variable that an instruction or the initial state names"))
        }
    }

    // MARK: Initial state

    /// A place that two assignments can both set.
    private enum Target: Hashable {
        case register(processor: Int, Register)
        case setting(processor: Int, String)
        case memory(MemoryName)
        case entry(EntryWord)
    }

    private func checkInitialState() {
        // The last assignment to each location, by its target.
        var earlier: [Target: [Location: Initialization]] = [:]
        let words = EntryWords(test.regions)
        let targets = test.initializations.map { target(of: $0.location, words) }
        // Most tests have few assignments, and no two to one target: that is seen without tables.
        if targets.count < 8, !targets.indices.contains(where: { targets[..<$0].contains(targets[$0]) }) { return }
        for (index, assignment) in test.initializations.enumerated() {
            let before = earlier[targets[index]]?.values
            if let conflict = before?.first(where: { contradicts($0, assignment, words) }) {
                log.note(contradiction(of: assignment, to: conflict, at: mentions.assignments[index]))
            }
            earlier[targets[index], default: [:]][assignment.location] = assignment
        }
    }

    private func contradiction(
        of assignment: Initialization, to earlier: Initialization, at range: Range<Int>
    ) -> Diagnostic {
        let name = LitmusWriter.text(of: assignment.location)
        let other = LitmusWriter.text(of: earlier.location)
        let isShared = name != other && assignment.location.entryName != nil
        return source.diagnostic(
            "`\(name)` was set otherwise in line \(earlier.place.line)\(isShared ? ", as `\(other)`" : "")", at: range,
            remedy: isShared
                ? "keep one of the assignments: it is one word, which both pages share (`Region=`)"
                : "keep one of the assignments; a declaration without value sets 0")
    }

    private func target(of location: Location, _ words: EntryWords) -> Target {
        switch location.kind {
        case .register(let processor, let operand): .register(processor: processor, operand.register)
        case .setting(let processor, let name): .setting(processor: processor, name)
        case .memory(.frame(let page), _): .memory(.variable(page))
        case .memory(let name, _), .field(let name, _): words.word(of: name).map { .entry($0) } ?? .memory(name)
        }
    }

    private func contradicts(_ first: Initialization, _ second: Initialization, _ words: EntryWords) -> Bool {
        if case .register(_, let one) = first.location.kind, case .register(_, let other) = second.location.kind,
            one.width == .byte, other.width == .byte, one.isHighByte != other.isHighByte
        {
            return false
        }
        return first.values.map { normalized($0, in: first.location, words) }
            != second.values.map { normalized($0, in: second.location, words) }
    }

    /// A value in which the order of an entry's fields does not count, nor by which of its pages a table is named.
    private func normalized(_ value: Value, in location: Location, _ words: EntryWords) -> Value {
        guard case .entry(var literal) = value.kind else { return value }
        literal.fields.sort { $0.name < $1.name }
        if let name = location.entryName { literal = words.normalized(literal, in: name) }
        return .entry(literal)
    }
}
