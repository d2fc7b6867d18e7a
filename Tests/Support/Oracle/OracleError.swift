import Diagnostics
import X86

/// Why a test cannot be explored.
public enum OracleError: Error, Hashable, Sendable {
    /// The test needs something that this oracle leaves out or does not know.
    case unsupported(String)
    /// An access to an address that means nothing in this test.
    case badAddress(UInt64, SourcePlace)
    /// An operand that the processor refuses: bits that must be 0, or that must not change.
    case badValue(UInt64, SourcePlace)
    /// An entry above the leaf with P=1 that a walker read, and whose frame is no table of the level below.
    case wildEntry(UInt64)
    /// An access that crosses a 64-bit word.
    case crossing(UInt64, SourcePlace)
}
