import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// What `Scripts/install` puts into a folder is found by the programs that it is for.
@Suite(.enabled(if: Installed.program("ptero") != nil, "ptero is not built beside its tests")) struct InstallTests {
    private let folder: TemporaryFolder
    private var prefix: String { folder.url.path + "/a prefix" }
    private var share: String { prefix + "/share" }

    init() throws {
        folder = try TemporaryFolder()
        let program = try #require(Installed.program("ptero")).path
        let (status, text) = try install(["--program", program, prefix])
        try #require(status == 0 && text == "installed: \(prefix)/bin/ptero\n", "\(text)")
    }

    private func install(_ arguments: [String]) throws -> (status: Int32, text: String) {
        try Program.run("bash", [Checkout.file("Scripts/install").path] + arguments)
    }

    /// A search path where the installed program is.
    private var path: [String: String] { ["PATH": "\(prefix)/bin:\(Installed.path)"] }

    @Test func theInstalledProgramFindsWhatIsInstalledWithIt() throws {
        let environment = path
        let away = ["-c", "cd / && ptero show kernel:fork && ptero explain litmus && ptero check --help"]
        let (status, text) = try Program.run("sh", away, environment: environment)
        #expect(status == 0 && text.contains("# The test language"), "\(text.suffix(300))")
        for name in ["Corpus/README.md", "Costs/amd-epyc-zen4.json5", "Editors/vim/syntax/litmus.vim"] {
            #expect(FileManager.default.fileExists(atPath: "\(share)/ptero/\(name)"), "\(name)")
        }
    }

    @Test func removesAllThatItInstalled() throws {
        #expect(try install(["--remove", prefix]).status == 0)
        let left = try #require(FileManager.default.enumerator(atPath: prefix)).compactMap { $0 as? String }
        #expect(left.sorted() == ["bin", "share"])
        let again = try install(["--remove", prefix])
        #expect(again.status == 2 && again.text.contains("is not there"))
        // What is not its own stays.
        let own = share + "/man/man1/own.1"
        _ = try install(["--program", try #require(Installed.program("ptero")).path, prefix])
        try Data().write(to: URL(fileURLWithPath: own))
        #expect(try install(["--remove", prefix]).status == 0)
        #expect(FileManager.default.fileExists(atPath: own))
    }

    @Test func refusesWhatIsNoProgram() throws {
        for arguments in [
            ["--program"], ["--program", "/", prefix], ["--program", "none", prefix], ["--other", prefix], [],
        ] {
            #expect(try install(arguments).status == 2, "\(arguments)")
        }
    }

    @Test(.enabled(if: Program.find("man") != nil, "man is not installed"), arguments: ["ptero", "ptero-check"])
    func manFindsThePages(page: String) throws {
        let environment = path.merging(["MANPATH": share + "/man", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"]) { $1 }
        let (status, text) = try Program.run("man", [page], environment: environment)
        #expect(status == 0 && text.contains("EXIT STATUS") && text.contains(page.uppercased() + "(1)"), "\(text)")
    }

    @Test(.enabled(if: Program.find("bash") != nil, "bash is not installed"))
    func bashCompletes() throws {
        let script = """
            source "$0" && name=$(complete -p ptero) && name=${name##*-F } && name=${name%% *}
            COMP_WORDS=(ptero chec) COMP_CWORD=1 COMP_LINE="ptero chec" COMP_POINT=10
            "$name" ptero chec ptero
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let file = share + "/bash-completion/completions/ptero"
        let (status, text) = try Program.run("bash", ["-c", script, file], environment: path)
        #expect(
            status == 0 && text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == ["check"],
            "\(text)")
    }

    @Test(.enabled(if: Program.find("zsh") != nil, "zsh is not installed"))
    func zshCompletes() throws {
        let script = """
            fpath=("$0" $fpath)
            autoload -U compinit && compinit -D -u && print -r -- $_comps[ptero] && autoload +X _ptero && print loaded
            zsh -n "$0/_ptero"
            """
        let (status, text) = try Program.run(
            "zsh", ["-f", "-c", script, share + "/zsh/site-functions"], environment: path)
        #expect(status == 0 && text == "_ptero\nloaded\n", "\(text)")
    }

    @Test(.enabled(if: Program.find("fish") != nil, "fish is not installed"))
    func fishCompletes() throws {
        let environment = path.merging(["XDG_DATA_DIRS": share, "HOME": folder.url.path]) { $1 }
        let (status, text) = try Program.run("fish", ["-c", "complete -C 'ptero chec'"], environment: environment)
        #expect(status == 0 && text == "check\tChecks litmus tests on classes of CPUs.\n", "\(text)")
    }
}
