import Explorer
import Foundation
import Report
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
        #expect(again.contains(#""profile": "cet", "code": null}"#))
    }

    /// A test in C, and what the page is given of it.
    @Test(.enabled(if: Installed.clang, "no clang")) func testsInCComeWithTheirMachineCode() throws {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        let text = """
            C rmw
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            P0(pte_t *pte_x) { WRITE_ONCE(*(unsigned long *)pte_x, 0); }
            P1(int *x) { WRITE_ONCE(*x, 1); }
            exists (lost_dirty(x))

            """
        try bench.write("page.html", Self.page)
        try bench.write("rmw.litmus", text)
        #expect(
            bench.run("explore", "rmw.litmus", "--page", "page.html", "--cflags=-O1") == .success, "\(bench.errors)")
        let written = try String(contentsOf: bench.folder.appending(path: "rmw.html"), encoding: .utf8)
        let given = try #require(written.firstMatch(of: /id="given">(.*)<\/script>/))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(given.1.utf8)) as? [String: Any])
        let code = try #require(Data(base64Encoded: json["code"] as? String ?? ""))
        // The page prints what the tool prints.
        let session = BrowserSession()
        #expect(session.load(Array(text.utf8), code: Array(code), file: "rmw.litmus").text.contains(#""errors": []"#))
        while session.checkNext(limits: SearchLimits()).text.contains(#""done": false"#) { continue }
        bench.run("check", "rmw.litmus", "--cflags=-O1")
        func timeless(_ text: String) -> String { text.replacing(#/ in [0-9.]+ s/#, with: "") }
        #expect(bench.output.contains("lost"))
        #expect(timeless(session.report) == timeless(bench.output))
        // Its steps have the lines that they were made from.
        #expect(session.explore(question: 0, profile: 0).text.contains("rmw.litmus:3"))
        // Another text, and a text without code, are refused.
        let changed = session.load(
            Array(text.replacing("*x, 1", with: "*x, 2").utf8), code: Array(code), file: "rmw.litmus")
        #expect(changed.text.contains("the machine code of the test is damaged"))
        #expect(session.load(Array(text.utf8), file: "rmw.litmus").text.contains("has no compiler"))
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
        try bench.write("c.litmus", "C test\n{}\nvoid P0(void) { undefined_name(); }\nexists (x=1)\n")
        refused("c.litmus", "--clang", "nothing", because: "is not a program that can be run")
        refused("kernel:frok", because: "there is no kernel scenario of this name")
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
