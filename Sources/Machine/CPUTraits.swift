/// A CPU's profile and modes as plain bits for the steps.
struct CPUTraits {
    var onWriteRevoked: LateDirty
    var onNotPresent: LateDirty
    var accessedOnNotPresent: Bool
    var spuriousFaults: Bool
    var speculates: Bool
    var hasShadowStacks: Bool
    var buffersStores: Bool
    var broadcasts: Bool
    var writeProtect: Bool
    /// The thread can come back to an instruction.
    var loops: Bool

    init(_ processor: Processor) {
        let profile = processor.profile
        onWriteRevoked = profile.onWriteRevoked
        onNotPresent = profile.onNotPresent
        accessedOnNotPresent = profile.accessedOnNotPresent
        spuriousFaults = profile.spuriousFaults
        speculates = profile.speculativeFills
        hasShadowStacks = processor.hasShadowStacks
        buffersStores = profile.storeBuffer == .tso
        broadcasts = profile.broadcastInvalidate
        writeProtect = processor.writeProtect
        loops = processor.canLoop
    }
}
