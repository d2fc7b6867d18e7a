import X86

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

/// Which parts of a packed state a CPU's code can need at all.
struct CPUNeeds {
    var stores = false
    var flushes = false
    var broadcasts = false
    /// It calls a service that waits for memory.
    var waits = false
    /// Address spaces that the CPU can have loaded.
    var spaces: Set<Int>

    init(_ processor: Processor, _ map: AddressMap) {
        spaces = [processor.space]
        for instruction in processor.program.instructions + (processor.handler?.instructions ?? []) {
            switch instruction.request(RegisterFile()) {
            case .store, .copy, .shadowStackStore, .update(_, locked: false): stores = true
            case .writeCR3: spaces = Set(0..<map.spaces.count)
            case .broadcastInvalidatePage, .broadcastSynchronize: broadcasts = true
            case .service(let name, _):
                if name == "spin_unlock" { stores = true }
                if KernelService.waiting.contains(name) { waits = true }
                if name.hasPrefix("flush_tlb_") { flushes = true }
            default: break
            }
        }
    }
}
