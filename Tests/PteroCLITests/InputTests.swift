import Foundation
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct InputTests {
    @Test func otherFilesAreStillChecked() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        try bench.write("bad.litmus", Texts.storeBuffering.replacing("movl (y),%eax |", with: "movl (y),%eex |"))
        #expect(bench.run("check", "bad.litmus", "missing.litmus", "SB.litmus", "--profile", "cet") == .badInput)
        #expect(bench.output.contains("SB    Sometimes"))
        #expect(bench.output.contains("1 test: 1 as expected, 2 inputs in error"))
        #expect(bench.errors.contains("bad.litmus:7:"))
        #expect(bench.errors.contains("^"))
        #expect(bench.errors.contains("missing.litmus: error: there is no such file or folder"))
        #expect(bench.errors.contains("remedy:"))
    }

    @Test(arguments: [
        "", "\n\n", "X86_64", "X86_64 a\n{", "C a\n{}\n", "\u{0}\u{1}\u{2}",
        "ARM a\n{\n}\n P0 ;\n nop ;\nexists (x=1)\n",
        "X86_64 a\n{\n [PTE(x)]=(oa:PA(x), zz:1);\n}\n P0 ;\n nop ;\nexists (x=1)\n",
        "X86_64 a\nCPU=nobody\n{\n}\n P0 ;\n nop ;\nexists (x=1)\n",
        "X86_64 a\n{\n}\n P0 ;\n movl $1,1(x) ;\nexists (size_conflict(x))\n",
    ])
    func badTests(text: String) throws {
        let bench = try Bench()
        try bench.write("a.litmus", text)
        #expect(bench.run("check", "a.litmus") == .badInput)
        #expect(bench.output == "")
        #expect(bench.errors.contains(#/^a\.litmus:\d+:\d+: error: /#), "\(bench.errors)")
    }

    @Test(arguments: [["check"], ["why"], ["show"], ["replay"]])
    func aHoleIsNotYetATest(command: [String]) throws {
        let bench = try Bench()
        try bench.write(
            "a.litmus",
            "X86_64 a\n{ [PTE(x)]=(d:0); 0:rdi=PTE(x); }\n P0 ;\n ??wp {in rdi} ;\nstarts (d:*)\nexists (x=1)\n")
        let rest = command == ["replay"] ? ["--profile", "cet", "--witness", "0"] : []
        #expect(bench.run(command + ["a.litmus"] + rest) == .badInput)
        #expect(bench.output == "")
        #expect(bench.errors.contains("a.litmus:4:2: error: the hole `wp` has no instructions yet"), "\(bench.errors)")
        #expect(bench.errors.contains("\n ^~~~"), "\(bench.errors)")
        #expect(bench.errors.contains("remedy: `ptero synth a.litmus`"), "\(bench.errors)")
    }

    @Test func severalFaultsOfOneFileAreToldInOneGo() throws {
        let bench = try Bench()
        try bench.write(
            "a.litmus",
            "X86_64 a\n{ [PTE(x)]=(w:1, dirty:0); }\n P0 | P1 ;\n mov [x],1 | movl $1,(x)\n bogus | nop ;\nexist (x=1)\n"
        )
        #expect(bench.run("check", "a.litmus") == .badInput)
        let places = bench.errors.matches(of: #/a\.litmus:(\d+:\d+): error:/#).map { String($0.1) }
        #expect(places == ["2:13", "2:18", "4:2", "4:24", "5:2", "6:1"], "\(bench.errors)")
        #expect(bench.errors.contains("write `movl $1,(x)`: the destination comes last"))
        #expect(bench.run("show", "a.litmus") == .badInput)
        #expect(bench.errors.contains("did you mean `exists`?"))
        let rows = String(repeating: " bogus ;\n", count: 100)
        try bench.write("b.litmus", "X86_64 b\n{ }\n P0 ;\n\(rows)exists (true)\n")
        #expect(bench.run("check", "b.litmus") == .badInput)
        #expect(bench.errors.matches(of: #/unknown instruction/#).count == 20)
        #expect(bench.errors.hasSuffix("b.litmus: error: and 30 more errors, not shown\n"))
    }

    @Test func profilesThatNobodyKnowsAreTold() throws {
        let bench = try Bench()
        try bench.write("a.litmus", "X86_64 a\n CPU= cet lat  nobody\n{ }\n P0 ;\n nop ;\nexists (true)\n")
        #expect(bench.run("check", "a.litmus") == .badInput)
        #expect(bench.errors.contains("a.litmus:2:11: error: there is no profile `lat`"), "\(bench.errors)")
        #expect(bench.errors.contains("did you mean `late`? profiles: cet, "))
        #expect(bench.errors.contains("a.litmus:2:16: error: there is no profile `nobody`"))
        try bench.write("b.litmus", "X86_64 b\nCPU=P0:lat\n{ }\n P0 ;\n nop ;\nexists (true)\n")
        #expect(bench.run("check", "b.litmus") == .badInput)
        #expect(bench.errors.contains("b.litmus:2:8: error: there is no profile `lat`"), "\(bench.errors)")
    }

    @Test func namesThatBeginWithADash() throws {
        let bench = try Bench()
        for name in ["-x.litmus", "--help", "a b'c.litmus"] {
            try bench.write(name, Texts.storeBuffering)
            #expect(bench.run("check", "--profile", "cet", "--", name) == .success)
            let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ") })
            let shown = name.hasPrefix("-") ? "./" + name : "'a b'\\''c.litmus'"
            #expect(line.hasPrefix("replay: ptero replay \(shown) --profile cet --witness "))
            let steps = String(line.split(separator: " ").last ?? "")
            let file = name.hasPrefix("-") ? "./" + name : name
            #expect(bench.run("replay", file, "--profile", "cet", "--witness", steps) == .success)
            #expect(bench.run("replay", "--profile", "cet", "--witness", steps, "--", name) == .success)
            #expect(bench.run("show", "--", name) == .success)
            #expect(bench.run("check", "./" + name) == .success)
        }
    }

    @Test func tablesKeepToTheWidth() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try bench.write("Corpus/wrprotect/lock-and.litmus", Texts.lockAnd)
        // With a second test no run is told: that has a width of its own.
        try bench.write("Corpus/tso/SB.litmus", Texts.storeBuffering)
        for width in [60, 80, 200] {
            bench.width = width
            for command in [["check"], ["profiles"], ["isa"], ["properties"], ["limits"], ["isa", "mov"]] {
                #expect(bench.run(command) == .success)
                let long = bench.output.split(separator: "\n").filter { $0.count > width && !$0.contains("Corpus/") }
                #expect(long.isEmpty, "\(width) \(command): \(long)")
            }
        }
    }

    @Test func whatIsRefusedIsExplained() throws {
        let bench = try Bench()
        #expect(bench.run("isa", "rdtsc") == .badInput)
        #expect(bench.errors.contains("rdtsc reads a number that the machine does not have, and is refused"))
        #expect(bench.run("isa", "clflush", "wbinvd") == .success)
        #expect(bench.output.contains("sets A"))
    }

    @Test func whatIsNoText() throws {
        let bench = try Bench()
        try bench.write("binary.litmus", bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 128) })
        try bench.write("huge.litmus", bytes: [UInt8](repeating: 65, count: 17 << 20))
        #expect(bench.run("check", "binary.litmus") == .badInput)
        #expect(bench.errors.count < 1000)
        #expect(bench.run("check", "huge.litmus") == .badInput)
        #expect(bench.errors.contains("huge.litmus: error: this is longer than 16 MiB"))
    }

    @Test func folders() throws {
        let bench = try Bench()
        try bench.write("empty/readme", "nothing")
        #expect(bench.run("check", "empty") == .badInput)
        #expect(bench.errors.contains("empty: error: the folder has no test"))
        for name in ["t/b.litmus", "t/B/a.litmus", "t/a/z/c.litmus", "t/a.litmus"] {
            try bench.write(name, Texts.storeBuffering.replacing("SB", with: name))
        }
        #expect(bench.run("check", "--json", "--profile", "cet", "t/") == .success)
        let files = bench.output.matches(of: /"file": "([^"]*)"/).map { String($0.1) }
        #expect(files == ["t/B/a.litmus", "t/a.litmus", "t/a/z/c.litmus", "t/b.litmus"])
    }

    @Test(arguments: [
        ["check", "--profile", "nobody"], ["check", "--profile", ""], ["check", "--jobs", "0"],
        ["check", "--jobs", "x"],
        ["check", "--max-memory", "4X"], ["check", "--max-states", "0"], ["check", "--max-states", "-1"],
        ["check", "--timeout", "0"], ["check", "--timeout", "nan"], ["check", "--color", "blue"],
        ["check", "--nothing"],
        ["check", "-v", "--json", "a"], ["replay"], ["replay", "a", "--witness", "0"], ["show"], ["show", "a"],
        ["nothing"],
        ["profiles", "nobody"], ["profiles", "--file", "--json"], ["isa", "frobnicate"], ["properties", "nobody"],
        ["check", "--expect", "nothing.tsv", "a"], ["check", ""], ["limits", "x"],
    ])
    func badUsage(arguments: [String]) throws {
        let bench = try Bench()
        #expect(bench.run(arguments) == .badInput)
        #expect(bench.output == "")
        #expect(bench.errors.lowercased().contains("error: "))
    }

    @Test func anyArgumentsEndWell() throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        bench.standardInput = "X86_64"
        let words = [
            "check", "replay", "show", "asm", "kernel", "kernel:zap", "profiles", "isa", "properties", "limits", "help",
            "-", "--", "SB.litmus", ".",
            "--profile", "cet", "--witness", "012", "(3)z", "--json", "-v", "--jobs", "2", "1e9", "--max-memory", "4G",
            "--max-states", "99", "--timeout", "1", "--statistics", "--expect", "--file", "--reference", "--color",
            "never", "--help", "--version", "", "\u{0}", "../..", "mov", "lost_dirty", "--sequences", "/dev/null",
        ]
        var random = SplitMix(seed: 7)
        for _ in 0..<(Volume.isFull ? 400 : 120) {
            let arguments = (0..<Int(random.next() % 6)).map { _ in words[Int(random.next() % UInt64(words.count))] }
            // The parent folder may be full of other people's files.
            if arguments.contains("../..") { continue }
            #expect(bench.run(arguments) != .defect, "\(arguments)")
        }
    }

    /// A small generator, so that a failure can be repeated (Steele, Lea, Flood 2014).
    struct SplitMix {
        var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
    }
}

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("1", 1), ("4096", 4096), ("4K", 4096), ("4k", 4096), ("512M", 512 << 20), ("4G", 4 << 30), ("1.5G", 3 << 29),
        ("2GiB", 2 << 30), ("2GB", 2 << 30), ("1T", 1 << 40), ("10B", 10),
    ])
    func reads(text: String, bytes: Int) { #expect(ByteCount(argument: text)?.bytes == bytes) }

    @Test(arguments: [
        "", "G", "-1", "0", "0.0001K", "4X", "4 G", "1e3", "0x10", "inf", "nan", "1.2.3", ".", "9999999999999999999",
        "99999999T", "٣", "4GG", "B", "+5",
    ])
    func refuses(text: String) { #expect(ByteCount(argument: text) == nil) }

    @Test func anythingEndsWell() {
        var random = InputTests.SplitMix(seed: 3)
        let letters = Array("0123456789.KMGTiBb-+ex \u{e9}")
        for _ in 0..<5000 {
            let text = String(
                (0..<Int(random.next() % 8)).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
            if let count = ByteCount(argument: text) { #expect(count.bytes >= 1, "\(text)") }
        }
    }
}

@Suite struct FreeMemoryTests {
    @Test func readsWhatTheKernelSays() {
        #expect(FreeMemory.available(in: "MemTotal: 9 kB\nMemAvailable:   2048 kB\n") == 2048 * 1024)
        #expect(FreeMemory.available(in: "MemTotal: 9 kB\n") == nil)
        #expect(FreeMemory.available(in: "MemAvailable:\n") == nil)
        #expect(FreeMemory.available(in: "MemAvailable: 9223372036854775807 kB") == nil)
        #expect(FreeMemory.bytes() > 0)
    }
}
