import Foundation
import Litmus
import PageTable
import TestSupport
import Testing

/// The editor files repeat the language's words; this finds those that they lack.
@Suite struct EditorTests {
    private static let files = ["Editors/vim/syntax/litmus.vim", "Editors/vscode/syntaxes/litmus.tmLanguage.json"]

    private static let words =
        Property.allCases.map(\.rawValue) + [
            "stuck", "fault", "wild", "exists", "forall", "filter", "locations", "PTE", "PA",
        ]
        + Litmus.EntryLevel.allCases.map(\.entrySpelling)
        + Litmus.EntryLevel.allCases.compactMap(\.tableSpelling) + ["table", "Region"]
        + ["starts", "ensures", "old", "with", "in", "scratch", "out", "flush", "loop", "length", "only", "without"]
        + EntryFieldName.allCases.map(\.spelling) + ["oa"]
        + ["CPU", "Fault", "Gate", "Translate", "ShadowStack", "Sequence", "Failure", "Remark", "Purpose"]
        + Observation.allCases.map(\.rawValue)

    @Test(arguments: files)
    func allWordsAreColoured(_ file: String) throws {
        let text = try Checkout.text(file)
        let known = Set(text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        for word in Self.words { #expect(known.contains(word), "\(file) lacks \(word)") }
    }

    @Test(arguments: ["package.json", "language-configuration.json", "syntaxes/litmus.tmLanguage.json"])
    func jsonIsWellFormed(_ file: String) throws {
        let text = try Checkout.text("Editors/vscode/" + file)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(object?.isEmpty == false)
    }

    @Test func everyPatternIsARegularExpression() throws {
        let text = try Checkout.text(Self.files[1])
        let grammar = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let patterns = Self.patterns(in: grammar)
        #expect(patterns.count > 20)
        for pattern in patterns { #expect(throws: Never.self) { _ = try NSRegularExpression(pattern: pattern) } }
    }

    @Test func namesOfConditionsAreColoured() throws {
        let text = try Checkout.text(Self.files[1])
        let patterns = Self.patterns(in: try JSONSerialization.jsonObject(with: Data(text.utf8)))
        for line in [
            "(* Result lost-dirty: Never *)", "Failure lost-dirty=loses a Dirty bit", "~exists lost-dirty: (true)",
        ] {
            #expect(
                patterns.contains { pattern in
                    guard let expression = try? NSRegularExpression(pattern: pattern) else { return false }
                    let whole = NSRange(line.startIndex..., in: line)
                    let name = (line as NSString).range(of: "lost-dirty")
                    return expression.matches(in: line, range: whole).contains { match in
                        match.numberOfRanges > 1 && NSIntersectionRange(match.range, name) == name
                    }
                }, "\(line)")
        }
    }

    @Test func holesAreColouredWithTheirBraces() throws {
        let grammar =
            try JSONSerialization.jsonObject(with: Data(try Checkout.text(Self.files[1]).utf8)) as? [String: Any]
        let hole = try #require((grammar?["repository"] as? [String: Any])?["hole"] as? [String: Any])
        let begin = try NSRegularExpression(pattern: try #require(hole["begin"] as? String))
        for line in [" L: ??wp {in rdi; scratch rax} | nop ;", " ??wp{} ;"] {
            let match = try #require(begin.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)))
            #expect((line as NSString).substring(with: match.range).hasSuffix("{"))
        }
        #expect(hole["end"] as? String == "\\}")
        #expect(try Checkout.text(Self.files[0]).contains("syntax region litmusHole"))
    }

    /// Every `match`, `begin` and `end` of a grammar.
    private static func patterns(in json: Any) -> [String] {
        if let list = json as? [Any] { return list.flatMap(patterns(in:)) }
        guard let table = json as? [String: Any] else { return [] }
        return table.flatMap { key, value -> [String] in
            if ["match", "begin", "end"].contains(key), let pattern = value as? String { return [pattern] }
            return patterns(in: value)
        }
    }
}
