import Diagnostics
import Dispatch
import Synchronization

extension MachineTiming {
    /// Waits for asynchronous work, which is cancelled when `isInterrupted` becomes true; returns whether it was.
    static func waiting(
        _ isInterrupted: () -> Bool, _ tick: () -> Void,
        for work: @escaping @Sendable () async throws(Diagnostic) -> Void
    ) throws(Diagnostic) -> Bool {
        let fault = Fault()
        let done = DispatchSemaphore(value: 0)
        let task = Task.detached {
            do throws(Diagnostic) {
                try await work()
            } catch { fault.box.withLock { $0 = error } }
            done.signal()
        }
        var wasCancelled = false
        while done.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            tick()
            if isInterrupted() {
                task.cancel()
                wasCancelled = true
            }
        }
        if let error = fault.box.withLock({ $0 }), !wasCancelled { throw error }
        return wasCancelled
    }
}

/// Where the task leaves what went wrong for the thread that waits.
private final class Fault: Sendable {
    let box = Mutex<Diagnostic?>(nil)
}
