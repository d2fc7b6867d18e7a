import Diagnostics

/// On which CPUs a test wants to be checked: `CPU=`.
public enum CPUAssignment: Sendable, Hashable {
    /// `CPU=cet late`: these profiles, one after the other, each for all processors.
    case profiles([String])
    /// `CPU=P0:cet P1:late`: one machine with a profile for each processor.
    case perProcessor([Int: String])
}

/// What a processor does after a page fault: `Fault=`.
public enum FaultPolicy: String, Sendable, Hashable, CaseIterable {
    /// The thread ends.
    case stop
    /// The thread waits until the entry changed, then executes the instruction again.
    case retry
    /// The column `Pn.F` runs.
    case handler
}

/// Through what kind of gate a fault handler is entered: `Gate=`.
public enum FaultGate: String, Sendable, Hashable, CaseIterable {
    /// Interrupts are off in the handler.
    case interrupt
    /// Interrupts stay as they are.
    case trap
}

/// Which variables are translated: `Translate=`.
public enum TranslatedVariables: Sendable, Hashable {
    /// Every variable.
    case all
    /// These, and those whose entries the test names.
    case named([String])
}

/// The header lines that have a meaning, typed. A parsed test's values are well-formed; those of a test made by hand that
/// are not count as missing.
extension LitmusTest {
    /// `CPU=`, or nil when the test leaves the choice open.
    public var cpuAssignment: CPUAssignment? {
        line(.processors).flatMap { try? HeaderValue.cpuAssignment($0, processors: threads.count) }
    }

    /// What each processor does after a page fault: `Fault=`, `handler` where there is a column `Pn.F`, else `stop`.
    public var faultPolicies: [Int: FaultPolicy] {
        let given = line(.fault).flatMap { try? HeaderValue.faultPolicies($0) }
        var policies: [Int: FaultPolicy] = [:]
        for processor in threads.map({ $0.processor }) {
            policies[processor] =
                given?.byProcessor[processor] ?? (handlers[processor] != nil ? .handler : given?.all ?? .stop)
        }
        return policies
    }

    /// `Gate=`: through what kind of gate handlers are entered; an interrupt gate when the line is missing.
    public var faultGate: FaultGate { line(.gate).flatMap { try? HeaderValue.faultGate($0) } ?? .interrupt }

    /// By processor what it is there for, for people: the lines `Role=P1:writes the page`; nil where there is none.
    public var roles: [String?] {
        var roles = [String?](repeating: nil, count: threads.count)
        for header in headers where header.key == HeaderKey.role.rawValue && header.condition == nil {
            guard let (processor, role) = try? HeaderValue.role(header), processor < roles.count else { continue }
            roles[processor] = role
        }
        return roles
    }

    /// `Translate=`; no names when the line is missing.
    public var translated: TranslatedVariables {
        guard let value = header(.translate) else { return .named([]) }
        let names = HeaderValue.words(value)
        return names == ["all"] ? .all : .named(names)
    }

    /// `ShadowStack=`: the pages that belong to shadow-stack mappings.
    public var shadowStackPages: [String] { header(.shadowStack).map(HeaderValue.words) ?? [] }

    /// `Region=`: how pages lie in regions and ranges; nil where the head does not say it.
    public var regions: Regions? { line(.region).flatMap { try? RegionReader.regions(of: $0) } }

    /// Where `Region=` names a variable, or the line as a whole; nil where there is no such line.
    package func span(inRegions name: String) -> SourceSpan? {
        line(.region).map { RegionReader.span(of: name, in: $0) }
    }

    /// `Sequence=`: the instructions in question, for the table of the corpus.
    public var sequence: String? { text(.sequence) }
    /// `Failure=`: what goes wrong, for the table of the corpus.
    public var failure: String? { text(.failure) }
    /// `Remark=`: a note for the table of the corpus.
    public var remark: String? { text(.remark) }
    /// `Function=`: the functions of a kernel's source files that the test is about.
    public var testedFunctions: [String] {
        headers.filter { $0.key == HeaderKey.function.rawValue }.flatMap { HeaderValue.words($0.value) }
    }
    /// `Purpose=`: one sentence on why the test exists.
    public var purpose: String? { text(.purpose) }

    /// Warnings about keys that have no meaning and are close to one that has: `Faults=`, `cpu=`.
    ///
    /// Unknown keys are kept and ignored, as in herd7; a slip in a key that matters would change verdicts silently.
    public var headerWarnings: [Diagnostic] {
        headers.compactMap { header in
            guard HeaderKey(rawValue: header.key) == nil,
                let near = NearName.of(header.key, among: HeaderKey.allCases.map { $0.rawValue })
            else { return nil }
            return Diagnostic(
                place: header.place, length: header.key.count,
                message: "the key `\(header.key)` has no meaning and is ignored",
                remedy: "did you mean `\(near)`?")
        }
    }

    /// The value of a line that has a meaning.
    func header(_ key: HeaderKey) -> String? { line(key)?.value }

    /// The last line with a key that has a meaning.
    private func line(_ key: HeaderKey) -> Header? { headers.last { $0.key == key.rawValue } }

    private func text(_ key: HeaderKey) -> String? {
        guard let value = header(key), !value.isEmpty else { return nil }
        return value
    }
}

/// Reads the values of header lines.
enum HeaderValue {
    /// The words of a value; blanks and commas separate them.
    static func words(_ value: String) -> [String] {
        value.split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init)
    }

    static func cpuAssignment(_ header: Header, processors count: Int) throws(Diagnostic) -> CPUAssignment {
        let words = words(header.value)
        let remedy =
            "write `CPU=cet late` (profiles, one after the other) or `CPU=P0:cet P1:late` (one for each processor)"
        guard let first = words.first else {
            throw header.fault("`CPU=` names no profile", at: "", remedy: remedy)
        }
        guard first.contains(":") else {
            if let mixed = words.first(where: { !isProfile($0) }) {
                throw header.fault("`\(mixed)` is not the name of a profile", at: mixed, remedy: remedy)
            }
            if let repeated = repetition(in: words) {
                throw header.fault(
                    "the profile `\(repeated)` is named twice", at: repeated, remedy: "keep one")
            }
            return .profiles(words)
        }
        var profiles: [Int: String] = [:]
        for word in words {
            let (processor, profile) = try perProcessor(word, of: header, remedy: remedy)
            guard isProfile(profile) else {
                throw header.fault("`\(profile)` is not the name of a profile", at: word, remedy: remedy)
            }
            guard profiles.updateValue(profile, forKey: processor) == nil else {
                throw header.fault("P\(processor) is given two profiles", at: word, remedy: "keep one")
            }
        }
        if let missing = (0..<count).first(where: { profiles[$0] == nil }) {
            throw header.fault(
                "`CPU=` gives P\(missing) no profile", at: "", remedy: "name one for every processor")
        }
        return .perProcessor(profiles)
    }

    static func role(_ header: Header) throws(Diagnostic) -> (processor: Int, role: String) {
        let (processor, role) = try perProcessor(
            header.value, of: header, remedy: "write `Role=P1:writes the page`, a line for each processor")
        guard role.unicodeScalars.count <= longestRole else {
            throw header.fault(
                "a role has at most \(longestRole) characters", at: "", remedy: "the description has room for more")
        }
        return (processor, role)
    }

    /// It stands in the head of a column.
    private static let longestRole = 40

    static func faultPolicies(
        _ header: Header
    ) throws(Diagnostic) -> (all: FaultPolicy?, byProcessor: [Int: FaultPolicy]) {
        let remedy = "write `Fault=P1:retry P2:stop`, or `Fault=retry` for all processors"
        var all: FaultPolicy?
        var byProcessor: [Int: FaultPolicy] = [:]
        let words = words(header.value)
        if words.isEmpty { throw header.fault("`Fault=` names no policy", at: "", remedy: remedy) }
        for word in words {
            guard word.contains(":") else {
                let policy = try policy(word, in: word, of: header)
                guard all == nil else {
                    throw header.fault("`Fault=` gives two policies for all", at: word, remedy: remedy)
                }
                all = policy
                continue
            }
            let (processor, name) = try perProcessor(word, of: header, remedy: remedy)
            guard byProcessor.updateValue(try policy(name, in: word, of: header), forKey: processor) == nil else {
                throw header.fault("P\(processor) is given two policies", at: word, remedy: "keep one")
            }
        }
        return (all, byProcessor)
    }

    static func faultGate(_ header: Header) throws(Diagnostic) -> FaultGate {
        let words = words(header.value)
        guard words.count == 1, let gate = FaultGate(rawValue: words[0]) else {
            throw header.fault(
                "`\(header.value)` is not a kind of gate", at: words.first ?? "",
                remedy: "write `Gate=interrupt` (interrupts are off in handlers) or `Gate=trap` (they stay as they are)"
            )
        }
        return gate
    }

    static func variables(_ header: Header, key: HeaderKey) throws(Diagnostic) -> [String] {
        let words = words(header.value)
        let remedy = "write `\(key.rawValue)=\(key.example)`" + (key == .translate ? " or `Translate=all`" : "")
        guard !words.isEmpty else {
            throw header.fault("`\(key.rawValue)=` names no variable", at: "", remedy: remedy)
        }
        for word in words {
            guard word.isVariableName else {
                throw header.fault("`\(word)` is not a variable", at: word, remedy: remedy)
            }
        }
        if let repeated = repetition(in: words) {
            throw header.fault("`\(repeated)` is named twice", at: repeated, remedy: "keep one")
        }
        return words
    }

    private static func policy(_ name: String, in word: String, of header: Header) throws(Diagnostic) -> FaultPolicy {
        guard let policy = FaultPolicy(rawValue: name) else {
            throw header.fault(
                "there is no fault policy `\(name)`", at: word,
                remedy: NearName.remedy(for: name, among: FaultPolicy.allCases.map({ $0.rawValue })))
        }
        return policy
    }

    /// The parts of `P1:word`.
    private static func perProcessor(
        _ word: String, of header: Header, remedy: String
    ) throws(Diagnostic) -> (Int, String) {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let name = parts.first, name.first == "P",
            name.dropFirst().utf8.allSatisfy({ $0.isDigit }), let processor = Int(name.dropFirst()),
            let rest = parts.last, !rest.isEmpty
        else { throw header.fault("`\(word)` is not of the form `P0:word`", at: word, remedy: remedy) }
        return (processor, rest)
    }

    private static func isProfile(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { $0.continuesKey }
    }

    private static func repetition(in words: [String]) -> String? {
        var seen: Set<String> = []
        return words.first { !seen.insert($0).inserted }
    }
}
