import Checker
import CompiledTests
import Diagnostics
import Dispatch
import Explorer
import Litmus
import Report
import Synchronization
import X86

/// Finds the steps that can be taken away from a test, in whatever language it is.
struct RemovalFinder {
    private let source: TestSource
    private let loaded: TestSource.Loaded
    private let compiler: TestCompiler
    private let surroundings: Surroundings

    init(_ source: TestSource, _ loaded: TestSource.Loaded, _ compiler: TestCompiler, _ surroundings: Surroundings) {
        self.source = source
        self.loaded = loaded
        self.compiler = compiler
        self.surroundings = surroundings
    }

    /// A removal, and how the file that writes it differs from the test's.
    struct Found: Sendable {
        var removal: Removal
        /// The text to begin with; nil for a test in columns, which is printed.
        var text: [UInt8]?
        /// The step that a header line takes away.
        var step: CodeStep?

        /// The test without another step too; nil where they cannot both be taken away.
        func also(without other: Found) -> LitmusTest? {
            let test = removal.test
            if let step = other.step { return CodeSteps.without(step, from: test) }
            return other.text == nil ? ColumnRemovals.without(other.removal, from: test) : nil
        }
    }

    /// All removals in the order of the text; exchanged lines are compiled on several processors.
    func removals(jobs: Int) -> [Found] {
        guard loaded.compiled != nil, let bytes = try? source.content.get() else {
            return ColumnRemovals.all(of: loaded.test).map { Found(removal: $0) }
        }
        let steps = CodeSteps.all(of: loaded.test).compactMap { step -> Found? in
            CodeSteps.without(step, from: loaded.test).map { test in
                let removal = Removal(
                    step.removal, processor: step.processor, parts: [part(step.text, line: step.line)], test: test)
                return Found(removal: removal, text: bytes, step: step)
            }
        }
        let all = steps + changes(bytes, jobs: jobs)
        func line(_ found: Found) -> Int { found.removal.parts.last?.place.line ?? 0 }
        return all.enumerated().sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }.map(\.element)
    }

    private func part(_ text: String, line: Int) -> Removal.Part {
        Removal.Part(text: text, place: SourcePlace(line: line, column: 1))
    }

    /// A change to the test's text that takes a step away.
    private struct Change {
        var step: Removal.Step
        var processor: Int
        var lines: [Int]
        var text: [UInt8]
    }

    /// Statements whose steps the compiled code does not show one by one, and lines that can be exchanged.
    private func changes(in bytes: [UInt8]) -> [Change] {
        let (language, steps) = (source.language, CodeSteps.linesWithSteps(of: loaded.test))
        let single = CodeSteps.all(of: loaded.test).filter { $0.way == .step }
        let statements = SourceEdits.statements(in: bytes, language: language, steps: steps)
            .filter { statement in !single.contains { $0.line == statement.line && $0.processor == statement.processor }
            }
            .map { line, processor in
                Change(
                    step: .statement, processor: processor, lines: [line],
                    text: SourceEdits.removing(line: line, from: bytes, language: language))
            }
        return statements
            + SourceEdits.exchanges(in: bytes, language: language, steps: steps).map { exchange in
                Change(
                    step: .order, processor: exchange.processor, lines: [exchange.first, exchange.second],
                    text: SourceEdits.applying(exchange, to: bytes))
            }
    }

    /// The changes to the text that compile, each compiled.
    private func changes(_ bytes: [UInt8], jobs: Int) -> [Found] {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let changes = changes(in: bytes)
        guard !changes.isEmpty else { return [] }
        let compiler = compiler.sharingHeaders(tests: changes.count, jobs: jobs)
        let results = Mutex<[Int: Found]>([:])
        let next = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, changes.count))) { _ in
            while !Interruption.isRequested {
                let taken = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard changes.indices.contains(taken) else { return }
                let change = changes[taken]
                var changed = source
                changed.content = .success(change.text)
                // Lines that need each other do not compile the other way round.
                guard let without = try? changed.loaded(compiler, surroundings).get(),
                    let question = without.test.questions.first(where: { $0.title == loaded.test.title })
                else { continue }
                let parts = change.lines.map { line in
                    var text = String(lines[line - 1].drop { $0 == " " || $0 == "\t" })
                    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
                    return part(text, line: line)
                }
                let removal = Removal(change.step, processor: change.processor, parts: parts, test: question)
                results.withLock { $0[taken] = Found(removal: removal, text: change.text) }
            }
        }
        return results.withLock { results in changes.indices.compactMap { results[$0] } }
    }
}

extension CodeStep {
    /// What kind of step it is.
    fileprivate var removal: Removal.Step {
        switch kind {
        case .lock(let isImplied): .lock(isImplied: isImplied)
        case .fence: .fence
        case .flush: .flush
        case .store: .store
        case .write: .write
        case .service: .service
        case .spinLock: .spinLock
        }
    }
}
