#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a kernel's own build compiles one of its files, as `.foo.o.cmd` or compile_commands.json keep it, and what of it
/// holds for tests.
///
/// Kept are include paths, definitions, inclusions, the language, the level of optimisation and those `-f` and `-m` flags
/// that decide what code means or looks like. What patches, traces or hardens code at run time is left out, as
/// `kernel-pre.h` leaves out its configuration; so is what belongs to one file, one assembler or one compiler's warnings.
package struct BuildCommand: Sendable, Hashable {
    /// Where the command stands: `mm/.memory.o.cmd`, or compile_commands.json with the file.
    package var origin: String
    /// The program that built the tree, by its last path component.
    package var compiler: String
    /// Where relative paths begin.
    var directory: String
    /// `-I` with its path, in order.
    var includePaths: [String] = []
    /// `-D` and `-U`.
    var definitions: [String] = []
    /// Files of `-include`, in order.
    var inclusions: [String] = []
    /// `-std=`, `-O`, `-f` and `-m` flags that are kept.
    var generation: [String] = []
    /// Whether the command is for 64-bit code of x86 with headers that are there.
    private(set) var isUsable = false

    /// Reads the words of a command; the first is the compiler.
    init(words: [String], origin: String, directory: String) {
        self.origin = origin
        self.directory = directory
        // `ccache gcc`: the compiler stands in front of the first flag.
        let program = words.prefix { !$0.hasPrefix("-") }.last ?? ""
        compiler = String(program.split(separator: "/").last ?? "")
        var isNarrow = false
        var index = 0
        /// The value of a flag that takes one, after it or in the next word.
        func value(_ flag: String) -> String {
            let word = words[index]
            if word.count > flag.count { return String(word.dropFirst(flag.count)) }
            index += 1
            return words.indices.contains(index) ? words[index] : ""
        }
        while index < words.count {
            let word = words[index]
            if [";", "&&", "||", "|"].contains(word) { break }
            if word.hasPrefix("-I") {
                includePaths += ["-I", value("-I")]
            } else if word.hasPrefix("-D") || word.hasPrefix("-U") {
                let flag = String(word.prefix(2))
                let definition = value(flag)
                if !Self.belongsToOneFile(definition) { definitions.append(flag + definition) }
            } else if word == "-include" {
                inclusions.append(value("-include"))
            } else if ["-o", "-isystem", "-iquote", "-idirafter", "-x", "-MF", "-MT", "-MQ", "-target"].contains(word) {
                // The compiler's own headers (-isystem) are for the compiler that built the tree.
                index += 1
            } else if word.hasPrefix("-m16") || word.hasPrefix("-m32") {
                isNarrow = true
            } else if Self.keeps(word) {
                generation.append(word)
            }
            index += 1
        }
        isUsable = !isNarrow && !inclusions.isEmpty && includePaths.contains(where: isThere)
    }

    /// Whether an include path is that of x86 and its headers are there; a tree that was moved, or unpacked from a package
    /// that was built elsewhere, has commands with paths that lead nowhere.
    private func isThere(_ path: String) -> Bool {
        guard path.hasSuffix("arch/x86/include") else { return false }
        let absolute = path.hasPrefix("/") ? path : directory + "/" + path
        return FileManager.default.fileExists(atPath: absolute + "/asm/pgtable.h")
    }

    /// Names of the module that a file becomes part of.
    private static func belongsToOneFile(_ definition: String) -> Bool {
        ["KBUILD_", "__KBUILD_", "MODULE"].contains(where: definition.hasPrefix)
    }

    /// Beginnings of flags that patch, trace, harden or measure code, or that speak about files of the build.
    private static let leftOut = [
        "-fcf-protection", "-fstack-protector", "-fpatchable-function-entry", "-fsanitize", "-fno-sanitize",
        "-fprofile",
        "-ftest-coverage", "-fcoverage", "-flto", "-fno-lto", "-fsplit-lto-unit", "-fwhole-program", "-fplugin",
        "-fpass-plugin", "-fmacro-prefix-map", "-ffile-prefix-map", "-fdebug", "-fno-debug", "-fdump", "-fcolor",
        "-fdiagnostics", "-fno-caret", "-ferror-limit", "-fintegrated-as", "-fno-integrated-as", "-fstack-clash",
        "-fstack-check", "-fstack-usage", "-fcallgraph", "-fipa-", "-fno-ipa-", "-finstrument", "-fmodule",
        "-fvisibility",
        "-ffunction-sections", "-fdata-sections", "-fno-function-sections", "-fno-data-sections", "-fexperimental",
        "-mfentry", "-mrecord-mcount", "-mnop-mcount", "-mindirect-branch", "-mfunction-return", "-mretpoline",
        "-mharden-sls",
        "-mstack-protector", "-mllvm", "-mspeculative-load",
    ]

    /// Flags that only gcc knows and kernels use; others that clang refuses are left out when it does.
    private static let gccOnly: Set<String> = [
        "-fconserve-stack", "-mskip-rax-setup", "-fno-allow-store-data-races", "-mpreferred-stack-boundary=3",
        "-mpreferred-stack-boundary=4", "-fno-var-tracking-assignments", "-fno-tree-loop-im", "-fno-code-hoisting",
    ]

    private static func keeps(_ word: String) -> Bool {
        if gccOnly.contains(word) || leftOut.contains(where: word.hasPrefix) { return false }
        if word.hasPrefix("-O") { return ["-O1", "-O2", "-O3", "-Os", "-Oz", "-Og"].contains(word) }
        return word.hasPrefix("-f") || word.hasPrefix("-m") || word.hasPrefix("-std=")
    }

    /// The arguments that say what is included: paths, definitions, and Ptero's headers where they have to stand.
    func arguments(headers: String) -> [String] {
        var arguments = ["-nostdinc"] + includePaths + definitions
        for file in inclusions {
            let name = file.split(separator: "/").last ?? ""
            arguments += ["-include", file]
            if name == "kconfig.h" { arguments += ["-include", headers + "/kernel-pre.h"] }
            if name == "compiler_types.h" { arguments += ["-include", headers + "/kernel-post.h"] }
        }
        return arguments + ["-include", headers + "/kernel-test.h"]
    }

    /// Without the flags that a message of clang's driver names as unknown; nil when it names none of them.
    ///
    /// `unknown argument: '-fx'`, `unsupported option '-mx' for target ...`, `unsupported argument 'x' to option '-fy='`.
    func without(refusedIn errors: String) -> BuildCommand? {
        var refused: Set<String> = []
        for line in errors.split(whereSeparator: \.isNewline)
        where line.contains("error: un") && !line.contains(".h:") && !line.contains(".c:") {
            let quoted = line.split(separator: "'", omittingEmptySubsequences: false)
            for index in stride(from: 1, to: quoted.count, by: 2) where quoted[index].hasPrefix("-") {
                refused.insert(String(quoted[index]))
            }
        }
        func isRefused(_ flag: String) -> Bool {
            refused.contains { flag == $0 || ($0.hasSuffix("=") && flag.hasPrefix($0)) }
        }
        guard generation.contains(where: isRefused) else { return nil }
        var copy = self
        copy.generation.removeAll(where: isRefused)
        return copy
    }
}
