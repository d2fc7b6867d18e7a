import Foundation
import SystemPackage
import Testing

@testable import PteroCLI

@Suite struct FilesTests {
    @Test func readsNoMoreThanAskedFor() throws {
        let bench = try Bench()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try bench.write("f", bytes: bytes)
        let path = bench.folder.path + "/f"
        for limit in [0, 1, 4095, 4096, 4097, 99_999, 100_000, 1 << 20] {
            #expect(try Files.contents(path, atMost: limit) == Array(bytes.prefix(limit)))
        }
        try bench.write("empty", "")
        #expect(try Files.contents(bench.folder.path + "/empty", atMost: 10) == [])
        #expect(try Files.contents("/dev/zero", atMost: 70_000).count == 70_000)
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.contents(path + "x", atMost: 10) }
        #expect(throws: Errno.isDirectory) { try Files.contents(bench.folder.path, atMost: 10) }
    }

    @Test func whatIsThere() throws {
        let bench = try Bench()
        try bench.write("d/é", "")
        try bench.write("d/a", "")
        try bench.write("d/Z/z", "")
        let path = bench.folder.path
        try FileManager.default.createSymbolicLink(atPath: path + "/d/link", withDestinationPath: "Z")
        try FileManager.default.createSymbolicLink(atPath: path + "/d/dangling", withDestinationPath: "nowhere")
        #expect(Files.names(in: path + "/d") == ["Z", "a", "dangling", "link", "é"])
        #expect(Files.names(in: path + "/d/a") == nil && Files.names(in: path + "/none") == nil)
        #expect(!Files.exists(path + "/\0") && Files.names(in: path + "/d\0") == nil)
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.contents(path + "/d/a\0", atMost: 1) }
        #expect(Files.exists(path + "/d/a") && !Files.exists(path + "/d/dangling") && !Files.exists(path + "/none"))
        #expect(Files.isFolder(path + "/d/link") && !Files.isFolder(path + "/d/a"))
        #expect(Files.type(path + "/d/link", followsLinks: false) == .symbolicLink)
    }

    @Test func thisProcess() throws {
        let here = Files.currentDirectory()
        #expect(here.hasPrefix("/") && Files.isFolder(here))
        #expect(here == URL(fileURLWithPath: ".").resolvingSymlinksInPath().path)
        #expect(Files.exists(try #require(Files.executable())))
        let surroundings = Surroundings.ofProcess
        #expect(surroundings.environment("PATH") == ProcessInfo.processInfo.environment["PATH"])
        #expect(surroundings.cores >= 1 && surroundings.freeMemory > 0)
    }

    @Test(arguments: [
        ("a.litmus", "HERE"), ("d/a.litmus", "HERE/d"), ("/a.litmus", "/"), ("/d/a.litmus", "/d"), ("-", "HERE"),
    ])
    func foldersOfFiles(file: String, folder: String) throws {
        let bench = try Bench()
        #expect(bench.surroundings.folder(of: file) == folder.replacing("HERE", with: bench.folder.path))
    }

    @Test func processors() {
        #expect(Processors.affinity("Name:\tx\nCpus_allowed:\tff,ffffffff\nCpus_allowed_list:\t0-39\n") == 40)
        #expect(Processors.affinity("Cpus_allowed:\t4\n") == 1)
        #expect(Processors.affinity("Cpus_allowed:\t0\n") == nil && Processors.affinity("") == nil)
        #expect(Processors.quota("max 100000\n") == nil && Processors.quota("-1 100000") == nil)
        #expect(Processors.quota("200000 100000\n") == 2 && Processors.quota("150000 100000") == 2)
        #expect(Processors.quota("1 100000") == 1 && Processors.quota("1 0") == nil && Processors.quota("1") == nil)
        #expect(Processors.quota("9223372036854775807 1") == .max)
    }
}

/// A subcommand that is named first is parsed without the tree of commands; nobody may see a difference.
@Suite struct SubcommandParsingTests {
    @Test(arguments: [
        ["check", "--jobs", "0"], ["check", "--nothing"], ["check", "--version"], ["check", "--json", "-v", "a"],
        ["check", "--generate-completion-script", "basb"], ["profiles", "--file", "--json"], ["replay"],
        ["check", "--kernel-source", "x"],
    ])
    func errorsAreTheWholeCommands(arguments: [String]) throws {
        let bench = try Bench()
        let status = bench.run(arguments)
        do {
            _ = try PteroCommand.parseAsRoot(arguments)
            Issue.record("\(arguments) parsed")
        } catch {
            #expect(bench.errors + bench.output == PteroCommand.fullMessage(for: error) + "\n")
            #expect(status == (PteroCommand.exitCode(for: error) == .success ? .success : .badInput))
        }
    }
}
