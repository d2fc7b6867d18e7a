import Dispatch
import Litmus
import Synchronization

/// A test's file, in columns or in C.
public enum TestFile {
    /// Reads a test; a C test is compiled, which needs `compiler`.
    ///
    /// `directory` is where `Include=` paths begin. `compiler` is asked for only when it is needed, so that tests in
    /// columns work without clang.
    public static func load(
        bytes: [UInt8], file: String?, directory: String?, compiler: () throws(Diagnostic) -> CTestCompiler
    ) async throws(Diagnostic) -> (test: LitmusTest, compiled: CompiledTest?) {
        guard CTest.isCTest(bytes) else { return (try LitmusParser.parse(bytes: bytes, file: file), nil) }
        let source = try CTest.parse(bytes: bytes, file: file)
        let compiled = try await compiler().compile(source, file: file, directory: directory)
        return (compiled.test, compiled)
    }

    /// As ``load(bytes:file:directory:compiler:)``, for command-line tools: the calling thread waits for the compiler.
    ///
    /// Never call it from asynchronous code, whose threads must not wait.
    public static func loadAndWait(
        bytes: [UInt8], file: String?, directory: String?,
        compiler: () throws(Diagnostic) -> CTestCompiler
    ) throws(Diagnostic) -> (test: LitmusTest, compiled: CompiledTest?) {
        guard CTest.isCTest(bytes) else { return (try LitmusParser.parse(bytes: bytes, file: file), nil) }
        let source = try CTest.parse(bytes: bytes, file: file)
        let compiler = try compiler()
        let answer = Answer()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let result: Result<CompiledTest, Diagnostic>
            do throws(Diagnostic) {
                result = .success(try await compiler.compile(source, file: file, directory: directory))
            } catch { result = .failure(error) }
            answer.box.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        switch answer.box.withLock({ $0 }) {
        case .success(let compiled)?: return (compiled.test, compiled)
        case .failure(let fault)?: throw fault
        case nil: throw Diagnostic.general("the compiler gave no answer", file: file, remedy: nil)
        }
    }
}

/// Where the compiling task leaves its result for the thread that waits.
private final class Answer: Sendable {
    let box = Mutex<Result<CompiledTest, Diagnostic>?>(nil)
}
