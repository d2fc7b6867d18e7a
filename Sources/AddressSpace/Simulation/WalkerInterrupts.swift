/// The shootdown for software walkers.
///
/// For a single page, exactly that one is invalidated, so that a walker shows whether the right one was named; for more,
/// everything. Only walkers that ``Invalidation/concerns(cpuWith:isLazy:)`` names are asked, and waited for.
public struct WalkerInterrupts<Ports: Collection & Sendable>: Shootdown, Sendable where Ports.Element == WalkerPort {
    private let ports: Ports
    private let whileWaiting: WhileWaiting

    /// Makes a shootdown for some walkers.
    /// - Parameters:
    ///   - ports: the ports of all walkers that may have the address space loaded: an array, or ``WalkerPorts`` where they
    ///     come and go. An empty collection stands for a machine on which no CPU translates.
    ///   - whileWaiting: called between two looks whether a walker's access has ended, to let other threads run.
    public init(_ ports: Ports, whileWaiting: @escaping WhileWaiting = {}) {
        self.ports = ports
        self.whileWaiting = whileWaiting
    }

    /// A walker is asked by a locked instruction, but which root it has is looked up before.
    public static var ordersEarlierStores: Bool { false }

    /// Names the walkers that have a root table loaded, by their positions, and says which of them are lazy.
    public func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {
        for (number, port) in ports.enumerated() {
            let loaded = port.loaded
            if loaded.runs(root) { body(number, loaded.isLazy) }
        }
    }

    /// Invalidates translations in the walkers that are concerned.
    public func invalidate(_ request: Invalidation) {
        for port in ports { port.ask(for: request) }
        for port in ports { port.waitForEndOfAccess(concernedBy: request, whileWaiting) }
    }
}
