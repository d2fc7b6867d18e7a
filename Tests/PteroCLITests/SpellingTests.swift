import Foundation
import Litmus
import Testing
import X86

/// Names of services and properties are spelled by the cases of one type each, and nowhere else in the sources.
@Suite struct SpellingTests {
    private static let sources = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

    /// What is spelled alike and is something else: the names of the kernel's scenarios, words of JSON; and what stands in
    /// an example, where a reader is to see the name.
    private static let others = [
        "KernelScenarios.swift": ["writeback", "reclaim"], "WhyJSON.swift": ["written"], "NoteText.swift": ["fault"],
        "StepNames.swift": ["fault"], "PteroCommand.swift": ["lost_dirty"],
        "ExplainCommand.swift": ["lost_dirty", "flush_tlb_page"],
        "StarterTest.swift": ["lost_dirty", "flush_tlb_page"],
    ]

    /// A name in a line of source outside comments: as a word where it can be nothing else, as a whole literal or before
    /// an argument where it is a word of English.
    private static let spelling: NSRegularExpression? = {
        let names = KernelService.names + Property.allCases.map(\.name) + ThreadProperty.allCases.map(\.name)
        let unique = names.filter { $0.contains("_") }.joined(separator: "|")
        // A service may have the name of the instruction that it is.
        let instructions = Set(InstructionSet.mnemonics.map(\.name))
        let words = names.filter { !$0.contains("_") && !instructions.contains($0) }.joined(separator: "|")
        return try? NSRegularExpression(
            pattern: "^(?! *//).*?(?:\\b(\(unique))\\b|\"(\(words))[\"(])", options: .anchorsMatchLines)
    }()

    @Test func noNameIsALiteral() throws {
        let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            count += 1
            if ["KernelService.swift", "Property.swift"].contains(file.lastPathComponent) { continue }
            for name in try Self.spelled(in: String(contentsOf: file, encoding: .utf8))
            where Self.others[file.lastPathComponent]?.contains(name) != true {
                Issue.record("\(file.lastPathComponent) spells \(name)")
            }
        }
        #expect(count > 100)
    }

    /// The first name that each line spells.
    private static func spelled(in text: String) throws -> [String] {
        let all = NSRange(text.startIndex..., in: text)
        return try #require(spelling).matches(in: text, range: all).compactMap { match in
            [1, 2].compactMap { Range(match.range(at: $0), in: text) }.first.map { String(text[$0]) }
        }
    }

    @Test func theSearchFindsLiterals() throws {
        #expect(try Self.spelled(in: "    if name == \"spin_lock\" { }") == ["spin_lock"])
        #expect(try Self.spelled(in: "    case \"written\":") == ["written"])
        #expect(try Self.spelled(in: "    return \"stuck(P\\(cpu))\"") == ["stuck"])
        #expect(try Self.spelled(in: "    /// `spin_lock(l)`").isEmpty)
        #expect(try Self.spelled(in: "    case .written: \"x was written.\"").isEmpty)
    }
}
