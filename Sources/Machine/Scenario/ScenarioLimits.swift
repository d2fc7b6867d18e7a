/// How large a scenario may be.
package enum ScenarioLimits {
    /// How many CPUs it may have.
    package static let mostCPUs = 32
    /// How many leaf entries, of all address spaces together: more than the numbers of buffered stores have room for
    /// (``Machine/storeNumber(word:mask:value:origin:)``).
    package static let mostLeaves = 63
    /// How many 64-bit words of memory.
    package static let mostWords = 1 << 21
    /// How many variables where `stale_write` is watched, which takes a bit for each.
    package static let mostWatchedVariables = 64
}
