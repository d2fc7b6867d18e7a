import Foundation
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct SwiftCommandTests {
    /// A bench whose PATH is that of this process, so that swiftc is found, and the sources of this package.
    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        bench.environment["PTERO_SOURCES"] = Checkout.file("Sources").path
        return bench
    }

    private static func test(
        _ name: String, _ change: String, expected: String = "Never", imports: String = "PageTable"
    )
        -> String
    {
        """
        /* Swift \(name)
        (* Result: \(expected) *)
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        exists (lost_dirty(x)) */
        import \(imports)
        @_cdecl("P0") func change(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
            \(change)
            flush_tlb_page(x)
        }
        @_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
        """
    }

    private static let right = test("right", "AtomicPageTableEntry(pte_x).setWriteProtected()")
    private static let planted = test(
        "planted", "let e = AtomicPageTableEntry(pte_x); e.store(LinuxGeneration.savedDirty.writeProtected(e.load()))")
    // The library takes longer to compile than a test: where it is not the point, the sample does without.
    private static let quickRight =
        Volume.isFull ? right : test("right", "pte_x.pointee &= ~2", expected: "Sometimes", imports: "Swift")
    private static let quickPlanted = Volume.isFull ? planted : test("planted", "pte_x.pointee &= ~2", imports: "Swift")

    @Test func aSwiftFileIsATestByItselfAndWithTheOption() async throws {
        let bench = try bench()
        try bench.write("right.swift", Self.right)
        try bench.write("quick.swift", Self.quickRight)
        for arguments in [["right.swift"], ["--swift", "quick.swift"], ["-"]] {
            bench.standardInput = Self.quickRight
            #expect(await bench.compile(["check"] + arguments) == .success, "\(bench.errors)")
            let isQuick = !Volume.isFull && arguments != ["right.swift"]
            #expect(bench.output.contains(isQuick ? "right  Sometimes  Sometimes" : "right  Never  Never"))
            #expect(bench.errors.isEmpty)
        }
    }

    @Test(.compilesMuch) func aFolderIsSearchedForSwiftTestsOnly() async throws {
        let bench = try bench()
        try bench.write("all/a.swift", Self.quickRight)
        try bench.write("all/deep/b.swift", Self.quickPlanted)
        try bench.write("all/Code.swift", "func unrelated() {}\n")
        #expect(await bench.compile("check", "--swift", "all/") == .unexpected)
        #expect(bench.output.contains("2 tests: 1 as expected, 1 unexpected"))
        // The line that shows a run again works as it is, without the folder.
        let line = try #require(bench.output.firstMatch(of: /ptero (replay all\/deep\/b.swift [^\n]+)/))
        #expect(!line.1.contains("--swift"))
        #expect(await bench.compile(line.1.split(separator: " ").map(String.init)) == .success)
        #expect(bench.output.contains("walker sets D in PTE(x)"))
        #expect(bench.run("check", "all") == .badInput)
        #expect(bench.errors.contains("--swift looks for Swift tests"))
        try bench.write("none/Code.swift", "func unrelated() {}\n")
        #expect(bench.run("check", "--swift", "none") == .badInput)
        #expect(bench.errors.contains("none is not a Swift test"))
    }

    @Test(.compilesMuch) func codeIsCompiledWithTheTestsAndComesBackInTheReplayLine() async throws {
        let bench = try bench()
        try bench.write(
            "Entries.swift",
            """
            import PageTable
            func protect(_ place: UnsafeMutablePointer<UInt64>) {
                let entry = AtomicPageTableEntry(place)
                entry.store(LinuxGeneration.savedDirty.writeProtected(entry.load()))
            }
            """)
        try bench.write("use.swift", Self.test("use", "protect(pte_x)", imports: "Swift"))
        #expect(await bench.compile("check", "--swift", "Entries.swift", "use.swift") == .unexpected)
        let line = try #require(bench.output.firstMatch(of: /ptero (replay use.swift [^\n]+)/))
        #expect(line.1.contains("--swift Entries.swift"))
        #expect(await bench.compile(line.1.split(separator: " ").map(String.init)) == .success)
        #expect(await bench.compile("check", "use.swift") == .badInput)
        #expect(bench.errors.hasPrefix("use.swift:7:5: error: swiftc: cannot find 'protect' in scope"))
        #expect(bench.errors.contains("\n    protect(pte_x)\n    ^"))
        #expect(bench.run("check", "--swift", "Entries.swift") == .badInput)
        #expect(bench.errors.contains("Entries.swift is not a Swift test"))
        #expect(bench.errors.contains("remedy: begin it with a comment"))
        // An error in the code is shown with the code's own line.
        try bench.write("Entries.swift", "import Swift\nfunc protect(_ entry: Nothing) {}\n")
        #expect(await bench.compile("check", "--swift", "Entries.swift", "use.swift") == .badInput)
        #expect(bench.errors.contains("Entries.swift:2:23: error: swiftc: cannot find type 'Nothing' in scope"))
        #expect(bench.errors.contains("\nfunc protect(_ entry: Nothing) {}\n"))
    }

    @Test(.compilesMuch) func asmAndShow() async throws {
        let bench = try bench()
        try bench.write("right.swift", Self.right)
        #expect(await bench.compile("asm", "--swift", "right.swift") == .success)
        #expect(bench.output.contains("lock cmpxchgq"))
        #expect(bench.output.contains("7 | AtomicPageTableEntry(pte_x).setWriteProtected()"))
        #expect(bench.run("show", "right.swift") == .success)
        #expect(bench.output == Self.right + "\n")
        #expect(bench.run("asm") == .badInput)
        #expect(bench.errors.contains("<files>"))
    }

    @Test func whatIsMissingIsSaidOnce() async throws {
        let bench = try bench()
        try bench.write("t/right.swift", Self.right)
        #expect(bench.run("check", "--swift", "gone.swift") == .badInput)
        #expect(bench.errors.contains("gone.swift: error: there is no such file or folder"))
        #expect(bench.run("check", "--swiftc", "gone", "t/right.swift") == .badInput)
        #expect(bench.errors.contains("gone is not a program that can be run"))
        // Without a compiler a test that is named is an error, one that was found in a folder is skipped.
        bench.environment["PATH"] = ""
        #expect(bench.run("check", "t/right.swift") == .badInput)
        #expect(bench.errors.contains("Swift tests need swiftc"))
        #expect(bench.run("check", "--swift", "t") == .badInput)
        #expect(bench.errors.contains("skipped: Swift tests need swiftc"), "\(bench.errors)")
    }

    @Test func theLibrariesAreFoundAroundTheExecutableAndBesideAnInstallation() throws {
        let bench = try Bench()
        let location = { CorpusLocation(surroundings: bench.surroundings).findLibrarySources() }
        #expect(location() == nil)
        try bench.write("usr/share/ptero/Sources/PageTable/a.swift", "")
        bench.executable = bench.folder.path + "/usr/bin/ptero"
        #expect(location() == bench.folder.path + "/usr/share/ptero/Sources")
        try bench.write("src/Package.swift", "")
        try bench.write("src/Sources/PageTable/a.swift", "")
        bench.executable = bench.folder.path + "/src/.build/release/ptero"
        #expect(location() == bench.folder.path + "/src/Sources")
        bench.environment["PTERO_SOURCES"] = "elsewhere"
        #expect(location() == bench.folder.path + "/elsewhere")
    }
}
