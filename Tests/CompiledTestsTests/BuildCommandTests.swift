import Diagnostics
import Foundation
import Litmus
import Testing

@testable import CompiledTests

@Suite struct BuildCommandTests {
    @Test(arguments: [
        ("a  b\tc", ["a", "b", "c"]), ("-DX='\"a b\"' y", ["-DX=\"a b\"", "y"]),
        ("\"a\\\"b\" 'c\\d'", ["a\"b", "c\\d"]),
        ("a\\ b", ["a b"]), ("cc x.c; rm y", ["cc", "x.c", ";", "rm", "y"]), ("''", [""]), ("", []),
        ("'open", ["open"]),
    ]) func wordsAreThoseOfAShell(_ text: String, _ words: [String]) {
        #expect(ShellWords.split(text) == words)
    }

    @Test func whatMakesCodeIsKeptAndWhatPatchesItIsNot() {
        let line =
            "ccache gcc -Wp,-MMD,mm/.memory.o.d -nostdinc -I../src/arch/x86/include -I ./include -isystem /lib/gcc "
            + "-include ../src/include/linux/kconfig.h -include ../src/include/linux/compiler_types.h -D__KERNEL__ -Wall "
            + "-fshort-wchar -std=gnu11 -mno-sse -m64 -mno-80387 -fcf-protection=branch -mfunction-return=thunk-extern "
            + "-mindirect-branch=thunk-extern -pg -mfentry -fconserve-stack -fstack-protector-strong -Os -g -UFOO "
            + "-ftrivial-auto-var-init=zero -DMODULE -DKBUILD_MODNAME='\"memory\"' -c -o mm/memory.o ../src/mm/memory.c "
            + "; ./tools/objtool/objtool -I/nowhere mm/memory.o"
        let command = BuildCommand(words: ShellWords.split(line), origin: "o", directory: "/nonexistent")
        #expect(command.compiler == "gcc")
        #expect(command.includePaths == ["-I", "../src/arch/x86/include", "-I", "./include"])
        #expect(command.definitions == ["-D__KERNEL__", "-UFOO"])
        #expect(
            command.generation
                == [
                    "-fshort-wchar", "-std=gnu11", "-mno-sse", "-m64", "-mno-80387", "-Os",
                    "-ftrivial-auto-var-init=zero",
                ])
        #expect(!command.isUsable)
        // Ptero's headers stand after the two that they correct.
        let included = command.arguments(headers: "/h").filter { $0.hasSuffix(".h") }.map {
            $0.split(separator: "/").last
        }
        #expect(included == ["kconfig.h", "kernel-pre.h", "compiler_types.h", "kernel-post.h", "kernel-test.h"])
    }

    @Test func flagsThatClangRefusesAreLeftOut() throws {
        let command = BuildCommand(
            words: ["gcc", "-fone", "-mtwo=3", "-march=none", "-O2"], origin: "o", directory: "/")
        let fewer = try #require(
            command.without(
                refusedIn: """
                    clang: error: unknown argument: '-fone'
                    clang: error: unsupported argument 'none' to option '-march='
                    """))
        #expect(fewer.generation == ["-mtwo=3", "-O2"])
        #expect(command.without(refusedIn: "a.c:1:2: error: use of undeclared identifier '-fone'") == nil)
        #expect(fewer.without(refusedIn: "clang: error: unknown argument: '-fone'") == nil)
        let options = try #require(
            command.without(refusedIn: "clang: error: unsupported option '-mtwo=3' for target 'x'"))
        #expect(options.generation == ["-fone", "-march=none", "-O2"])
    }

    @Test(arguments: ["savedcmd_mm/memory.o := ", "cmd_mm/memory.o := "]) func commandFilesAreRead(_ head: String)
        throws
    {
        let tree = try MiniatureTree([
            "mm/.memory.o.cmd":
                "\(head)gcc \(MiniatureTree.flags) -DHASH='$(pound)a$$' -fnormal -c mm/memory.c\n\nsource_x := y\n"
        ])
        defer { tree.remove() }
        let command = try #require(try tree.kernel().buildCommand(for: "mm/rmap.c"))
        #expect(command.origin == "mm/.memory.o.cmd")
        #expect(command.definitions.contains("-DHASH=#a$"))
        #expect(command.generation == ["-fnormal"])
    }

    @Test func theFilesOwnCommandComesFirst() throws {
        let tree = try MiniatureTree([
            "mm/.memory.o.cmd": "cmd_mm/memory.o := gcc \(MiniatureTree.flags) -fmemory\n",
            "mm/.ksm.s.cmd": "cmd_mm/ksm.s := clang-18 \(MiniatureTree.flags) -fksm\n",
            "arch/x86/boot/.a20.o.cmd": "cmd_x := gcc -m16 \(MiniatureTree.flags)\n",
        ])
        defer { tree.remove() }
        let kernel = try tree.kernel()
        #expect(kernel.buildCommand(for: "mm/ksm.c")?.generation == ["-fksm"])
        #expect(kernel.buildCommand(for: "mm/ksm.c")?.compiler == "clang-18")
        #expect(kernel.buildCommand()?.generation == ["-fmemory"])
        // 16-bit code of the boot loader is not a model for anything.
        #expect(kernel.buildCommand(for: "arch/x86/boot/a20.c")?.generation == ["-fmemory"])
    }

    @Test func compilationDatabasesAreRead() throws {
        let tree = try MiniatureTree([:])
        defer { tree.remove() }
        func entry(_ file: String, _ command: String) -> String {
            "{\"directory\": \"\(tree.path)\", \"file\": \"\(file)\", \(command)}"
        }
        let words = MiniatureTree.flags.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
        try tree.add(
            "compile_commands.json",
            """
            [\(entry("scripts/a.c", "\"command\": \"gcc -O2\"")),
             \(entry(tree.path + "/mm/ksm.c", "\"arguments\": [\"clang\", \(words), \"-fksm\"]")),
             \(entry("mm/memory.c", "\"command\": \"gcc \(MiniatureTree.flags) -fmemory\""))]
            """)
        #expect(try tree.kernel().buildCommand(for: "mm/ksm.c")?.generation == ["-fksm"])
        #expect(try tree.kernel().buildCommand()?.origin == "compile_commands.json (mm/memory.c)")
        // A build's own files are nearer to the truth.
        try tree.add("mm/.memory.o.cmd", "cmd_mm/memory.o := gcc \(MiniatureTree.flags) -fcmd\n")
        #expect(try tree.kernel().buildCommand()?.generation == ["-fcmd"])
    }

    @Test func brokenDatabasesAndMovedTreesAreNoticed() throws {
        let tree = try MiniatureTree(["compile_commands.json": "[{\"file\": 1}]"])
        defer { tree.remove() }
        #expect(throws: Diagnostic.self) { try tree.kernel() }
        try tree.add("compile_commands.json", "[]")
        #expect(try tree.kernel().buildCommand() == nil)
        // Paths of another machine: the default flags are better than none.
        try tree.add("mm/.memory.o.cmd", "cmd_mm/memory.o := gcc -I/gone/arch/x86/include -include k.h -O2\n")
        #expect(try tree.kernel().buildCommand() == nil)
        try tree.add("mm/.memory.o.cmd", "nonsense")
        #expect(try tree.kernel().buildCommand() == nil)
    }
}
