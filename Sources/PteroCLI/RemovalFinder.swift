import Checker
import Dispatch
import Explorer
import KernelSource
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
        let all = steps + exchanges(bytes, jobs: jobs)
        func line(_ found: Found) -> Int { found.removal.parts.last?.place.line ?? 0 }
        return all.enumerated().sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }.map(\.element)
    }

    private func part(_ text: String, line: Int) -> Removal.Part {
        Removal.Part(text: text, place: SourcePlace(line: line, column: 1))
    }

    private func exchanges(_ bytes: [UInt8], jobs: Int) -> [Found] {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let found = SourceEdits.exchanges(
            in: bytes, language: source.language, steps: CodeSteps.linesWithSteps(of: loaded.test))
        guard !found.isEmpty else { return [] }
        let results = Mutex<[Int: Found]>([:])
        let next = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, found.count))) { _ in
            while !Interruption.isRequested {
                let taken = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard found.indices.contains(taken) else { return }
                let exchange = found[taken]
                let text = SourceEdits.applying(exchange, to: bytes)
                var changed = source
                changed.content = .success(text)
                // Lines that need each other do not compile the other way round.
                guard let without = try? changed.loaded(compiler, surroundings).get() else { continue }
                func statement(_ line: Int) -> Removal.Part {
                    var text = String(lines[line - 1].drop { $0 == " " || $0 == "\t" })
                    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
                    return part(text, line: line)
                }
                let removal = Removal(
                    .order, processor: exchange.processor,
                    parts: [statement(exchange.first), statement(exchange.second)],
                    test: without.test)
                results.withLock { $0[taken] = Found(removal: removal, text: text) }
            }
        }
        return results.withLock { results in found.indices.compactMap { results[$0] } }
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
