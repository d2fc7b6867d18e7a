import Foundation
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct ExploreTests {
    static let page = """
        <!doctype html>
        <script type="application/json" id="given">null</script>
        <script>start();</script>

        """

    @Test func writesThePageWithTheTestInside() throws {
        let bench = try Bench()
        try bench.write("page.html", Self.page)
        try bench.write("lock-and.litmus", Texts.lockAnd)
        #expect(bench.run("explore", "lock-and.litmus", "--page", "page.html") == .success)
        #expect(bench.output == "lock-and.html: open it in a browser\n" && bench.errors == "")
        let written = try String(contentsOf: bench.folder.appending(path: "lock-and.html"), encoding: .utf8)
        let given = try #require(written.firstMatch(of: /id="given">(.*)<\/script>/))
        let json = try JSONSerialization.jsonObject(with: Data(given.1.utf8)) as? [String: Any]
        #expect(json?["text"] as? String == Texts.lockAnd)
        #expect(json?["file"] as? String == "lock-and.litmus")
        #expect(json?["profile"] is NSNull)
        // It may be written again.
        #expect(bench.run("explore", "lock-and.litmus", "--page", "page.html", "--profile", "cet") == .success)
        let again = try String(contentsOf: bench.folder.appending(path: "lock-and.html"), encoding: .utf8)
        #expect(again.contains(#""profile": "cet"}"#))
    }

    @Test func nothingInATestEndsItsPlace() throws {
        let bench = try Bench()
        try bench.write("page.html", Self.page)
        try bench.write(
            "x.litmus",
            Texts.lockAnd.replacing("{", with: "(* </script><script>alert(1)</script> <!-- *)\n{", maxReplacements: 1))
        #expect(bench.run("explore", "x.litmus", "--page", "page.html", "--output", "o.html") == .success)
        let written = try String(contentsOf: bench.folder.appending(path: "o.html"), encoding: .utf8)
        #expect(written.ranges(of: "</script>").count == 2)
        #expect(!written.contains("<!-- "))
    }

    @Test func saysHowThePageIsMade() throws {
        let bench = try Bench()
        try bench.write("x.litmus", Texts.lockAnd)
        bench.executable = bench.folder.path + "/bin/ptero"
        #expect(bench.run("explore", "x.litmus") == .badInput)
        #expect(bench.errors.contains("make it by Web/build"))
        #expect(bench.errors.contains("wasi-libc"))
        // Beside the executable, beside an installation, and in a checkout.
        for place in ["bin/ptero.html", "share/ptero/ptero.html", ".build/web/ptero.html"] {
            try bench.write("Corpus/README.md", "")
            try bench.write("Package.swift", "")
            try bench.write(place, Self.page)
            #expect(bench.run("explore", "x.litmus") == .success, "\(place)")
            try FileManager.default.removeItem(at: bench.folder.appending(path: place))
        }
    }

    @Test func refusesWhatItCannotUse() throws {
        let bench = try Bench()
        try bench.write("page.html", Self.page)
        try bench.write("x.litmus", Texts.lockAnd)
        func refused(_ arguments: String..., because reason: String) {
            #expect(bench.run(["explore", "--page", "page.html"] + arguments) == .badInput)
            #expect(bench.errors.contains(reason), "\(bench.errors)")
        }
        refused("x.litmus", "--profile", "lat", because: "did you mean `late`?")
        refused("missing.litmus", because: "there is no such file")
        try bench.write("bad.litmus", "X86_64 bad\n{\n}\n")
        refused("bad.litmus", because: "bad.litmus:")
        try bench.write("c.litmus", "C test\n{}\nvoid P0(void) {}\nexists (0=1)\n")
        refused("c.litmus", because: "tests in C and Swift")
        try bench.write("x.html", "my own page")
        refused("x.litmus", because: "x.html is there, and is no such page")
        #expect(bench.run("explore", "x.litmus", "--page", "x.html", "--output", "y.html") == .badInput)
        #expect(bench.errors.contains("x.html is not a page without a test"))
        #expect(bench.run("explore", "x.litmus", "--page", "none.html") == .badInput)
        #expect(bench.errors.contains("the page none.html cannot be read"))
        #expect(bench.run("explore", "x.litmus", "--page", "page.html", "--output", "no/such/folder.html") == .badInput)
        #expect(bench.errors.contains("cannot be written"))
        try bench.write("cet.litmus", Texts.lockAnd)
        #expect(bench.run("explore", "-", "--page", "page.html") == .badInput)
    }
}
