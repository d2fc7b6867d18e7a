/// A CPU's profile and modes as plain bits for the steps.
struct CPUTraits {
    var onWriteRevoked: LateDirty
    var onNotPresent: LateDirty
    var onFrameChanged: LateDirty
    var accessedOnNotPresent: Bool
    var spuriousFaults: Bool
    var speculates: Bool
    var hasShadowStacks: Bool
    var buffersStores: Bool
    var broadcasts: Bool
    var ordersBroadcasts: Bool
    var broadcastDrains: Bool
    var serialisesContexts: Bool
    var keepsGlobal: Bool
    /// Invalidations of an address drop the partial walks of its path alone (EFER.TCE).
    var dropsPathAlone: Bool
    /// Points whose partial walks are walks under way alone, which end with every serialising instruction, interrupt and CR3
    /// load; a bit each.
    var uncachedPoints: UInt64
    /// Single upper entries are cached (`EntryCaches.swift`).
    var cachesEntries: Bool
    /// Prefixes are.
    var cachesPrefixes: Bool
    /// A above the leaf may be set after all levels were read (`LateAccessed.swift`); only where there are levels above it.
    var setsAccessedLate: Bool
    var writeProtect: Bool
    /// The CPU has CET, whether it is on or not: it need not set D in an entry with W=0.
    var sparesDirty: Bool
    /// The thread can come back to an instruction.
    var loops: Bool

    init(_ processor: Processor, _ walks: WalkLayout) {
        let profile = processor.profile
        onWriteRevoked = profile.onWriteRevoked
        onNotPresent = profile.onNotPresent
        onFrameChanged = profile.onFrameChanged
        accessedOnNotPresent = profile.accessedOnNotPresent
        spuriousFaults = profile.spuriousFaults
        speculates = profile.speculativeFills
        hasShadowStacks = processor.hasShadowStacks
        buffersStores = profile.storeBuffer == .tso
        broadcasts = profile.broadcastInvalidate
        ordersBroadcasts = profile.invlpgbOrdered
        broadcastDrains = profile.broadcastDrains
        serialisesContexts = profile.invpcidSerialises
        keepsGlobal = profile.invlpgKeepsGlobal
        dropsPathAlone = profile.translationCacheExtension
        uncachedPoints = (0..<walks.pointCount).reduce(0) { points, point in
            let isCached =
                profile.upperLevels != .none && profile.upperLevelsCached.contains(walks.pointLevels[point] + 1)
            return isCached ? points : points | 1 << UInt64(point)
        }
        uncachedPoints &= walks.allPoints
        cachesEntries = profile.upperLevels.hasEntries
        cachesPrefixes = profile.upperLevels.hasPrefixes
        setsAccessedLate = Self.setsAccessedLate(processor) && walks.hasUpperLevels
        writeProtect = processor.writeProtect
        sparesDirty = profile.shadowStack
        loops = processor.canLoop
    }

    /// Not on CPUs that run compiled code: whole walks in C and Swift make too many walks that are under way (limits.md).
    static func setsAccessedLate(_ processor: Processor) -> Bool {
        processor.profile.accessedLate && !processor.isCompiled
    }
}
