import Diagnostics
import Synthesis
import TestSupport
import Testing

@testable import ProfileFiles

/// Files of prices.
@Suite struct CostFileTests {
    private static let good = """
        // mine
        {
          machine: "A CPU",
          date: '2026-11-29',
          nanoseconds: { entries512: 7.25 },
          entries512: {
            locked1: { minimum: 1, spread: 0.02 },
            "mfence": { spread: 0.1, minimum: 1.75, }, /* costly */
          },
          entries8Mi: { locked1: { minimum: 1.5, spread: 0 } },
        }
        """

    @Test func aUsersFileIsReadFieldByField() throws {
        let table = try CostFile.read(Self.good, name: "mine.json5")
        #expect(table.machine == "A CPU" && table.date == "2026-11-29")
        #expect(table.nanoseconds == [.small: 7.25])
        #expect(table[.mfence] == CostEntry(minimum: 1.75, spread: 0.1))
        #expect(table.price(.unit, in: .large) == CostEntry(minimum: 1.5, spread: 0))
        #expect(table.price(.unit, in: .medium) == nil && table.prices.count == 2)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var table = CostTable.nominal
        table.machine = "odd \"name\" \\ \t \u{2028} é"
        table.nanoseconds = [.small: 7.125, .contended: 3]
        table.prices[.contended] = [.xchg8: CostEntry(minimum: 12.3456, spread: 0.0001)]
        #expect(try CostFile.read(CostFile.text(of: table), name: "odd.json5") == table)
    }

    @Test func theShippedFilesAreReadAndKnowWhatSequencesNeed() throws {
        #expect(CostFile.shipped.map { $0.name } == ["amd-epyc-zen4", "intel-emerald-rapids"])
        for (name, text) in CostFile.shipped {
            let table = try CostFile.read(text, name: name)
            #expect(!table.date.isEmpty && table.unknownItems.isEmpty, "\(name): \(table.unknownItems)")
            #expect(table.nanoseconds[.small] != nil && !table.machine.isEmpty, "\(name)")
        }
    }

    @Test(arguments: [
        ("machine: \"A CPU\"", "machine: 3", "machine is not a text in quotes", 3, 12, "ptero measure"),
        ("machine: \"A CPU\"", "machine: \"\"", "no name", 3, 12, "ptero measure"),
        ("machine: \"A CPU\",", "", "field machine is missing", 2, 1, "ptero measure"),
        ("machine:", "Machine:", "no field Machine", 3, 12, "did you mean `machine`?"),
        ("'2026-11-29'", "'yesterday'", "date", 4, 9, "year-month-day"),
        ("'2026-11-29'", "'2026-13-29'", "date", 4, 9, "year-month-day"),
        ("'2026-11-29'", "2026-11-29", "date", 4, 9, "ptero measure"),
        ("entries512: 7.25", "entries513: 7.25", "no table entries513", 5, 30, "did you mean `entries512`?"),
        ("entries512: 7.25", "entries512: \"7\"", ".nanoseconds.entries512 is not a number", 5, 30, "ptero"),
        ("entries512: 7.25", "entries512: -1", "not a number from 0", 5, 30, "ptero"),
        ("{ entries512: 7.25 }", "7", "nanoseconds is not a { }", 5, 16, "ptero"),
        ("  entries512: {", "  entries51: {", "no field entries51", 6, 14, "did you mean `entries512`?"),
        ("  entries8Mi: {", "  bigEntries: {", "no field bigEntries", 10, 15, "known: `machine`"),
        ("\"mfence\"", "mfense", "no building block mfense", 8, 13, "did you mean `mfence`?"),
        ("\"mfence\"", "somethingElse", "no building block somethingElse", 8, 20, "ptero measure"),
        ("{ minimum: 1, spread: 0.02 }", "1", "is not a price", 7, 14, "ptero measure"),
        ("{ minimum: 1, spread: 0.02 }", "{ minimum: 1 }", "field spread is missing", 7, 14, "ptero measure"),
        ("{ minimum: 1, spread: 0.02 }", "{ minimum: 9, spread: 0 }", "is the unit", 7, 25, "ptero measure"),
        ("spread: 0.1,", "spread: Infinity,", "not a number from 0", 8, 25, "ptero measure"),
        ("spread: 0.1,", "spread: NaN,", "not a number from 0", 8, 25, "ptero measure"),
        ("spread: 0.1,", "spred: 0.1,", "a price has no field spred", 8, 24, "did you mean `spread`?"),
        ("spread: 0.1,", "spread: true,", "spread is not a number", 8, 25, "ptero measure"),
        ("spread: 0.1,", "spread: 0.1 spread: 2,", "comma", 8, 29, "ptero measure"),
        ("spread: 0.1,", "spread: 0.1, spread: 2,", "spread is given twice", 8, 30, "ptero measure"),
        ("locked1: { minimum: 1, ", "locked2: { minimum: 1, ", "no price of locked1", 6, 15, "ptero measure"),
        ("/* costly */", "/* costly", "comment does not end", 8, 48, "ptero measure"),
    ])
    func whatIsWrongWithAFileIsSaidAndWhere(
        _ part: String, _ other: String, _ mentioned: String, _ line: Int, _ column: Int, _ remedy: String
    ) throws {
        let range = try #require(Self.good.firstRange(of: part))
        let text = Self.good.replacingCharacters(in: range, with: other)
        let error = #expect(throws: Diagnostic.self) { try CostFile.read(text, name: "mine.json5") }
        #expect(error?.file == "mine.json5")
        #expect(error?.message.contains(mentioned) == true, "\(error?.message ?? "")")
        #expect(error?.place == SourcePlace(line: line, column: column), "\(error?.message ?? "") \(text)")
        #expect(error?.remedy?.contains(remedy) == true, "\(error?.remedy ?? "")")
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "3", "{profiles: []}", "{machine: 'a', date: ''}", "{\"a.b\": 1}", "\u{0}",
        "{entries512: [1, 2]}", "{machine: 'a', date: '', entries512: null}", "{entries512: {locked1: [1]}}",
        String(repeating: "[", count: 100_000), String(repeating: "{a:", count: 1000),
    ])
    func otherFilesAreRefusedAtAPlace(_ text: String) {
        let error = #expect(throws: Diagnostic.self) { try CostFile.read(text, name: "other.json5") }
        #expect(error?.place != nil && error?.remedy?.isEmpty == false, "\(text.prefix(40))")
    }

    @Test func readingAnyFileEndsAndFaultsHaveAPlace() {
        var random = SeededNumbers(seed: 13)
        let scalars = Array(Self.good.unicodeScalars)
        let odd = Array("{}[]:,'\"\\/*\n \u{0}é\u{feff}-1eNt._".unicodeScalars)
        for _ in 0..<3000 {
            var text = scalars
            for _ in 0...random.below(3) {
                let place = random.below(text.count)
                switch random.below(3) {
                case 0: text.remove(at: place)
                case 1: text.insert(random.pick(odd), at: place)
                default: text[place] = random.pick(odd)
                }
            }
            var string = String.UnicodeScalarView()
            string.append(contentsOf: text)
            do throws(Diagnostic) {
                _ = try CostFile.read(String(string), name: "x")
            } catch {
                #expect(error.place != nil && !error.message.isEmpty, "\(String(string)): \(error)")
            }
        }
    }
}

extension String {
    /// The text with another in place of a part.
    fileprivate func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
