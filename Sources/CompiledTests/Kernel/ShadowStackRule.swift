extension KernelTree {
    /// Whether this version can give user programs shadow stacks, which is when its own code has to keep their rule.
    package var hasUserShadowStacks: Bool { !versionNumbers.lexicographicallyPrecedes([6, 6]) }
}
