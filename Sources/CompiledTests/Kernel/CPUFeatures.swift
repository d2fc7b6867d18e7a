import Diagnostics
import Litmus

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The CPU features that code can ask for, and what a test sets them to (`Feature=`).
struct CPUFeatures {
    /// Numbers, word * 32 + bit, by names in small letters.
    private let numbers: [String: Int]
    /// Where the names come from, for messages.
    private let origin: String

    /// Reads `#define X86_FEATURE_SHSTK (16*32+ 7)`: of the tree's arch/x86/include/asm/cpufeatures.h, else of `ptero.h`.
    init(_ tree: KernelTree?) {
        let header = tree.map { $0.source + "/arch/x86/include/asm/cpufeatures.h" }
        let text = header.flatMap { FileManager.default.contents(atPath: $0) }
        numbers = Self.numbers(in: text.map { String(decoding: $0, as: UTF8.self) } ?? "")
            .merging(Self.numbers(in: String(decoding: PackageResources.ptero_h, as: UTF8.self))) { own, _ in own }
        origin = tree.map { "Linux \($0.version)" } ?? "ptero.h (--kernel-tree names a kernel, which has more)"
    }

    static func numbers(in text: String) -> [String: Int] {
        var numbers: [String: Int] = [:]
        let start = "X86_FEATURE_"
        for line in text.split(whereSeparator: \.isNewline) where line.contains(start) {
            let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
            guard words.count == 3, words[0] == "#define", words[1].hasPrefix(start),
                let open = words[2].firstIndex(of: "("), words[2][..<open].allSatisfy(\.isWhitespace)
            else { continue }
            // (word*32+bit), with blanks anywhere
            let formula = words[2][open...].dropFirst().prefix { $0 != ")" }.filter { !$0.isWhitespace }
            let parts = formula.split { $0 == "*" || $0 == "+" }.map { Int($0) }
            guard parts.count == 3, let word = parts[0], parts[1] == 32, let bit = parts[2], (0..<64).contains(word),
                (0..<32).contains(bit)
            else { continue }
            numbers[words[1].dropFirst(start.count).lowercased()] = word * 32 + bit
        }
        return numbers
    }

    /// What is known from the profile: who has shadow stacks sees them, and their use by programs, announced.
    private static let ofProfile: [String: CompiledCode.FeatureBit.Setting] = [
        "shstk": .shadowStack, "user_shstk": .shadowStack, "invlpgb": .broadcastInvalidate,
    ]

    /// The settings by number: those of the profile, then the test's own; all others are off.
    ///
    /// - Throws: `Diagnostic` for a name that the kernel does not know.
    func settings(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [Int: CompiledCode.FeatureBit.Setting] {
        var settings: [Int: CompiledCode.FeatureBit.Setting] = [:]
        for (name, setting) in Self.ofProfile {
            if let number = numbers[name] { settings[number] = setting }
        }
        for header in test.headers where header.key == "Feature" {
            for written in header.value.split(whereSeparator: { $0 == " " || $0 == "," }) {
                let isOff = written.hasPrefix("-")
                var name = (isOff ? written.dropFirst() : written).lowercased()
                if name.hasPrefix("x86_feature_") { name = String(name.dropFirst("x86_feature_".count)) }
                guard let number = numbers[name] else {
                    let near = NearName.of(name, among: numbers.keys.sorted())
                    throw Diagnostic(
                        file: file, span: header.span(of: String(written)),
                        message: "there is no feature `\(name)` in \(origin)",
                        remedy: near.map { "did you mean `\($0)`?" }
                            ?? "write the name of an X86_FEATURE_ in small letters, a minus in front to switch it off")
                }
                settings[number] = isOff ? .off : .on
            }
        }
        return settings
    }
}
