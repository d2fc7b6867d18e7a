import AddressSpace
import PageTable

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

typealias Space = AddressSpace<Memory, WalkerInterrupts<[WalkerPort]>, SpinLock>

/// There was no frame left in a test's pool, or no value where one must be.
struct Missing: Error {}

/// A pool of frames that is freed with the object.
///
/// It is the provider itself, so that the memory stays as long as an address space that has tables in it.
final class Memory: FrameProvider, @unchecked Sendable {
    private let words: UnsafeMutableBufferPointer<UInt64>
    let pool: FramePool

    /// Memory for a pool.
    /// - Parameter content: what each word holds at first. By default what is no zero and no entry: a test must not depend
    ///   on what memory of the process happens to hold.
    init(frames: Int, content: UInt64 = 0x5A5A_5A5A_5A5A_5A5A) throws {
        words = .allocate(capacity: frames * 512)
        words.initialize(repeating: content)
        pool = try FramePool(words)
    }

    deinit { words.deallocate() }

    func space(_ ports: [WalkerPort] = []) throws -> Space {
        try AddressSpace(frames: self, shootdown: interrupts(ports), lock: SpinLock { sched_yield() })
    }

    func interrupts(_ ports: [WalkerPort]) -> WalkerInterrupts<[WalkerPort]> {
        WalkerInterrupts(ports) { sched_yield() }
    }

    func allocate() -> Frame? { pool.allocate() }
    func release(_ frame: Frame) { pool.release(frame) }
    func words(of frame: Frame) -> UnsafeMutablePointer<UInt64>? { pool.words(of: frame) }

    func frame() throws -> Frame {
        guard let frame = pool.allocateData() else { throw Missing() }
        return frame
    }

    func page(_ rights: Rights = [.write, .user]) throws -> Leaf<PrivateMapping> { Leaf(try frame(), rights) }
    func shared(_ rights: Rights = [.write, .user]) throws -> Leaf<SharedMapping> { Leaf(try frame(), rights) }
}

/// A shootdown that only writes down what it is asked for.
final class RecordedShootdowns: Shootdown {
    enum Request: Equatable {
        case pages(UInt64, Int)
        case everything
    }
    var requests: [Request] = []
    static var ordersEarlierStores: Bool { true }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {
        requests.append(request.isEverything ? .everything : .pages(request.first, request.count))
    }
    /// What was asked for since the last time.
    func take() -> [Request] {
        defer { requests = [] }
        return requests
    }
}

/// A lock that only checks that it is used in pairs.
final class CheckedLock: PageTableLock {
    private(set) var isHeld = false
    private(set) var mistakes = 0
    /// How often it was taken.
    private(set) var count = 0
    func lock() {
        count += 1
        if isHeld { mistakes += 1 }
        isHeld = true
    }
    func unlock() {
        if !isHeld { mistakes += 1 }
        isHeld = false
    }
}

/// Runs closures in threads of their own and waits for all of them.
func runThreads(_ bodies: [@Sendable () -> Void]) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    #if canImport(Darwin)
        var threads: [pthread_t?] = []
    #else
        var threads: [pthread_t] = []
    #endif
    for body in bodies {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let status = pthread_create(
            &thread, nil,
            { argument in
                // The argument is a parameter of another type on each platform.
                let pointer: UnsafeMutableRawPointer? = argument
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Body(body)).toOpaque())
        precondition(status == 0, "no thread")
        threads.append(thread)
    }
    for thread in threads {
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
    }
}
