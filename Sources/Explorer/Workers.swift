import Synchronization

#if !hasFeature(Embedded)
    import Dispatch
#endif

/// Threads that take pieces of one work until none is left.
package enum Workers {
    /// Runs `body` for each of `count` pieces of work on `threads` threads; its first argument is the thread's number.
    ///
    /// With one thread the pieces come in order. Pieces must not touch what others change.
    package static func share(_ count: Int, threads: Int, _ body: (_ worker: Int, _ piece: Int) -> Void) {
        #if !hasFeature(Embedded)
            if threads > 1 && count > 1 {
                shareOut(count, threads: threads, body)
                return
            }
        #endif
        for piece in 0..<count { body(0, piece) }
    }

    #if !hasFeature(Embedded)
        private static func shareOut(_ count: Int, threads: Int, _ body: (Int, Int) -> Void) {
            let next = Atomic<Int>(0)
            withoutActuallyEscaping(body) { body in
                // SAFETY: `concurrentPerform` returns after the last call; no two pieces touch the same.
                nonisolated(unsafe) let body = body
                DispatchQueue.concurrentPerform(iterations: threads) { worker in
                    while true {
                        let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        if piece >= count { return }
                        body(worker, piece)
                    }
                }
            }
        }
    #endif
}
