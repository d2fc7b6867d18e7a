import Synchronization

/// What is done between two looks, to let other threads run: a function without a context, such as `{ sched_yield() }`.
///
/// That is why locks and shootdowns of the simulation can be used where nothing can be allocated.
public typealias WhileWaiting = @convention(c) @Sendable () -> Void

/// A lock that waits by looking again: for simulations, tests and examples.
public struct SpinLock: PageTableLock, ~Copyable, Sendable {
    private let isHeld = Atomic<Bool>(false)
    private let whileWaiting: WhileWaiting

    /// Makes a free lock.
    /// - Parameter whileWaiting: called between two looks, to let other threads run.
    public init(whileWaiting: @escaping WhileWaiting = {}) { self.whileWaiting = whileWaiting }

    /// Waits for the lock and takes it.
    public borrowing func lock() {
        while isHeld.exchange(true, ordering: .acquiring) { whileWaiting() }
    }

    /// Gives the lock back.
    public borrowing func unlock() { isHeld.store(false, ordering: .releasing) }
}
