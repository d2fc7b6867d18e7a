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

    /// Finds out what matters in a scenario.
    public init(_ scenario: Scenario) {
        let traits = RelevantTraits(scenario)
        let cpus = scenario.cpus
        profiles = cpus.indices.map(traits.profile(ofCPU:))
        twins = cpus.indices.map { cpu in cpus.indices.first { cpus[$0].profile == cpus[cpu].profile } ?? cpu }
        privateMemories = cpus.map { $0.privateMemory }
    }
}
