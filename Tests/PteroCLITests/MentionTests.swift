import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// What texts mention in passing, such as `ptero check --json`, exists; `.ci/commands` runs what they show.
@Suite struct MentionTests {
    /// The commands and their options, from the declarations.
    private struct Declared {
        /// The spellings that each command takes; those of the whole program under "".
        var options: [String: Set<String>] = [:]

        init() throws {
            let program = try CommandDescription.ofPtero()
            func spellings(_ command: CommandDescription) -> Set<String> {
                Set((command.arguments ?? []).flatMap { ($0.names ?? []).map(\.spelling) })
            }
            options[""] = spellings(program).union(["--generate-completion-script", "--version", "--help", "-h"])
            options["help"] = []
            for command in program.subcommands ?? [] {
                options[command.commandName] = spellings(command).union(["--help", "-h", "--version"])
            }
        }

        var all: Set<String> { options.values.reduce(into: []) { $0.formUnion($1) } }

        /// What is wrong with a command line; nil for nothing.
        func fault(_ line: String) -> String? {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count > 1 else { return nil }
            var name = ""
            if !words[1].hasPrefix("-") {
                name = words[1]
                // Names in capitals stand for something, such as `ptero NAME`.
                guard name.first?.isLowercase == true else { return nil }
                guard options[name] != nil else { return "there is no command \(name)" }
            }
            for word in words.dropFirst().prefix(while: { $0 != "--" && $0 != "|" && $0 != ">" })
            where word.hasPrefix("-") {
                let option = String(word.prefix { $0 != "=" })
                guard option.count > 1, !(options[name] ?? []).contains(option) else { continue }
                return "`ptero \(name)` has no option \(option)"
            }
            return nil
        }
    }

    /// Options of other programs that texts mention alone, each with whose it is.
    private static let foreign = [
        "--remove": "Scripts/install", "--program": "Scripts/install", "--break": "Examples/BareKernel/run",
        "--oracle": "Tests/Support/Differential/Arguments.swift", "--pictures": "Tests/Browser/explorer.mjs",
    ]

    /// The pieces of code in the lines of Markdown, outside of blocks.
    static func code(in text: String) -> [String] {
        var isInside = false
        var prose = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isInside.toggle()
                // What begins in one paragraph does not end in another.
                prose += "\n"
            } else if !isInside && !line.hasPrefix("<!--") {
                prose += line + "\n"
            }
        }
        return prose.split(separator: "\n\n").flatMap { paragraph in
            paragraph.matches(of: /`([^`]+)`/).map { String($0.1) }
        }
    }

    private static func faults(_ texts: [(name: String, text: String)], _ declared: Declared) -> [String] {
        texts.flatMap { name, text in
            code(in: text).compactMap { code -> String? in
                let line = code.replacing("swift run -c release ptero ", with: "ptero ")
                if line.hasPrefix("ptero ") { return declared.fault(line).map { "\(name): `\(code)`: \($0)" } }
                guard let option = line.firstMatch(of: /^--[a-z][a-z-]*/) else { return nil }
                let word = String(option.0)
                guard !declared.all.contains(word), foreign[word] == nil else { return nil }
                return "\(name): `\(code)`: no command has the option \(word)"
            }
        }
    }

    private static func pages() throws -> [(name: String, text: String)] {
        let folders = ["Documentation", "Sources", "Examples", "Editors", "Web", "Corpus", "Benchmarks"]
        var names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        for folder in folders {
            let files = FileManager.default.enumerator(atPath: Checkout.file(folder).path)
            while let file = files?.nextObject() as? String {
                if file.hasSuffix(".md") && !file.contains(".build/") { names.append(folder + "/" + file) }
            }
        }
        return try names.map { ($0, try Checkout.text($0)) }
    }

    @Test func whatPagesMentionExists() throws {
        let pages = try Self.pages()
        #expect(pages.count > 30)
        for fault in try Self.faults(pages, Declared()) { Issue.record("\(fault)") }
        // Of options of others none is listed that is not mentioned any more.
        let mentioned = pages.flatMap { Self.code(in: $0.text) }
        for (option, owner) in Self.foreign {
            #expect(mentioned.contains { $0.hasPrefix(option) }, "\(option) of \(owner)")
            #expect(try Checkout.text(owner).contains(option.dropFirst(2)), "\(option) of \(owner)")
        }
    }

    @Test func whatHelpMentionsExists() throws {
        let program = try CommandDescription.ofPtero()
        let texts = ([program] + (program.subcommands ?? [])).flatMap { command in
            [command.abstract, command.discussion].compactMap { $0 }.map { (command.commandName, $0) }
                + (command.arguments ?? []).compactMap { $0.abstract }.map { (command.commandName, $0) }
        }
        #expect(try Self.faults(texts, Declared()) == [])
    }

    @Test func whatDoesNotExistIsFound() throws {
        let declared = try Declared()
        func faults(_ text: String) -> Int { Self.faults([("page", text)], declared).count }
        #expect(faults("See `ptero check --json FILE`, `ptero replay -i` and `--profile`.") == 0)
        #expect(faults("See `ptero chek FILE`.") == 1)
        #expect(faults("See `ptero check\n--jsno`, and `ptero why --reference`.") == 2)
        #expect(faults("See `--no-such-option`.\n\n```sh\nptero nothing\n```\n\nSee `--neither`.") == 2)
    }
}
