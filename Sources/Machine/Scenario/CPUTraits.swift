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
    /// Partial walks end with every serialising instruction, interrupt and CR3 load.
    var cachesNoWalks: Bool
    var writeProtect: Bool
    /// The CPU has CET, whether it is on or not: it need not set D in an entry with W=0.
    var sparesDirty: Bool
    /// The thread can come back to an instruction.
    var loops: Bool

    init(_ processor: Processor) {
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
        cachesNoWalks = profile.upperLevels == .none
        writeProtect = processor.writeProtect
        sparesDirty = profile.shadowStack
        loops = processor.canLoop
    }
}
