/// What a search depends on in a scenario, as far as the scenarios of one test can differ.
///
/// Scenarios of one test differ in their CPUs' profiles, and in what compiled code finds in its private memory about the
/// CPU. Where these identities are equal a search gives the same, number for number: states and their counts, runs, and
/// what the machine tells about them. Only the names of profiles are not part of it.
public struct SearchIdentity: Hashable, Sendable {
    /// By CPU, the profile without what makes no difference.
    private let profiles: [CPUProfile]
    /// By CPU, the first whose profile is the same: those that differ are not interchangeable (`InterchangeableCPUs.swift`).
    private let twins: [Int]
    private let privateMemories: [PrivateMemory]

    /// What matters in a scenario.
    public init(_ scenario: Scenario) { self.init(RelevantTraits(scenario), scenario) }

    /// What matters in scenarios of one test, in their order; the test's code is looked at once.
    public static func ofEach(_ scenarios: [Scenario]) -> [SearchIdentity] {
        guard let first = scenarios.first else { return [] }
        let traits = RelevantTraits(first)
        return scenarios.map { SearchIdentity(traits, $0) }
    }

    private init(_ traits: RelevantTraits, _ scenario: Scenario) {
        let given = scenario.cpus.map { $0.profile }
        profiles = given.indices.map { traits.profile(ofCPU: $0, among: given) }
        twins = given.map { profile in given.firstIndex(of: profile) ?? 0 }
        privateMemories = scenario.cpus.map { $0.privateMemory }
    }
}
