/// How large a scenario may be.
public enum ScenarioLimits {
    /// How many CPUs it may have.
    public static let mostCPUs = 32
    /// How many leaf entries, of all address spaces together: more than the numbers of buffered stores have room for
    /// (`Machine.storeNumber`).
    public static let mostLeaves = 63
    /// How many 64-bit words of memory.
    public static let mostWords = 1 << 21
    /// How many variables where `stale_write` is watched, which takes a bit for each.
    public static let mostWatchedVariables = 64
}
