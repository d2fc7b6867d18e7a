import Litmus
import Machine

/// Profiles that cannot differ on a test share one search.
extension TestChecker {
    /// The assignments, by position, in groups that one search answers; groups and their members are in the order given.
    ///
    /// What makes assignments alike is derived from the test (``Machine/SearchIdentity``): ones that differ in something that
    /// no run of it can meet.
    public func sharedSearches(_ assignments: [(label: String, profiles: [CPUProfile])]) -> [[Int]] {
        var groups: [(identity: SearchIdentity, members: [Int])] = []
        for (position, assignment) in assignments.enumerated() {
            let identity = SearchIdentity(lowered.scenario(on: assignment.profiles, isEager: false))
            if let known = groups.firstIndex(where: { $0.identity == identity }) {
                groups[known].members.append(position)
            } else {
                groups.append((identity, [position]))
            }
        }
        return groups.map { $0.members }
    }

    /// The verdict that a search on one assignment means for another which shares it.
    public func shared(_ verdict: Verdict, label: String, profiles: [CPUProfile]) -> Verdict {
        var shared = verdict
        shared.profile = label
        shared.sharedWith = verdict.profile
        shared.expected = test.expectation[label]
        shared.witness?.profiles = profiles.map { $0.name }
        return shared
    }
}
