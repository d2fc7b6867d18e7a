import Litmus
import Machine

/// Profiles that cannot differ on a test share one search.
extension TestChecker {
    /// The assignments, by position, in groups that one search answers; groups and their members are in the order given.
    ///
    /// What makes assignments alike is derived from the test (``Machine/SearchIdentity``): ones that differ in something that
    /// no run of it can meet.
    package func sharedSearches(_ assignments: [(label: String, profiles: [CPUProfile])]) -> [[Int]] {
        // One alone shares with none, whatever the test contains.
        guard assignments.count > 1 else { return assignments.indices.map { [$0] } }
        let identities = SearchIdentity.ofEach(assignments.map { lowered.scenario(on: $0.profiles, isEager: false) })
        var groups: [(identity: SearchIdentity, members: [Int])] = []
        for (position, identity) in identities.enumerated() {
            if let known = groups.firstIndex(where: { $0.identity == identity }) {
                groups[known].members.append(position)
            } else {
                groups.append((identity, [position]))
            }
        }
        return groups.map { $0.members }
    }

    /// The verdicts of a group of ``sharedSearches(_:)`` by position, given that of its first member.
    package func verdicts(
        of group: [Int], among assignments: [(label: String, profiles: [CPUProfile])], _ first: Verdict
    ) -> [(position: Int, verdict: Verdict)] {
        group.map { position in
            let (label, profiles) = assignments[position]
            return (position, position == group[0] ? first : shared(first, label: label, profiles: profiles))
        }
    }

    /// The verdict that a search on one assignment means for another which shares it.
    package func shared(_ verdict: Verdict, label: String, profiles: [CPUProfile]) -> Verdict {
        var shared = verdict
        shared.profile = label
        shared.sharedWith = verdict.profile
        shared.expected = test.expectation[label]
        shared.witness?.profiles = profiles.map { $0.name }
        shared.literalWitness?.profiles = profiles.map { $0.name }
        return shared
    }
}
