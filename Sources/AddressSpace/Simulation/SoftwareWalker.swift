import PageTable

/// One CPU's translation in software: it walks tables in memory while others change them, sets A and D with the same
/// steps as a CPU of a chosen behaviour, keeps a TLB of 128 translations, and takes shootdowns between accesses.
///
/// For one thread; each thread has its own. When its life ends, its port is free again, and no shootdown waits for it.
///
/// The CPU has CR0.WP=1, EFER.NXE=1, and CR4 with SMEP, SMAP, PKE and PGE clear: a write needs W also in supervisor mode,
/// a user's pages are open to the kernel, protection keys and G mean nothing. All 40 bits of a frame exist; reserved are
/// PS at levels 4 and 5, and the bits between a large page's PAT and its frame (SDM volume 3A, sections 4.5 to 4.7).
///
/// Accesses have 1, 2, 4 or 8 bytes and may lie anywhere. One that lies in two pages translates both before it does
/// anything; if the second faults, the first may have got A and D nevertheless. Bytes of one aligned word of 8 bytes are
/// read and written in one step, in which no neighbour is lost; an access that lies in two words takes two.
/// Addresses wrap around from the highest to 0, page by page.
public struct SoftwareWalker<Frames: FrameProvider, Observer: WalkerObserver>: ~Copyable {
    /// How this CPU behaves.
    public let behaviour: CPUBehaviour
    /// How many levels of tables it walks.
    public let depth: PagingDepth
    /// Whether accesses are a user's or the kernel's.
    public var isUser = true
    /// How many loops to pass between deciding to set D and setting it: makes races likelier.
    public var updateDelay = 0
    /// Gets each step.
    public var observer: Observer
    /// The pool that notes it when data are accessed in a frame that is a table, or free; nil at first.
    ///
    /// Such an access is done nevertheless, as a CPU does it.
    public var pool: FramePool?
    /// Whether the CPU is lazy: see ``enterLazy()``.
    public private(set) var isLazy = false

    let port: WalkerPort
    let frames: Frames
    private(set) var root: Frame
    private let number: UInt64
    private let isObserved: Bool

    /// Makes a walker that tells an observer what it does.
    /// - Parameters:
    ///   - port: where it is reached, used by no other walker.
    ///   - frames: memory.
    ///   - behaviour: what CPU it is.
    ///   - root: the root table to begin with.
    ///   - depth: how many levels of tables to walk.
    ///   - observer: gets each step.
    public init(
        port: WalkerPort, frames: Frames, behaviour: CPUBehaviour, root: Frame, depth: PagingDepth = .four,
        observer: Observer
    ) {
        self.port = port
        self.frames = frames
        self.behaviour = behaviour
        self.root = root
        self.depth = depth
        self.observer = observer
        number = port.attach()
        isObserved = !Observer.isSilent
        load(root: root)
    }

    deinit { port.detach(number) }

    // MARK: Coming and going

    /// Loads another root table, as a write to CR3: the TLB is empty then.
    public mutating func load(root: Frame) {
        self.root = root
        isLazy = false
        port.load(root: root)
        report(.loadedRoot(root))
    }

    /// Runs no user code from here on, but keeps the root table: a CPU that is idle, or in a kernel thread.
    ///
    /// It is asked by no shootdown then but by those that free tables.
    public mutating func enterLazy() {
        guard !isLazy else { return }
        isLazy = true
        port.enterLazy()
        report(.becameLazy)
    }

    /// Runs user code again: the TLB is empty then, as nobody knows what the CPU has missed.
    ///
    /// The next access does this by itself. Nothing if the CPU is not lazy.
    public mutating func leaveLazy() {
        guard isLazy else { return }
        isLazy = false
        port.load(root: root)
        report(.dropped(address: nil, .endOfLaziness))
    }

    /// Ends the walker: its port is free, and no shootdown asks it or waits for it.
    public consuming func detach() {}

    // MARK: Accesses

    /// Reads eight bytes.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the data's frame.
    public mutating func read(at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.read, at: address, byteCount: 8)
    }

    /// Reads 1, 2, 4 or 8 bytes.
    /// - Returns: the value in the low bits, or a fault.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the data's frame.
    public mutating func read<Value: AccessValue>(_ type: Value.Type, at address: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try perform(.read, at: address, byteCount: Self.byteCount(of: type))
    }

    /// Writes eight bytes.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the data's frame.
    public mutating func write(_ value: UInt64, at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.write, at: address, byteCount: 8, value)
    }

    /// Writes 1, 2, 4 or 8 bytes.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the data's frame.
    public mutating func write<Value: AccessValue>(_ value: Value, at address: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try perform(.write, at: address, byteCount: Self.byteCount(of: Value.self), UInt64(truncatingIfNeeded: value))
    }

    /// Fetches one byte of an instruction, which NX at any level forbids; D stays as it is.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the frame of the code.
    public mutating func fetch(at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try perform(.fetch, at: address, byteCount: 1)
    }

    /// Fetches 1, 2, 4 or 8 bytes of an instruction, which NX at any level forbids; D stays as it is.
    /// - Throws: `notCanonical`; `frameNotReachable` for a table, or for the frame of the code.
    public mutating func fetch<Value: AccessValue>(_ type: Value.Type, at address: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try perform(.fetch, at: address, byteCount: Self.byteCount(of: type))
    }

    /// Reads eight bytes of a shadow stack; on a CPU without shadow stacks, it faults.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func readShadowStack(at address: UInt64) throws(AddressSpaceError) -> AccessResult {
        try checkAligned(address)
        return try perform(.shadowStackRead, at: address, byteCount: 8)
    }

    /// Writes eight bytes to a shadow stack, as `call` and `wrss` do; on a CPU without shadow stacks, it faults.
    /// - Throws: `notCanonical`; `notAligned` to eight; `frameNotReachable` for a table, or for the data's frame.
    public mutating func writeShadowStack(_ value: UInt64, at address: UInt64) throws(AddressSpaceError)
        -> AccessResult
    {
        try checkAligned(address)
        return try perform(.shadowStackWrite, at: address, byteCount: 8, value)
    }

    /// Throws unless a shadow stack can have a word there (SDM volume 2, WRSSD/WRSSQ).
    private func checkAligned(_ address: UInt64) throws(AddressSpaceError) {
        try depth.checkCanonical(address)
        guard address % 8 == 0 else { throw .notAligned(address: address, to: 8) }
    }

    /// The size of a value; a type that conforms against the rule of the protocol counts as one of eight bytes at most.
    private static func byteCount<Value: AccessValue>(of type: Value.Type) -> UInt64 {
        UInt64(min(8, max(1, type.bitWidth / 8)))
    }

    /// Tells the observer, if there is one that wants to know.
    @inline(__always)
    mutating func report(_ step: @autoclosure () -> WalkerStep) {
        if isObserved { observer.observe(step()) }
    }
}

extension SoftwareWalker where Observer == NoObserver {
    /// Makes a walker.
    /// - Parameters:
    ///   - port: where it is reached, used by no other walker.
    ///   - frames: memory.
    ///   - behaviour: what CPU it is.
    ///   - root: the root table to begin with.
    ///   - depth: how many levels of tables to walk.
    public init(
        port: WalkerPort, frames: Frames, behaviour: CPUBehaviour, root: Frame, depth: PagingDepth = .four
    ) {
        self.init(
            port: port, frames: frames, behaviour: behaviour, root: root, depth: depth, observer: NoObserver())
    }
}
