/// Anything that can be explored: packed states and the steps between them.
///
/// A state is `stateWords` 64-bit words; two states are the same when all their words are. A system must give the
/// successors of a state in the same order every time, because witnesses are found again by their numbers.
public protocol TransitionSystem: AnyObject {
    /// Length of a state in 64-bit words.
    var stateWords: Int { get }

    /// Writes the state that every run begins in.
    func writeInitialState(to state: UnsafeMutablePointer<UInt64>)

    /// The steps out of a state; the view is valid until the next call.
    func successors(of state: UnsafePointer<UInt64>) -> Successors

    /// Whether the question of the search is decided in this state already, before any run ends.
    ///
    /// Asked once for each new state, in the order in which they are found, until it has said yes.
    func isGoal(_ state: UnsafePointer<UInt64>) -> Bool

    /// Whether the system cannot go on, noticed while successors were computed; the search stops then.
    var hasFailed: Bool { get }

    /// Bytes that the system keeps beside the states.
    var bytes: Int { get }

    /// A system for another thread that gives the same successors, or nil where there is no such thing.
    ///
    /// Followers may run at the same time as each other but not as their leader.
    func follower() -> Self?

    /// Whether a follower could not compute successors since this was last cleared; its leader can.
    var isAtALoss: Bool { get set }
}

extension TransitionSystem {
    /// Nothing to speak of.
    public var bytes: Int { 0 }

    /// No followers: one thread explores.
    public func follower() -> Self? { nil }

    /// Never, without followers.
    public var isAtALoss: Bool {
        get { false }
        set {}
    }
}

/// The steps out of one state, in flat storage that belongs to the system.
public struct Successors {
    /// `count` states, one after the other.
    public var states: UnsafePointer<UInt64>
    /// `count` labels, one a step, meaningful to the system alone.
    public var labels: UnsafePointer<UInt32>
    /// The number of steps.
    public var count: Int
    /// Whether runs end here (there may still be steps that change nothing of interest).
    public var isFinal: Bool

    /// Views flat storage.
    public init(states: UnsafePointer<UInt64>, labels: UnsafePointer<UInt32>, count: Int, isFinal: Bool) {
        self.states = states
        self.labels = labels
        self.count = count
        self.isFinal = isFinal
    }
}
