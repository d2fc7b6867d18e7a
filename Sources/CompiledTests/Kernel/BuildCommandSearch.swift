import Diagnostics
import Litmus

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds the commands that a kernel's build left behind.
struct BuildCommandSearch: Sendable, Hashable {
    /// The directory with `include/generated`.
    let build: String
    /// The directory with the sources.
    let source: String
    /// The entries of compile_commands.json by file, where the build left no `.cmd` of a file that is good for all.
    private let database: [String: Entry]

    /// An entry of compile_commands.json (Clang's JSON Compilation Database Format Specification).
    private struct Entry: Sendable, Hashable, Decodable {
        var directory: String
        var file: String
        var command: String?
        var arguments: [String]?
    }

    /// Files of which every tree that was built has one, and then those that `make prepare` compiles.
    private static let usualFiles = [
        "mm/memory", "mm/rmap", "mm/mmap", "mm/mprotect", "arch/x86/mm/pgtable", "kernel/fork", "init/main",
        "arch/x86/kernel/asm-offsets", "kernel/bounds",
    ]

    /// Looks what there is.
    ///
    /// - Throws: `Diagnostic` for a compile_commands.json that is needed and cannot be read.
    init(build: String, source: String) throws(Diagnostic) {
        self.build = build
        self.source = source
        let found = Self.usualFiles.lazy.compactMap { Self.kept($0, in: build) }.first
        // `make prepare` compiles two files of no account: a database knows the flags of all.
        let isPreparedOnly = found.map { $0.origin.contains("asm-offsets") || $0.origin.contains("bounds") } ?? true
        database = isPreparedOnly ? try Self.database([build, source]) : [:]
    }

    /// The command for a file such as `mm/memory.c`, else one of a usual file; nil for trees that were never built.
    func command(for file: String?) -> BuildCommand? {
        let wanted = file.map { $0.hasSuffix(".c") ? String($0.dropLast(2)) : $0 }
        let names = (wanted.map { [$0] } ?? []) + Self.usualFiles
        for name in names {
            if let command = known(name) ?? Self.kept(name, in: build) { return command }
        }
        return database.keys.sorted().lazy.compactMap { known(String($0.dropLast(2))) }.first
    }

    // MARK: .cmd files

    /// What `mm/.memory.o.cmd` and its like say.
    private static func kept(_ name: String, in build: String) -> BuildCommand? {
        let parts = name.split(separator: "/").map(String.init)
        guard let last = parts.last, !parts.contains("..") else { return nil }
        let folder = parts.dropLast().map { $0 + "/" }.joined()
        for ending in ["o", "s", "i", "lst"] {
            let origin = "\(folder).\(last).\(ending).cmd"
            guard let data = FileManager.default.contents(atPath: build + "/" + origin), data.count < 16 << 20 else {
                continue
            }
            for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
                // Linux 6.1 writes `cmd_mm/memory.o := `, 6.12 `savedcmd_mm/memory.o := `.
                guard line.hasPrefix("cmd_") || line.hasPrefix("savedcmd_"), let range = line.firstRange(of: ":=")
                else {
                    continue
                }
                let text = line[range.upperBound...].replacing("$(pound)", with: "#").replacing("$$", with: "$")
                let command = BuildCommand(words: ShellWords.split(text), origin: origin, directory: build)
                if command.isUsable { return command }
            }
        }
        return nil
    }

    // MARK: compile_commands.json

    private func known(_ name: String) -> BuildCommand? {
        guard let entry = database[name + ".c"] else { return nil }
        let command = BuildCommand(
            words: entry.arguments ?? ShellWords.split(entry.command ?? ""),
            origin: "compile_commands.json (\(name).c)", directory: entry.directory)
        return command.isUsable ? command : nil
    }

    /// Entries by the path of their file in the tree.
    private static func database(_ directories: [String]) throws(Diagnostic) -> [String: Entry] {
        for directory in directories {
            let path = directory + "/compile_commands.json"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            guard let entries = try? JSONDecoder().decode([Entry].self, from: data) else {
                throw Diagnostic(
                    withoutPlace: "\(path) is not a compilation database",
                    remedy: "make it again with scripts/clang-tools/gen_compile_commands.py, or remove it")
            }
            var found: [String: Entry] = [:]
            for entry in entries {
                let file = entry.file.hasPrefix("/") ? entry.file : entry.directory + "/" + entry.file
                let path = URL(fileURLWithPath: file).standardizedFileURL.resolvingSymlinksInPath().path
                for root in directories.reversed() where path.hasPrefix(root + "/") && path.hasSuffix(".c") {
                    found[String(path.dropFirst(root.count + 1))] = entry
                    break
                }
            }
            return found
        }
        return [:]
    }
}

/// The words of a command as a shell takes them apart; nothing is expanded.
enum ShellWords {
    static func split(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        var isInWord = false
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                // Inside double quotes a backslash escapes only these.
                if quote == "\"", !["\"", "\\", "$", "`"].contains(character) { word.append("\\") }
                word.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                isInWord = true
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                isInWord = true
            } else if character.isWhitespace {
                if isInWord { words.append(word) }
                (word, isInWord) = ("", false)
            } else if character == ";" {
                if isInWord { words.append(word) }
                words.append(";")
                (word, isInWord) = ("", false)
            } else {
                word.append(character)
                isInWord = true
            }
        }
        if isInWord { words.append(word) }
        return words
    }
}
