import X86

extension CompiledTest {
    /// What was compiled, with the source lines beside it: what `ptero asm` prints.
    ///
    /// A line of the test stands in front of the first instruction that was made from it; instructions of functions in
    /// headers stand under the line that calls them. Jump targets that nothing jumps to are left out.
    package func listing(of source: String) -> String {
        let lines = source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        var text = ""
        for (number, thread) in test.threads.enumerated() {
            let program = thread.program
            let functions = Set(reached.indices.contains(number) ? reached[number] : [])
            let used = Set(
                program.instructions.flatMap { AssemblyText.names($0.text) }.map(String.init))
            let labels = Dictionary(grouping: program.labels.keys) { program.labels[$0] ?? 0 }
            text += "P\(thread.processor): \(program.instructions.count) instructions\n"
            var shown: Int?
            for (index, instruction) in program.instructions.enumerated() {
                for label in (labels[index] ?? []).sorted() where functions.contains(label) || used.contains(label) {
                    text += "\(label):\n"
                }
                let line = instruction.place.line
                if line != shown, lines.indices.contains(line - 1) {
                    text += Self.padded("\(line)", 5) + " | " + AssemblyText.trimmed(lines[line - 1][...]) + "\n"
                    shown = line
                }
                text += "        \(instruction.text)\n"
            }
        }
        if let flags { text += "compiled with \(flags)\n" }
        for assumption in assumptions { text += "assumed: \(assumption)\n" }
        return text
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
