import Diagnostics
import Machine
import Testing

@testable import ProfileFiles

/// CPU profiles.
@Suite struct ProfileTests {
    @Test func theBuiltInProfilesAreThoseOfTheFile() throws {
        #expect(
            try ProfileFile.read(ProfileFile.builtInText, name: "profiles.json5")
                == ProfileFile(profiles: CPUProfile.builtIn, onRequest: CPUProfile.onRequest))
    }

    @Test func fieldsAreReadBackWhateverTheyHold() throws {
        var file = ProfileFile(profiles: [CPUProfile(name: "odd", source: "\"a\" \\ b\tc\u{2028}é")], onRequest: [])
        for field in ProfileField.allCases {
            let values: [ProfileField.Value] =
                field.words.isEmpty ? [.flag(false), .flag(true)] : field.words.map { .word($0) }
            for value in values {
                #expect(field.set(value, in: &file.profiles[0]) && field.value(of: file.profiles[0]) == value)
                #expect(try ProfileFile.read(file.text, name: "odd.json5") == file)
            }
            #expect(!field.set(.word("other"), in: &file.profiles[0]), "\(field)")
        }
    }

    private static let good = """
        {
          profiles: [
            {
              name: "mine", // whose else
              source: 'a test',
              onWriteRevoked: "setThenFault",
              "onNotPresent": "refault",
              accessedOnNotPresent: true,
              spuriousFaults: false,
              speculativeFills: false,
              shadowStack: true, /* the
                                    whole of CET */
              storeBuffer: "sc",
              broadcastInvalidate: true,
              upperLevels: "none",
              tce: true,
              accessedLate: true,
            },
          ],
        }
        """

    @Test func aUsersFileIsReadFieldByField() throws {
        let profile = try #require(try ProfileFile.read(Self.good, name: "mine.json5").profiles.first)
        #expect(profile.name == "mine")
        #expect(profile.onWriteRevoked == .setThenFault)
        #expect(profile.onNotPresent == .refault)
        #expect(profile.accessedOnNotPresent && profile.shadowStack && profile.broadcastInvalidate)
        #expect(
            !profile.spuriousFaults && !profile.speculativeFills && profile.upperLevels == .none
                && profile.translationCacheExtension && profile.accessedLate)
        #expect(profile.storeBuffer == .sc)
    }

    @Test func aFileWithoutTheLaterFieldsHasTheirDefaults() throws {
        let profile = try #require(try ProfileFile.read(Self.good, name: "mine.json5").profiles.first)
        #expect(profile.onFrameChanged == .refault && profile.failedCompareStores && profile.broadcastDrains)
        #expect(!profile.invlpgbOrdered && !profile.invpcidSerialises)
        #expect(!profile.invlpgKeepsGlobal && !profile.cr3FlushFilter)
        let parts = try #require(Self.good.components(around: "storeBuffer: \"sc\","))
        let fields = "storeBuffer: \"sc\", onFrameChanged: \"setThenFault\", broadcastDrains: false,"
        let changed = try ProfileFile.read(parts.joined(separator: fields), name: "mine.json5").profiles[0]
        #expect(changed.onFrameChanged == .setThenFault && !changed.broadcastDrains)
    }

    @Test(arguments: [
        ("storeBuffer: \"sc\"", "storeBuffer: \"rc\"", "\"tso\", \"sc\"", 13, 20),
        ("storeBuffer: \"sc\"", "storeBuffer: sc", "sc is not a value", 13, 20),
        ("shadowStack: true", "shadowStack: \"perhaps\"", ".profiles[0].shadowStack", 11, 20),
        ("shadowStack: true", "shadowStack: 1", "shadowStack", 11, 20),
        ("shadowStack: true", "shadowStack:", "value is missing", 11, 19),
        ("shadowStack: true,", "shadowStack: true", "comma", 13, 7),
        ("shadowStack: true,", "shadowStack true,", "colon", 11, 19),
        ("shadowStack: true,", "shadowStack: true, shadowStack: false,", "shadowStack is given twice", 11, 26),
        ("\"onNotPresent\": \"refault\"", "onNotpresent: \"refault\"", "onNotPresent is missing", 3, 5),
        (
            "storeBuffer: \"sc\",", "storeBuffer: \"sc\", onFrameChangd: \"refault\",", "no field onFrameChangd",
            13, 41
        ),
        ("storeBuffer: \"sc\",", "storeBuffer: \"sc\", onFrameChanged: \"no\",", "\"setThenWrite\"", 13, 42),
        ("name: \"mine\"", "name: \"my CPU\"", "name", 4, 13),
        ("name: \"mine\"", "name: \"\"", "name", 4, 13), ("profiles:", "profile:", "profiles", 1, 1),
        ("name: \"mine\"", "name: [\"a\", 'b']", "name", 4, 13),
        ("'a test'", "'a test\"", "does not end on its line", 5, 15),
        ("whole of CET */", "whole of CET", "comment does not end", 11, 26),
        ("  ],\n}", "", "this [ has no ]", 2, 13), ("  ],\n}", "  ],\n}}", "after the end", 20, 2),
    ])
    func whatIsWrongWithAFileIsSaidAndWhere(
        _ part: String, _ other: String, _ mentioned: String, _ line: Int, _ column: Int
    ) throws {
        let head = Self.good.components(around: part)
        let text = try #require(head).joined(separator: other)
        let error = #expect(throws: Diagnostic.self) { try ProfileFile.read(text, name: "mine.json5") }
        #expect(error?.file == "mine.json5")
        #expect(error?.message.contains(mentioned) == true, "\(error?.message ?? "")")
        #expect(error?.place == SourcePlace(line: line, column: column), "\(error?.message ?? "")")
        #expect(error?.remedy?.isEmpty == false)
    }

    @Test(arguments: [
        "", "{profiles: []}", "{profiles: null}", "- 1", "{", "\u{0}", "profiles:\n  - name: mine", "[1, 2]",
        "null",
        "{profiles: [}", "{,}", "/*", "'\\", "\"\\u12\"", String(repeating: "[", count: 100_000),
    ])
    func emptyFilesOtherFilesAndDeepOnesAreRefused(_ text: String) {
        #expect(throws: Diagnostic.self) { try ProfileFile.read(text, name: "empty.json5") }
    }

    @Test func aNameStandsOnce() throws {
        let parts = try #require(Self.good.components(around: "    },\n"))
        let profile = try #require(Self.good.components(around: "  profiles: [\n")?.last?.components(around: "  ],"))[0]
        let error = #expect(throws: Diagnostic.self) {
            try ProfileFile.read(parts[0] + "    },\n" + profile + parts[1], name: "twice.json5")
        }
        #expect(error?.message.contains("mine") == true)
        #expect(error?.place?.line == 20)
    }

    @Test func readingAnyFileEndsAndTheOutlineTakesWhatTheDecoderTakes() {
        var random = Random(state: 5)
        let scalars = Array(Self.good.unicodeScalars)
        let odd = Array("{}[]:,'\"\\/*\n \u{0}é\u{feff}-1tN_".unicodeScalars)
        for _ in 0..<3000 {
            var text = scalars
            for _ in 0...(random.next() % 3) {
                let place = Int(random.next() % UInt64(text.count))
                switch random.next() % 3 {
                case 0: text.remove(at: place)
                case 1: text.insert(odd[Int(random.next() % UInt64(odd.count))], at: place)
                default: text[place] = odd[Int(random.next() % UInt64(odd.count))]
                }
            }
            var string = String.UnicodeScalarView()
            string.append(contentsOf: text)
            do throws(Diagnostic) {
                _ = try ProfileFile.read(String(string), name: "x")
            } catch {
                #expect(error.place != nil && !error.message.isEmpty, "\(String(string)): \(error)")
            }
        }
    }
}

extension String {
    /// The text before and after a part; nil when it does not occur.
    fileprivate func components(around part: String) -> [String]? {
        guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return nil }
        return [String(self[..<start]), String(self[index(start, offsetBy: part.count)...])]
    }
}

/// A small generator, so that a failure can be repeated (Marsaglia, Xorshift RNGs, 2003).
private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
