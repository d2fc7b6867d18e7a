import Diagnostics
import Dispatch
import Litmus
import Synchronization

/// The compilers that tests may need; one that is missing says so only to those who need it.
package struct TestCompilers: Sendable {
    private let cCompiler: Sought<CTestCompiler>
    private let swiftCompiler: Sought<SwiftTestCompiler>

    /// For tests in C.
    package var c: Result<CTestCompiler, Diagnostic> { cCompiler.result }
    /// For tests in Swift.
    package var swift: Result<SwiftTestCompiler, Diagnostic> { swiftCompiler.result }

    /// Brings compilers together; each is looked for when somebody asks for it, and once.
    package init(
        c: @escaping @Sendable () throws(Diagnostic) -> CTestCompiler,
        swift: @escaping @Sendable () throws(Diagnostic) -> SwiftTestCompiler
    ) {
        cCompiler = Sought(c)
        swiftCompiler = Sought(swift)
    }

    /// The same compilers for several tests, which share a kernel's headers; hold them no longer than these compile.
    package func sharingHeaders() -> TestCompilers {
        TestCompilers { [self] () throws(Diagnostic) in
            try c.get().sharingHeaders()
        } swift: { [self] () throws(Diagnostic) in
            try swift.get()
        }
    }
}

/// Something that is looked for when it is first asked for.
private final class Sought<Value: Sendable>: Sendable {
    private let find: @Sendable () throws(Diagnostic) -> Value
    private let found = Mutex<Result<Value, Diagnostic>?>(nil)

    init(_ find: @escaping @Sendable () throws(Diagnostic) -> Value) { self.find = find }

    var result: Result<Value, Diagnostic> {
        found.withLock { found in
            if let found { return found }
            let result = Result<Value, Diagnostic> { () throws(Diagnostic) in try find() }
            found = result
            return result
        }
    }
}

/// A test's file, in columns, in C or in Swift.
package enum TestFile {
    /// Reads a test; one in C or Swift is compiled, which needs its compiler.
    ///
    /// `directory` is where `Include=` paths begin.
    package static func load(
        bytes: [UInt8], file: String?, directory: String?, compilers: TestCompilers
    ) async throws(Diagnostic) -> (test: LitmusTest, compiled: CompiledTest?) {
        switch try ParsedTest(bytes, file, compilers) {
        case .columns(let test): return (test, nil)
        case .compiled(let compile):
            let compiled = try await compile(directory)
            return (compiled.test, compiled)
        }
    }

    /// A test before its compiler ran, which needs no waiting.
    private enum ParsedTest {
        case columns(LitmusTest)
        case compiled(@Sendable (_ directory: String?) async throws(Diagnostic) -> CompiledTest)

        init(_ bytes: [UInt8], _ file: String?, _ compilers: TestCompilers) throws(Diagnostic) {
            switch TestLanguage(of: bytes) {
            case .columns: self = .columns(try LitmusParser.parse(bytes: bytes, file: file))
            case .c:
                let source = try CTest.parse(bytes: bytes, file: file)
                let compiler = try compilers.c.get()
                self = .compiled { directory async throws(Diagnostic) in
                    try await compiler.compile(source, file: file, directory: directory)
                }
            case .swift:
                let source = try SwiftTest.parse(bytes: bytes, file: file)
                let compiler = try compilers.swift.get()
                self = .compiled { directory async throws(Diagnostic) in
                    try await compiler.compile(source, file: file, directory: directory)
                }
            }
        }
    }

    /// As ``load(bytes:file:directory:compilers:)``, for command-line tools: the calling thread waits for the compiler.
    ///
    /// Never call it from asynchronous code, whose threads must not wait. A compiler that runs when `isInterrupted` becomes true
    /// is killed, with whatever it started.
    package static func loadAndWait(
        bytes: [UInt8], file: String?, directory: String?, compilers: TestCompilers,
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(Diagnostic) -> (test: LitmusTest, compiled: CompiledTest?) {
        let compile: @Sendable (_ directory: String?) async throws(Diagnostic) -> CompiledTest
        switch try ParsedTest(bytes, file, compilers) {
        case .columns(let test): return (test, nil)
        case .compiled(let run): compile = run
        }
        let answer = Answer()
        let done = DispatchSemaphore(value: 0)
        let task = Task.detached {
            let result: Result<CompiledTest, Diagnostic>
            do throws(Diagnostic) {
                result = .success(try await compile(directory))
            } catch { result = .failure(error) }
            answer.box.withLock { $0 = result }
            done.signal()
        }
        while done.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            if isInterrupted() { task.cancel() }
        }
        guard let result = answer.box.withLock({ $0 }) else {
            throw Diagnostic(withoutPlace: "the compiler gave no answer", file: file, remedy: nil)
        }
        let compiled = try result.get()
        return (compiled.test, compiled)
    }
}

/// Where the compiling task leaves its result for the thread that waits.
private final class Answer: Sendable {
    let box = Mutex<Result<CompiledTest, Diagnostic>?>(nil)
}
