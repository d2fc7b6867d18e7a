import Testing

@testable import Machine

@Suite("CPU profiles")
struct ProfileTests {
    @Test("the built-in profiles are those of the file")
    func builtInFile() throws {
        #expect(try ProfileFile.read(ProfileFile.builtInText, name: "profiles.yaml") == ProfileFile.builtIn)
    }

    @Test("the built-in profiles are those of the table")
    func builtIn() {
        let table: [(String, LateDirty, LateDirty, accessed: Bool, cet: Bool)] = [
            ("cet", .refault, .refault, false, true), ("strict", .refault, .refault, false, false),
            ("late", .setThenWrite, .refault, false, false), ("knl", .setThenWrite, .setThenFault, true, false),
            ("shadowed", .setThenFault, .refault, false, false), ("book", .setThenWrite, .setThenWrite, true, false),
        ]
        #expect(ProfileFile.builtIn.map(\.name) == table.map(\.0))
        for (profile, row) in zip(ProfileFile.builtIn, table) {
            #expect(profile.onWriteRevoked == row.1)
            #expect(profile.onNotPresent == row.2)
            #expect(profile.accessedOnNotPresent == row.accessed)
            #expect(profile.shadowStack == row.cet)
            #expect(profile.spuriousFaults && profile.speculativeFills && profile.pagingStructureCache)
            #expect(profile.storeBuffer == .tso)
            #expect(!profile.broadcastInvalidate)
            #expect(!profile.source.isEmpty)
        }
    }

    private static let good = """
        profiles:
          - name: mine
            source: "a test"
            onWriteRevoked: setThenFault
            onNotPresent: refault
            accessedOnNotPresent: true
            spuriousFaults: false
            speculativeFills: false
            shadowStack: true
            storeBuffer: sc
            broadcastInvalidate: true
            pagingStructureCache: false
        """

    @Test("a user's file is read field by field")
    func reading() throws {
        let profile = try #require(try ProfileFile.read(Self.good, name: "mine.yaml").first)
        #expect(profile.name == "mine")
        #expect(profile.onWriteRevoked == .setThenFault)
        #expect(profile.onNotPresent == .refault)
        #expect(profile.accessedOnNotPresent && profile.shadowStack && profile.broadcastInvalidate)
        #expect(!profile.spuriousFaults && !profile.speculativeFills && !profile.pagingStructureCache)
        #expect(profile.storeBuffer == .sc)
    }

    @Test(
        "what is wrong with a file is said",
        arguments: [
            ("storeBuffer: sc", "storeBuffer: rc", "storeBuffer"),
            ("shadowStack: true", "shadowStack: perhaps", "shadowStack"),
            ("onNotPresent: refault", "onNotpresent: refault", "onNotPresent"),
            ("name: mine", "name: \"my CPU\"", "name"),
            ("name: mine", "name: \"\"", "name"), ("profiles:", "profile:", "profiles"),
            ("profiles:", "profiles: [", "YAML"),
            ("name: mine", "name: [a, b]", "name"),
        ])
    func errors(_ part: String, _ other: String, _ mentioned: String) throws {
        let head = Self.good.components(around: part)
        let text = try #require(head).joined(separator: other)
        let error = #expect(throws: ProfileError.self) { try ProfileFile.read(text, name: "mine.yaml") }
        #expect(error?.file == "mine.yaml")
        #expect(error?.message.contains(mentioned) == true, "\(error?.message ?? "")")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test(
        "empty files, other files and repeated names are refused", arguments: ["", "profiles: []", "- 1", "{", "\u{0}"])
    func noProfiles(_ text: String) {
        #expect(throws: ProfileError.self) { try ProfileFile.read(text, name: "empty.yaml") }
    }

    @Test("a name stands once")
    func repeated() {
        let twice = Self.good + "\n" + Self.good.split(separator: "\n").dropFirst().joined(separator: "\n")
        let error = #expect(throws: ProfileError.self) { try ProfileFile.read(twice, name: "twice.yaml") }
        #expect(error?.message.contains("mine") == true)
    }
}

extension String {
    /// The text before and after a part; nil when it does not occur.
    fileprivate func components(around part: String) -> [String]? {
        guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return nil }
        return [String(self[..<start]), String(self[index(start, offsetBy: part.count)...])]
    }
}
