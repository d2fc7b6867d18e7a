import Diagnostics
import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Compiles C tests to machine code and makes ordinary tests of them (litmus.md, "Real C").
package struct CTestCompiler: Sendable {
    /// The compiler.
    package let clang: Clang
    /// The kernel whose headers provide the functions; nil for Ptero's own stand-ins.
    package let tree: KernelTree?
    /// Flags after all others (`--cflags`).
    package let flags: [String]
    /// Source files that were looked at.
    private let texts = SourceTexts()
    /// What several tests share of their headers; nil where each has its own.
    private var precompiled: PrecompiledHeaders?

    /// Makes a compiler.
    package init(clang: Clang, tree: KernelTree? = nil, flags: [String] = []) {
        self.clang = clang
        self.tree = tree
        self.flags = flags
    }

    /// The same compiler for several tests: a kernel's headers are compiled once for all of them.
    ///
    /// The copy holds a temporary folder, which goes with it. Where that cannot be made each test has its own headers.
    package func sharingHeaders() -> CTestCompiler {
        guard tree != nil else { return self }
        var copy = self
        copy.precompiled = try? PrecompiledHeaders()
        return copy
    }

    /// Code generation as in facts.md B.5, what kbuild uses; the flags of a tree's own build come after it.
    static let codeGeneration = [
        "-std=gnu11", "-O2", "-fshort-wchar", "-funsigned-char", "-fno-common", "-fno-PIE", "-fno-strict-aliasing",
        "-mno-sse", "-mno-mmx", "-mno-avx", "-mno-80387", "-m64", "-mno-red-zone", "-mcmodel=kernel",
        "-fno-delete-null-pointer-checks", "-fno-strict-overflow",
    ]

    /// What holds whatever the tree's build says: no guards and no tables that only patching and unwinding need, and what
    /// the listing is read with.
    static let listing = [
        "--target=x86_64-linux-gnu", "-g1", "-fno-asynchronous-unwind-tables", "-fno-stack-protector",
        "-fcf-protection=none", "-fno-jump-tables", "-fomit-frame-pointer", "-ffreestanding", "-w",
        "-fno-color-diagnostics", "-fno-caret-diagnostics",
    ]

    /// Compiles a test.
    ///
    /// `directory` is where its `Include=` paths begin. Throws what clang finds wrong, and what the machine has no meaning for.
    package func compile(_ test: CTest, file: String? = nil, directory: String? = nil) async throws(Diagnostic)
        -> CompiledTest
    {
        let name = file ?? "\(test.test.name).litmus"
        try checkVersions(test.test, file)
        let source = CSourceText(test, file: name)
        let sources = try sourceFiles(test.test, file)
        let text = source.text(
            includes: try includes(test.test, file) + sources + (tree == nil ? [] : ["kernel-services.h"]))
        let assembly: Assembly
        do throws(Diagnostic) {
            let own = Self.definitions(sources, test) + (try testFlags(test.test, file))
            assembly = try await self.assembly(
                of: text, flags: own, directory: directory,
                command: tree?.buildCommand(for: test.test.words(of: "Source").first))
        } catch {
            throw located(error, test, source.observed, name, file)
        }
        func threads(_ functions: [CFunction]) -> [CompiledTestBuilder.Thread] {
            functions.map {
                CompiledTestBuilder.Thread(
                    processor: $0.processor, name: $0.spelling, parameters: $0.parameters, place: $0.place)
            }
        }
        let builder = try CompiledTestBuilder(
            test.test, threads: threads(test.functions), handlers: threads(test.handlers), observed: source.observed,
            language: .c, columns: SourceColumns(test),
            file: file, name: name, assembly: assembly.text, tree: tree,
            sources: SourceLines(
                texts: texts, own: SourceTexts.Text(source.linesOfFile),
                ownName: String(name.split(separator: "/").last ?? ""), file: name,
                roots: [tree?.source ?? "", tree?.build ?? ""]))
        var compiled = try builder.build()
        compiled.flags = assembly.flags
        return compiled
    }

    /// What the compiler made, and with which flags.
    struct Assembly {
        var text: String
        var flags: String?
    }

    /// Compiles C text to assembly, with the flags of the tree's own build where it left some.
    ///
    /// A tree that gcc built has flags that clang does not know. They are left out when clang says so.
    func assembly(
        of text: String, flags own: [String], directory: String?, command: BuildCommand? = nil
    ) async throws(Diagnostic) -> Assembly {
        let scratch = try ScratchDirectory()
        defer { scratch.remove() }
        let (input, output) = (scratch.path + "/test.c", scratch.path + "/test.s")
        if precompiled == nil { try ShippedHeaders.write(to: scratch) }
        let headers = precompiled?.path ?? scratch.path
        try scratch.write(Array(text.utf8), to: input)
        var tail: [String] = tree == nil ? ["-include", headers + "/ptero.h"] : []
        tail += ["-I", headers]
        if let directory { tail += ["-I", directory] }
        var command = command
        while true {
            let head = command?.arguments(headers: headers) ?? tree?.arguments(headers: headers) ?? ["-nostdlibinc"]
            var arguments =
                head + (tree == nil ? [] : KernelTree.moduleNames) + tail + Self.codeGeneration
                + (command?.generation ?? []) + Self.listing + own + flags
            let workingDirectory = command?.directory ?? tree?.build
            // Of what was precompiled clang 21 forgets the flags of sections in which per-CPU data lie: tlb.c, which adds to
            // them, is a conflict then.
            if let precompiled, !own.contains(where: { $0.hasPrefix(Self.shootdownDefinition) }) {
                arguments = await precompiled.shared(arguments, clang, workingDirectory: workingDirectory)
            }
            arguments += ["-S", "-o", output, input]
            guard let errors = try await clang.errors(arguments, workingDirectory: workingDirectory) else { break }
            guard let fewer = command?.without(refusedIn: errors) else { throw clang.diagnostic(errors) }
            command = fewer
        }
        guard let assembly = scratch.assembly(in: output) else {
            throw Diagnostic(withoutPlace: "clang wrote no assembly", remedy: "check --cflags")
        }
        return Assembly(
            text: assembly,
            flags: tree.map { _ in
                command.map { "the flags of \($0.origin), made for \($0.compiler)" } ?? "default flags"
            })
    }

    /// What tells the shipped headers of a test's sources.
    ///
    /// Where the kernel's own shootdown runs, the headers define no services in its place, and its CPU masks name the test's CPUs.
    private static func definitions(_ sources: [String], _ test: CTest) -> [String] {
        var definitions: [String] = []
        if !sources.isEmpty { definitions.append("-DPTERO_SOURCES") }
        if sources.contains(where: { $0.hasSuffix("/" + shootdownFile) }) {
            definitions.append("\(shootdownDefinition)=\(test.functions.count)")
        }
        return definitions
    }

    private static let shootdownDefinition = "-DPTERO_SHOOTDOWN_CPUS"
    /// The kernel's shootdown and its bookkeeping of who runs what.
    private static let shootdownFile = "arch/x86/mm/tlb.c"

    // MARK: Header lines

    private func includes(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [String] {
        var includes: [String] = []
        for header in test.headers where header.key == "Include" {
            for word in header.value.split(separator: " ").map(String.init) {
                guard !word.contains("\""), !word.contains("\\") else {
                    throw Diagnostic(
                        file: file, span: header.span(of: word), message: "`\(word)` is not the name of a header",
                        remedy: nil)
                }
                // A tree's own headers provide what a stand-in would.
                if tree != nil, Self.isStandIn(word) { continue }
                includes.append(word)
            }
        }
        return includes
    }

    /// Whether a header is one of Ptero's, in place of a kernel's.
    private static func isStandIn(_ header: String) -> Bool { header.hasPrefix("linux/pgtable-") }

    /// Helpers that core code calls and that lie in files of their own.
    private static let helperFiles = ["mm/pgtable-generic.c", "arch/x86/mm/pgtable.c"]

    /// The kernel's files that `Source=` names, with those that define the page-table helpers, as paths.
    private func sourceFiles(_ test: LitmusTest, _ file: String?) throws(Diagnostic) -> [String] {
        var names: [String] = []
        var text = ""
        for header in test.headers where header.key == "Source" {
            guard let tree, tree.hasSources else {
                throw Diagnostic(
                    file: file, span: header.span, message: "`Source=` needs a kernel tree with sources",
                    remedy: "name one with --kernel-tree, or its sources beside a header package with --kernel-source")
            }
            for name in header.value.split(separator: " ").map(String.init) {
                let path = tree.source + "/" + name
                guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), name.hasSuffix(".c"),
                    let content = FileManager.default.contents(atPath: path)
                else {
                    throw Diagnostic(
                        file: file, span: header.span(of: name), message: "the kernel tree has no `\(name)`",
                        remedy: "name a .c file by its path in the tree: mm/memory.c")
                }
                text += String(decoding: content, as: UTF8.self)
                names.append(name)
            }
        }
        for header in test.headers where header.key == "Function" {
            guard !names.isEmpty else {
                throw Diagnostic(
                    file: file, span: header.span,
                    message: "`Function=` names a function of a file, and there is no `Source=`",
                    remedy: "add the file: Source=mm/memory.c")
            }
            for name in header.value.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
            where SourceFunctions.definitions(of: name, in: text).isEmpty {
                throw Diagnostic(
                    file: file, span: header.span(of: name),
                    message: "there is no function `\(name)` in the files of `Source=`",
                    remedy: "functions change their names between versions: check the tree")
            }
        }
        // A tree with sources has its own functions for what stand-ins do for header packages.
        guard let tree, tree.hasSources else { return [] }
        return (names + Self.helperFiles.filter { !names.contains($0) }).map { tree.source + "/" + $0 }
    }

    /// Why a test cannot run with this compiler although nothing is wrong with it: it needs a kernel's sources and there
    /// are none, it is about other versions of the kernel, or about a function that this version has not; nil when it can run.
    package func lack(for test: LitmusTest) -> String? {
        if let tree, let versions = test.words(of: "Linux").first, let range = KernelVersionRange(versions),
            !range.contains(tree.versionNumbers)
        {
            return "Linux \(tree.version) is not among \(versions)"
        }
        let names = test.words(of: "Source")
        if tree == nil, names.isEmpty, !test.words(of: "Linux").isEmpty,
            !test.words(of: "Include").contains(where: Self.isStandIn)
        {
            return "no kernel headers (--kernel-tree DIR)"
        }
        guard !names.isEmpty else { return nil }
        guard let tree, tree.hasSources else {
            return "no kernel sources (a prepared tree: --kernel-tree DIR; or a header package and linux-source of the "
                + "same version, unpacked: --kernel-tree DIR --kernel-source DIR)"
        }
        let text = names.reduce(into: "") { text, name in
            let content = FileManager.default.contents(atPath: tree.source + "/" + name)
            text += content.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        let missing = test.words(of: "Function").first { SourceFunctions.definitions(of: $0, in: text).isEmpty }
        return missing.map { "Linux \(tree.version) has no function \($0)" }
    }

    /// `Linux=` has to be a range, whatever the tree is.
    private func checkVersions(_ test: LitmusTest, _ file: String?) throws(Diagnostic) {
        for header in test.headers where header.key == "Linux" && KernelVersionRange(header.value) == nil {
            throw Diagnostic(
                file: file, span: header.span, message: "`\(header.value)` is not a range of kernel versions",
                remedy: "write Linux=6.6.. (from 6.6 on), Linux=..6.5 (up to 6.5, its updates too) or Linux=6.1..6.5")
        }
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
                        file: file, span: header.span(of: flag), message: "`CFlags=` cannot hold \(flag)",
                        remedy: "-O, -D, -U, -f, -m, -W and -std= are taken; others go to --cflags")
                }
                flags.append(flag)
            }
        }
        return flags
    }

    /// Says which condition names a local variable that is not there.
    private func located(
        _ error: Diagnostic, _ test: CTest, _ observed: [Int: [String]], _ name: String, _ file: String?
    ) -> Diagnostic {
        var error = error
        let columns = SourceColumns(test)
        if error.file == name {
            error.file = file
            error.place = error.place.map { columns.place(line: $0.line, column: $0.column) }
        }
        for (processor, locals) in observed {
            for local in locals where error.message.contains("undeclared identifier '\(local)'") {
                if let span = test.test.span(ofAsked: "\(processor):\(local)") {
                    (error.file, error.place, error.length) = (file, span.place, span.length)
                }
                error.message = "P\(processor) has no local variable `\(local)` in its outermost block"
                error.remedy = "declare it there, or correct the condition"
            }
        }
        return error
    }
}

/// A test in C or Swift after compilation.
package struct CompiledTest: Sendable {
    /// The test that the checker takes.
    package var test: LitmusTest
    /// The whole assembly text.
    package var assembly: String
    /// The functions that each processor reaches, its own first.
    package var reached: [[String]]
    /// What was assumed: functions that return 0 instead of running, variables that are only declared.
    package var assumptions: [String]
    /// Where the flags came from that a kernel's code was compiled with; nil without a kernel.
    package var flags: String?
}

extension LitmusTest {
    /// The words of all header lines with a key.
    func words(of key: String) -> [String] {
        headers.filter { $0.key == key }.flatMap { $0.value.split { $0 == " " || $0 == "," }.map(String.init) }
    }
}
