import Foundation

/// How much is done of what takes long.
///
/// `swift test` is a debug build, in which a search is ten to thirty times slower than in the tool. It takes samples of
/// the walks that need minutes; `PTERO_ALL_TESTS=1`, which `.ci/run test` sets, leaves nothing out.
package enum Volume {
    /// Whether everything is wanted.
    package static let isFull = ProcessInfo.processInfo.environment["PTERO_ALL_TESTS"] == "1"

    /// All elements, or every `step`th.
    package static func sample<Element>(_ elements: [Element], every step: Int) -> [Element] {
        isFull ? elements : stride(from: 0, to: elements.count, by: step).map { elements[$0] }
    }

    /// A number of rounds: what the variable of the environment says, else `full` or `sample`.
    package static func rounds(_ variable: String, full: Int, sample: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? (isFull ? full : sample)
    }
}
