import AddressSpace
import PageTable
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

private let base: UInt64 = 0x7000_0000_0000

/// How many walks each reader makes: `PTERO_STRESS_WALKS`.
private let walks = Volume.rounds("PTERO_STRESS_WALKS", full: 60_000, sample: 10_000)

/// A page that is mapped all the time, while two threads put other frames in its place again and again.
private final class ReplacedPage: Sendable {
    let memory: Memory
    let space: Space
    /// The frames that take turns; none is given back, and no table either, so that readers need no lock for that.
    let frames: [Frame]
    let isStopped = Atomic(false)
    let replacements = Atomic<Int>(0)
    let mistakes = Atomic<Int>(0)
    let nothings = Atomic<Int>(0)

    init() throws {
        let memory = try Memory(frames: 32)
        self.memory = memory
        space = try memory.space()
        frames = try (0..<4).map { _ in try memory.frame() }
        try space.map(Leaf<PrivateMapping>(frames[0], [.write, .user]), at: base)
    }

    /// Another frame than the one that is mapped.
    private func other(_ frame: Frame, _ random: inout Xorshift) -> Frame {
        let choice = frames[random.below(frames.count)]
        return choice == frame ? frames.first { $0 != frame } ?? frame : choice
    }

    /// Merges the page into another frame, and makes it writable.
    func merge() {
        var random = Xorshift(seed: 1)
        while !isStopped.load(ordering: .relaxed) {
            do {
                let result = try space.writeProtectForMerge(at: base) { _ in random.below(4) > 0 }
                guard case .protected(let entry, _) = result else { continue }
                let twin = other(Frame(of: entry), &random)
                try space.merge(at: base, expecting: entry, into: twin)
                replacements.wrappingAdd(1, ordering: .relaxed)
                try space.makeWritable(at: base)
            } catch AddressSpaceError.entryChanged { continue } catch { fail() }
        }
    }

    /// Breaks copy-on-write, as the handler of a fault and step by step.
    func copy() {
        var random = Xorshift(seed: 2)
        while !isStopped.load(ordering: .relaxed) {
            do {
                try space.writeProtect(at: base)
                _ = try space.handleFault(at: base + 5, .write, isExclusive: { _ in false }) { frame, _ in
                    other(frame, &random)
                }
                let entry = try space.walk(base).entry
                try space.breakCopyOnWrite(at: base, expecting: entry, into: other(Frame(of: entry), &random))
                replacements.wrappingAdd(1, ordering: .relaxed)
            } catch AddressSpaceError.entryChanged { continue } catch { fail() }
        }
    }

    /// Walks with the lock: the page is there each time.
    func walk() {
        for _ in 0..<walks {
            guard let found = try? space.walk(base + 8), frames.contains(found.frame) else {
                fail()
                continue
            }
        }
        stop()
    }

    /// Walks without the lock: the page may be away for a moment, but what is seen of it is true.
    func glimpse() {
        while !isStopped.load(ordering: .relaxed) {
            switch space.glimpse(base + 8) {
            case .page(let found): if !frames.contains(found.frame) || found.kind != .private { fail() }
            case .nothing: nothings.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }

    private func fail() { mistakes.wrappingAdd(1, ordering: .relaxed) }
    private func stop() { isStopped.store(true, ordering: .relaxed) }
}

@Suite(.serialized) struct StressWalkTests {
    @Test func aWalkWithTheLockFindsAPageThatIsMappedAllTheTime() throws {
        let page = try ReplacedPage()
        runThreads([{ page.merge() }, { page.copy() }, { page.walk() }, { page.glimpse() }])
        #expect(page.mistakes.load(ordering: .relaxed) == 0)
        #expect(page.replacements.load(ordering: .relaxed) > 0)
        if walks > 100_000 {
            let (replaced, away) = (page.replacements.load(ordering: .relaxed), page.nothings.load(ordering: .relaxed))
            print("\(walks) walks, \(replaced) replacements, away \(away) times without the lock")
        }
    }
}
