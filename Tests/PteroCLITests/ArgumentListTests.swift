import Diagnostics
import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct ArgumentListTests {
    private func bench() throws -> Bench {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        try bench.write("b c.litmus", Texts.storeBuffering)
        return bench
    }

    @Test func linesOfAListAreArguments() throws {
        let bench = try bench()
        #expect(bench.run("check", "--profile", "cet", "a.litmus", "b c.litmus") == .success)
        let expected = bench.timeless
        try bench.write("list", "# tests\n\n  a.litmus \r\n\tb c.litmus\n")
        #expect(bench.run("check", "--profile", "cet", "@list") == .success)
        #expect(bench.timeless == expected && bench.errors == "")
        // Options, too; and the whole command line.
        try bench.write("all", "check\n--profile=cet\na.litmus\nb c.litmus")
        #expect(bench.run("@all") == .success)
        #expect(bench.timeless == expected)
    }

    @Test func anAtInANameIsSpelledOtherwise() throws {
        let bench = try bench()
        try bench.write("@t.litmus", Texts.lockAnd)
        for arguments in [["./@t.litmus"], ["--", "@t.litmus"]] {
            #expect(bench.run(["check", "--profile", "cet"] + arguments) == .success, "\(bench.errors)")
        }
        #expect(bench.run("check", "@none") == .badInput)
        #expect(bench.errors.contains("the list none cannot be read") && bench.errors.contains("./@"))
        #expect(bench.run("check", "@") == .badInput)
        #expect(bench.errors.contains("there is no such file"))
    }

    @Test func faultsNameFileAndLine() throws {
        let bench = try bench()
        func fault(_ list: String, _ place: String, _ message: String) throws {
            try bench.write("list", list)
            #expect(bench.run("check", "@list") == .badInput)
            #expect(bench.errors.contains(place) && bench.errors.contains(message), "\(bench.errors)")
        }
        try fault("a.litmus\n@other\n", "list:2:1: error:", "a list names no other list")
        try fault("a.litmus\n\nnone.litmus\n", "list:3 names it", "there is no such file or folder")
        try fault("a.litmus\n--profile=lat\n", "list:2: `--profile=lat`", "there is no profile lat")
        try fault("a.litmus\n--profile\nlat\n", "list:3: `lat` is from here", "there is no profile lat")
        try fault("a.litmus\n--prfile=cet\n", "list:2: `--prfile=cet`", "Unknown option '--prfile'")
        try fault("a.litmus\n--jobs=x\n", "list:2: `--jobs=x`", "--jobs")
        try fault("kernel:none\n", "list:1 names it", "no kernel scenario")
        try bench.write("list", bytes: Array("a.litmus\n".utf8) + [0xff, 0x0a])
        #expect(bench.run("check", "@list") == .badInput)
        #expect(bench.errors.contains("list:2:1: error: this line of the list is not text"))
        try bench.write("list", bytes: [0x61, 0, 0x0a])
        #expect(bench.run("check", "@list") == .badInput)
        #expect(bench.errors.contains("list:1:1: error:"))
    }

    /// What a list names is read to its end, and the rest is checked.
    @Test func theOtherTestsAreChecked() throws {
        let bench = try bench()
        try bench.write("list", "none.litmus\na.litmus\n")
        #expect(bench.run("check", "--profile", "cet", "@list") == .badInput)
        #expect(bench.output.contains("1 test: 1 as expected, 1 input in error"))
    }
}

@Suite struct SeveralProfilesTests {
    @Test func commasSeparateProfiles() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        #expect(bench.run("check", "--profile", "cet", "--profile", "late", "a.litmus") == .success)
        let expected = bench.timeless
        #expect(bench.run("check", "--profile", "cet,late", "a.litmus") == .success)
        #expect(bench.timeless == expected)
        #expect(bench.run("check", "--profile", "cet,lat", "a.litmus") == .badInput)
        #expect(bench.errors.contains("there is no profile lat,"))
        for request in [",", "cet,", ",cet"] {
            #expect(bench.run("check", "--profile", request, "a.litmus") == .badInput)
        }
        #expect(bench.run("replay", "a.litmus", "--profile", "cet,late", "--witness", "0") == .badInput)
        #expect(bench.errors.contains("a witness fits one class of CPUs, and 2 are possible"))
    }

    @Test func filesMayHaveCommasInTheirNames() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        bench.run("profiles", "--file")
        try bench.write("my,cpus.json5", bench.output)
        try bench.write("others.json5", bench.output)
        #expect(
            bench.run("check", "--json", "--profile", "my,cpus.json5:late", "a.litmus") == .success, "\(bench.errors)")
        #expect(bench.output.split(separator: "\n").count == 1)
        #expect(bench.run("check", "--json", "--profile", "others.json5:late,cet", "a.litmus") == .success)
        #expect(bench.output.split(separator: "\n").count == 2)
    }
}
