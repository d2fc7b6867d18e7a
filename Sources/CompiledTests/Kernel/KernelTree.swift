import Diagnostics
import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A Linux kernel's headers or sources, ready to compile against.
package struct KernelTree: Sendable, Hashable {
    /// The directory with `include/generated`.
    package let build: String
    /// The directory with `include/linux` and `arch/x86/include`.
    package let source: String
    /// The version that the headers say, for example 6.12.117.
    package let version: String
    /// Major, minor and sublevel.
    package let versionNumbers: [Int]
    /// What the build left behind about its flags.
    private let commands: BuildCommandSearch

    /// Whether the `.c` files of core memory management are there as well.
    package var hasSources: Bool { FileManager.default.fileExists(atPath: source + "/mm/memory.c") }

    /// Recognises a tree: a distribution's header package, `/lib/modules/*/build`, or a prepared source tree.
    ///
    /// `sources` names the sources of the same version, for header packages, which have none.
    /// - Throws: `Diagnostic` for a directory that is none, one that is not prepared, another architecture, and
    ///   sources of another version.
    package init(_ path: String, sources: String? = nil) throws(Diagnostic) {
        let manager = FileManager.default
        let directory = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        func exists(_ directory: String, _ name: String) -> Bool { manager.fileExists(atPath: directory + "/" + name) }
        guard exists(directory, ".") else {
            throw Diagnostic(withoutPlace: "\(path) is not a directory", remedy: Self.remedy)
        }
        let hasSources = exists(directory, "include/linux/mm.h")
        guard exists(directory, "include/generated/autoconf.h") else {
            if hasSources {
                let common = directory.hasSuffix("-common")
                throw Diagnostic(
                    withoutPlace: "\(path) is not prepared: it has no include/generated/autoconf.h",
                    remedy: common
                        ? "name the directory of the flavour beside it, as in linux-headers-6.12.0-amd64"
                        : "run `make defconfig prepare` in it, or name the build directory of `make O=`")
            }
            throw Diagnostic(withoutPlace: "\(path) is not a kernel tree", remedy: Self.remedy)
        }
        guard let configuration = Self.text(directory + "/include/generated/autoconf.h"),
            configuration.contains("#define CONFIG_X86_64 1")
        else {
            let other = Self.architecture(Self.text(directory + "/include/generated/autoconf.h") ?? "")
            throw Diagnostic(
                withoutPlace: "\(path) is not for x86-64: include/generated/autoconf.h "
                    + (other.map { "is of an \($0) kernel" } ?? "does not set CONFIG_X86_64"),
                remedy: "install the headers of an amd64 kernel")
        }
        build = directory
        (version, versionNumbers) = Self.version(of: directory)
        if let sources {
            source = try Self.matchingSources(sources, versionNumbers)
        } else if hasSources {
            source = directory
        } else if let named = Self.sourceDirectory(of: directory) {
            source = named
        } else {
            throw Diagnostic(
                withoutPlace: "\(path) has no sources and its Makefile names none",
                remedy: "install the package of common headers as well")
        }
        guard exists(source, "arch/x86/include/asm/pgtable.h") else {
            throw Diagnostic(
                withoutPlace: "\(source) lacks arch/x86/include/asm/pgtable.h",
                remedy: "install the package of common headers as well")
        }
        commands = try BuildCommandSearch(build: build, source: source)
    }

    /// How the tree's own build compiles a file such as `mm/memory.c`, or a usual one; nil for header packages.
    package func buildCommand(for file: String? = nil) -> BuildCommand? { commands.command(for: file) }

    /// Checks that sources are there and of the same version, by the first lines of their Makefile.
    private static func matchingSources(_ path: String, _ numbers: [Int]) throws(Diagnostic) -> String {
        let directory = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var found = ["VERSION": 0, "PATCHLEVEL": 0, "SUBLEVEL": 0]
        for line in (text(directory + "/Makefile") ?? "").split(whereSeparator: \.isNewline).prefix(12) {
            let parts = line.split(separator: "=").map { AssemblyText.trimmed($0) }
            if parts.count == 2, found[parts[0]] != nil { found[parts[0]] = Int(parts[1]) ?? 0 }
        }
        let version = ["VERSION", "PATCHLEVEL", "SUBLEVEL"].map { found[$0] ?? 0 }
        guard FileManager.default.fileExists(atPath: directory + "/mm/memory.c") else {
            throw Diagnostic(
                withoutPlace: "\(path) has no mm/memory.c", remedy: "name the unpacked sources of a kernel")
        }
        guard version == numbers else {
            func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ".") }
            throw Diagnostic(
                withoutPlace: "\(path) is Linux \(text(version)), the headers are \(text(numbers))",
                remedy: "name sources and headers of the same version")
        }
        return directory
    }

    private static let remedy =
        "name a directory such as /usr/src/linux-headers-6.12...-amd64, /lib/modules/.../build, or a prepared source tree"

    /// The source tree that a build directory's Makefile includes, as `make O=` and Debian's packages write it.
    private static func sourceDirectory(of build: String) -> String? {
        let makefile = text(build + "/Makefile") ?? ""
        for line in makefile.split(whereSeparator: \.isNewline) where line.hasPrefix("include ") {
            let target = AssemblyText.trimmed(line.dropFirst(8))
            guard target.hasSuffix("/Makefile") else { continue }
            let directory = String(target.dropLast("/Makefile".count))
            let absolute = directory.hasPrefix("/") ? directory : build + "/" + directory
            if FileManager.default.fileExists(atPath: absolute + "/include/linux/mm.h") {
                return URL(fileURLWithPath: absolute).standardizedFileURL.path
            }
        }
        let link = build + "/source"
        guard FileManager.default.fileExists(atPath: link + "/include/linux/mm.h") else { return nil }
        return URL(fileURLWithPath: link).resolvingSymlinksInPath().path
    }

    /// `LINUX_VERSION_CODE` of include/generated/uapi/linux/version.h, else the release of utsrelease.h.
    private static func version(of build: String) -> (String, [Int]) {
        let header = text(build + "/include/generated/uapi/linux/version.h") ?? ""
        for line in header.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            if words.count == 3, words[1] == "LINUX_VERSION_CODE", let code = Int(words[2]) {
                let numbers = [code >> 16, (code >> 8) & 0xff, code & 0xff]
                return (numbers.map(String.init).joined(separator: "."), numbers)
            }
        }
        return ("unknown", [0, 0, 0])
    }

    /// The architecture that a configuration is for, if it is a common one.
    private static func architecture(_ configuration: String) -> String? {
        let names = ["ARM64", "ARM", "X86_32", "RISCV", "S390", "PPC64", "LOONGARCH", "MIPS", "SPARC64"]
        return names.first { configuration.contains("#define CONFIG_\($0) 1\n") }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The compiler's arguments where the build left none behind: include paths in kbuild's order, Ptero's two headers
    /// around `compiler_types.h`, which compile out what only exists to patch code at run time, and the declarations that
    /// tests use.
    func arguments(headers: String) -> [String] {
        var arguments = ["-nostdinc"]
        for directory in [
            source + "/arch/x86/include", build + "/arch/x86/include/generated", source + "/include",
            build + "/include",
            source + "/arch/x86/include/uapi", build + "/arch/x86/include/generated/uapi", source + "/include/uapi",
            build + "/include/generated/uapi",
        ] { arguments += ["-I", directory] }
        for header in [
            source + "/include/linux/compiler-version.h", source + "/include/linux/kconfig.h",
            headers + "/kernel-pre.h",
            source + "/include/linux/compiler_types.h", headers + "/kernel-post.h", headers + "/kernel-test.h",
        ] { arguments += ["-include", header] }
        return arguments + ["-D__KERNEL__", "-DCC_USING_FENTRY"]
    }

    /// The names of the module that kernel code believes to be part of.
    static let moduleNames = [
        "-DKBUILD_MODNAME=\"ptero\"", "-DKBUILD_BASENAME=\"ptero\"", "-DKBUILD_MODFILE=\"ptero\"",
        "-D__KBUILD_MODNAME=kmod_ptero",
    ]
}
