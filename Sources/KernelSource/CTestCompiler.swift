import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Compiles C tests to machine code and makes ordinary tests of them (litmus.md, "Real C").
public struct CTestCompiler: Sendable {
    /// The compiler.
    public let clang: Clang
    /// The kernel whose headers provide the functions; nil for Ptero's own stand-ins.
    public let tree: KernelTree?
    /// Flags behind all others (`--cflags`).
    public let flags: [String]

    /// Makes a compiler.
    public init(clang: Clang, tree: KernelTree? = nil, flags: [String] = []) {
        self.clang = clang
        self.tree = tree
        self.flags = flags
    }

    /// Code generation as in facts.md B.5: what kbuild uses, less what patches or guards code at run time.
    static let codeGeneration = [
        "--target=x86_64-linux-gnu", "-std=gnu11", "-O2", "-g1", "-fshort-wchar", "-funsigned-char", "-fno-common",
        "-fno-PIE",
        "-fno-strict-aliasing", "-mno-sse", "-mno-mmx", "-mno-avx", "-mno-80387", "-m64", "-mno-red-zone",
        "-mcmodel=kernel",
        "-fno-asynchronous-unwind-tables", "-fno-delete-null-pointer-checks", "-fno-strict-overflow",
        "-fno-stack-protector",
        "-fcf-protection=none", "-fno-jump-tables", "-fomit-frame-pointer", "-ffreestanding", "-w",
        "-fno-color-diagnostics", "-fno-caret-diagnostics",
    ]

    /// Compiles a test.
    ///
    /// `directory` is where its `Include=` paths begin. Throws what clang finds wrong, and what the machine has no meaning for.
    public func compile(_ test: CTest, file: String? = nil, directory: String? = nil) async throws(Diagnostic)
        -> CompiledTest
    {
        let name = file ?? "\(test.test.name).litmus"
        let source = CSourceText(test, file: name)
        let sources = try sourceFiles(test.test, file)
        let text = source.text(
            includes: try includes(test.test, file) + sources + (tree == nil ? [] : ["kernel-services.h"]))
        let assembly: String
        do throws(Diagnostic) {
            let own = (sources.isEmpty ? [] : ["-DPTERO_SOURCES"]) + (try testFlags(test.test, file))
            assembly = try await self.assembly(of: text, flags: own, directory: directory)
        } catch {
            throw located(error, source.observed, name, file)
        }
        let threads = test.functions.map {
            CompiledTestBuilder.Thread(processor: $0.processor, parameters: $0.parameters, place: $0.place)
        }
        return try CompiledTestBuilder(
            test.test, threads: threads, observed: source.observed, language: .c, file: file, name: name,
            assembly: assembly, tree: tree
        ).build()
    }

    /// Compiles C text to assembly.
    func assembly(of text: String, flags own: [String], directory: String?) async throws(Diagnostic) -> String {
        let manager = FileManager.default
        let scratch = manager.temporaryDirectory.appendingPathComponent("ptero-\(UUID().uuidString)")
        defer { try? manager.removeItem(at: scratch) }
        let input = scratch.appendingPathComponent("test.c")
        let output = scratch.appendingPathComponent("test.s")
        do {
            try ShippedHeaders.write(to: scratch)
            try Data(text.utf8).write(to: input)
        } catch {
            throw Diagnostic.general(
                "cannot write to \(scratch.path): \(error)",
                remedy: "set TMPDIR to a directory that can be written")
        }
        var arguments = tree?.arguments(headers: scratch.path) ?? ["-nostdlibinc"]
        if tree == nil { arguments += ["-include", scratch.appendingPathComponent("ptero.h").path] }
        arguments += ["-I", scratch.path]
        if let directory { arguments += ["-I", directory] }
        arguments += Self.codeGeneration + own + flags + ["-S", "-o", output.path, input.path]
        try await clang.run(arguments, workingDirectory: tree?.build)
        guard let data = manager.contents(atPath: output.path), data.count < 64 << 20 else {
            throw Diagnostic.general("clang wrote no assembly", remedy: "check --cflags")
        }
        return String(decoding: data, as: UTF8.self)
    }

    // MARK: Header lines

    private func includes(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [String] {
        var includes: [String] = []
        for header in test.headers where header.key == "Include" {
            for word in header.value.split(separator: " ").map(String.init) {
                guard !word.contains("\""), !word.contains("\\") else {
                    throw Diagnostic(
                        file: file, place: header.place, message: "`\(word)` is no header's name", remedy: nil)
                }
                // A tree's own headers provide what a stand-in would.
                if tree != nil, word.hasPrefix("linux/pgtable-") { continue }
                includes.append(word)
            }
        }
        return includes
    }

    /// Helpers that core code calls and that lie in files of their own.
    private static let helperFiles = ["mm/pgtable-generic.c", "arch/x86/mm/pgtable.c"]

    /// The kernel's files that `Source=` names, with those that define the page-table helpers, as paths.
    private func sourceFiles(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [String] {
        var names: [String] = []
        var text = ""
        for header in test.headers where header.key == "Source" {
            guard let tree, tree.hasSources else {
                throw Diagnostic(
                    file: file, place: header.place, message: "`Source=` needs a kernel tree with sources",
                    remedy: "name one with --kernel-tree, or its sources beside a header package with --kernel-source")
            }
            for name in header.value.split(separator: " ").map(String.init) {
                let path = tree.source + "/" + name
                guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), name.hasSuffix(".c"),
                    let content = FileManager.default.contents(atPath: path)
                else {
                    throw Diagnostic(
                        file: file, place: header.place, message: "the kernel tree has no `\(name)`",
                        remedy: "name a .c file by its path in the tree: mm/memory.c")
                }
                text += String(decoding: content, as: UTF8.self)
                names.append(name)
            }
        }
        for header in test.headers where header.key == "Function" {
            for name in header.value.split(separator: " ") where !text.contains("\(name)(") {
                throw Diagnostic(
                    file: file, place: header.place,
                    message: "there is no function `\(name)` in the files of `Source=`",
                    remedy: "functions change their names between versions: check the tree")
            }
        }
        guard let tree, !names.isEmpty else { return [] }
        return (names + Self.helperFiles.filter { !names.contains($0) }).map { tree.source + "/" + $0 }
    }

    /// Why a test cannot run with this compiler although nothing is wrong with it: it needs a kernel's sources and there
    /// are none, or a function that this version of the kernel has not; nil when it can run.
    public func lack(for test: LitmusTest) -> String? {
        func words(_ key: String) -> [String] {
            test.headers.filter { $0.key == key }.flatMap { $0.value.split(separator: " ").map(String.init) }
        }
        let names = words("Source")
        guard !names.isEmpty else { return nil }
        guard let tree, tree.hasSources else {
            return "no kernel sources (a prepared tree: --kernel-tree DIR; or a header package and linux-source of the "
                + "same version, unpacked: --kernel-tree DIR --kernel-source DIR)"
        }
        let text = names.reduce(into: "") { text, name in
            let content = FileManager.default.contents(atPath: tree.source + "/" + name)
            text += content.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        guard let missing = words("Function").first(where: { !text.contains("\($0)(") }) else { return nil }
        return "Linux \(tree.version) has no function \(missing)"
    }

    private func testFlags(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [String] {
        var flags: [String] = []
        for header in test.headers where header.key == "CFlags" {
            for flag in header.value.split(separator: " ").map(String.init) {
                // A test's file comes from anywhere: it may choose how code is made, not what runs or is written.
                let isHarmless = ["-O", "-D", "-U", "-f", "-m", "-W", "-std="].contains(where: flag.hasPrefix)
                guard isHarmless, !flag.hasPrefix("-fplugin"), !flag.hasPrefix("-fpass-plugin"),
                    !flag.hasPrefix("-Wl,"),
                    !flag.hasPrefix("-Wa,"), !flag.hasPrefix("-Wp,"), !flag.hasPrefix("-fmodule"), !flag.contains("=/")
                else {
                    throw Diagnostic(
                        file: file, place: header.place, message: "`CFlags=` cannot hold \(flag)",
                        remedy: "-O, -D, -U, -f, -m, -W and -std= are taken; others go to --cflags")
                }
                flags.append(flag)
            }
        }
        return flags
    }

    /// Says which condition names a local variable that is not there.
    private func located(_ error: Diagnostic, _ observed: [Int: [String]], _ name: String, _ file: String?)
        -> Diagnostic
    {
        var error = error
        if error.file == name { error.file = file }
        for (processor, locals) in observed {
            for local in locals where error.message.contains("undeclared identifier '\(local)'") {
                error.message = "P\(processor) has no local variable `\(local)` in its outermost block"
                error.remedy = "declare it there, or correct the condition"
            }
        }
        return error
    }
}

/// A test in C or Swift after compilation.
public struct CompiledTest: Sendable {
    /// The test that the checker takes.
    public var test: LitmusTest
    /// The whole assembly text.
    public var assembly: String
    /// The functions that each processor reaches, its own first.
    public var reached: [[String]]
    /// What was assumed: functions that return 0 instead of running, variables that are only declared.
    public var assumptions: [String]
}
