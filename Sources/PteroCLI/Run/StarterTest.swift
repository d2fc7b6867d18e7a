import CompiledTests
import Diagnostics
import Litmus
import Report

/// The tests that `ptero new` writes.
enum StarterTest {
    /// A test in columns, with a comment at each part.
    static func text(_ title: String) -> String {
        """
        X86_64 \(title)
        "The kernel write-protects a page while another CPU writes it."
        (* The line before says in a sentence what is asked. Here may be lines Key=Value, such as CPU=cet late for the
         * classes of CPUs that the test is about: see `ptero profiles`. *)
        Fault=P1:retry
        (* What you expect, for all classes of CPUs or for each; take the line out to expect nothing. *)
        (* Result: Never *)
        {
          (* Page x is writable and clean. Fields are p, rw, us, a, d, sd and others; oa is the frame. *)
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          (* P0 has the address of the entry in %rdi. *)
          0:rdi = PTE(x);
        }
        (* A column for each CPU, an instruction a line: `ptero isa` lists those there are, and the kernel's services. *)
         P0                     | P1          ;
         movq (%rdi),%rax       | movl $1,(x) ;
        L0:                     |             ;
         movq %rax,%rdx         |             ;
         andq $-3,%rdx          |             ;
         lock cmpxchgq %rdx,(%rdi) |          ;
         jne L0                 |             ;
         call flush_tlb_page(x) |             ;
        (* The question: can a run end like this? `ptero properties` explains the properties. *)
        exists (lost_dirty(x) \\/ stale_write(x))

        """
    }

    /// What somebody does with a test that was just written.
    static func nextSteps(_ file: String, _ language: TestLanguage) -> String {
        let argument = ReplayCommand.quoted(file)
        let check = "ptero check \(language == .swift ? "--swift " : "")\(argument)"
        let steps = [
            (check, "the verdict on each class of CPUs"),
            ("\(check) --witness", "a run that shows it"),
            ("\(check) --watch", "the verdict again after each change"),
            ("ptero explain litmus", "the language of tests"),
        ]
        let width = steps.map(\.0.count).max() ?? 0
        return "\(printable(file)): written. Change it, and then:\n"
            + steps.map { "  \($0.0)\(String(repeating: " ", count: width + 2 - $0.0.count))\($0.1)\n" }.joined()
    }

    /// A copy of a test under another name, with a comment that says what to change.
    ///
    /// - Parameter isBeside: the copy will lie in the same folder, where its `Include=` lines find what they name.
    /// - Throws: `Diagnostic` where it is not a test.
    static func copy(
        of source: TestSource, _ title: String, isBeside: Bool, _ surroundings: Surroundings
    ) throws(Diagnostic) -> String {
        var bytes = try source.content.get()
        let language = source.language
        // What is copied should be a test before, so that faults are told of the file that has them.
        _ = try source.uncompiled()
        if language != .columns, !source.isScenario, !isBeside {
            bytes = SourceEdits.findingIncludes(bytes, from: surroundings.folder(of: source.file), exists: Files.exists)
        }
        let text = renamed(String(decoding: bytes, as: UTF8.self), language, title, from: source.file)
        let copy = TestSource(file: source.file, content: .success(Array(text.utf8)))
        guard (try? copy.uncompiled())?.name == title else {
            throw Diagnostic(
                withoutPlace: "the test's name is not where it could be changed",
                remedy: "copy the file by hand: its first line should be `X86_64 NAME`, `C NAME` or `/* Swift NAME`")
        }
        return text
    }

    private static func renamed(_ text: String, _ language: TestLanguage, _ title: String, from file: String) -> String
    {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let word =
            switch language {
            case .columns: "X86_64"
            case .c: "C"
            case .swift: "Swift"
            }
        let head = lines.firstIndex { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.first == Substring(word) || (words.first == "/*" && words.dropFirst().first == Substring(word))
                || words.first == Substring("/*" + word)
        }
        if let head {
            lines[head] = (language == .swift ? "/* " : "") + "\(word) \(title)"
        }
        if let state = lines.firstIndex(where: { $0.first == "{" }) {
            let origin = printable(file).replacing("*)", with: "* )").replacing("(*", with: "( *")
            lines.insert(
                contentsOf: [
                    "(* Written by `ptero new` from \(origin). P0 is the code in question: change it to yours. The other",
                    " * threads are what happens meanwhile. A line `Result:` is what is expected; take it out to expect",
                    " * nothing. *)",
                ], at: state)
        }
        return lines.joined(separator: "\n")
    }
}
