import X86

/// The kernel versions that a test is about, as `Linux=` writes them: `6.6..`, `..6.5`, `6.1..6.5`.
///
/// Both ends belong to it, and an end of two numbers stands for all updates of that version: 6.5.13 is in `..6.5`.
struct KernelVersionRange: Equatable {
    private var first: [Int] = []
    private var last: [Int] = []

    /// Reads a range; nil for anything else.
    init?(_ text: String) {
        let ends = AssemblyText.trimmed(text[...]).split(separator: "..", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.version(ends[0]), let last = Self.version(ends[1]),
            !(first.isEmpty && last.isEmpty)
        else { return nil }
        (self.first, self.last) = (first, last)
    }

    /// Whether a version (major, minor, update) is in the range.
    func contains(_ version: [Int]) -> Bool {
        !version.lexicographicallyPrecedes(first)
            && (last.isEmpty || !last.lexicographicallyPrecedes(version.prefix(last.count)))
    }

    /// The numbers of an end; none for an end that is left open.
    private static func version(_ text: Substring) -> [Int]? {
        if text.isEmpty { return [] }
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
        }
        guard numbers.count <= 3, numbers.allSatisfy({ $0 != nil }) else { return nil }
        return numbers.compactMap { $0 }
    }
}
