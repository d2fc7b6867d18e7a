extension CompiledCode {
    /// A line of source text that machine code was made from.
    public struct SourceLine: Sendable, Hashable {
        /// The function that the line stands in; nil where its text was not at hand.
        public var function: String?
        /// The file: a kernel's by its path in the tree, the test's own as the test calls it.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// The column, from 1, in bytes; 0 where the compiler names none.
        public var column: Int
        /// The line's text without surrounding blanks; empty where it was not at hand.
        public var text: String

        /// Names a line.
        package init(function: String?, file: String, line: Int, column: Int = 0, text: String = "") {
            self.function = function
            self.file = file
            self.line = line
            self.column = column
            self.text = text
        }

        /// `mm/memory.c:3124`.
        public var place: String { "\(file):\(line)" }
    }

    /// Where the instructions of one thread come from.
    ///
    /// Positions are those of the instructions in the thread's program. Nothing here changes what the program does.
    package struct Origins: Sendable, Hashable {
        /// One function of the program, whole and in one piece.
        package struct Function: Sendable, Hashable {
            /// Its name in the machine code.
            package var name: String
            /// Where it lies in the program.
            package var instructions: Range<Int>
            /// Whether it does nothing and returns 0 in place of the real one.
            package var isStub: Bool

            /// Describes a function.
            package init(name: String, instructions: Range<Int>, isStub: Bool) {
                self.name = name
                self.instructions = instructions
                self.isStub = isStub
            }
        }

        /// The functions in the order of the program, the thread's own first.
        package var functions: [Function] = []
        /// The distinct places that code was made from, each from the innermost of inlined functions outwards.
        package var chains: [[SourceLine]] = []
        /// For each instruction the position of its place in ``chains``; -1 where it has none.
        package var chainNumbers: [Int32] = []
        /// Instructions that note a `WARN`.
        package var warnings: [Int] = []
        /// Instructions that note a `BUG`.
        package var bugs: [Int] = []

        /// Knows nothing yet.
        package init() {}

        /// What an instruction was made from, from the innermost of inlined functions outwards; empty where nobody knows.
        package func chain(_ instruction: Int) -> [SourceLine] {
            guard chainNumbers.indices.contains(instruction) else { return [] }
            let number = Int(chainNumbers[instruction])
            return chains.indices.contains(number) ? chains[number] : []
        }

        /// The function of the machine code that an instruction lies in.
        package func function(_ instruction: Int) -> Function? {
            functions.first { $0.instructions.contains(instruction) }
        }
    }
}
