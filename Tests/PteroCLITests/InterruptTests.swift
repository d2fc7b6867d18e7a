import CompiledTests
import Foundation
import TestSupport
import Testing

/// Ctrl-C, and the signal of `timeout`, as a process gets them.
@Suite(.enabled(if: Installed.program("ptero") != nil, "ptero is not built beside its tests")) struct InterruptTests {
    /// How a run ended.
    private struct Run: Sendable {
        var status: Int32
        var output: String
        var errors: String
        /// Seconds from the signal to the end.
        var seconds: Double
    }

    /// A compiler that never ends, and starts a process of its own.
    private static let endless = """
        #!/bin/sh
        sleep 600 &
        echo $$ $! > "$0.pids.$$"
        mv "$0.pids.$$" "$0.pids"
        wait
        """

    /// Starts the program and sends it a signal when a file is there.
    ///
    /// On a thread of its own: among all tests, a task that sleeps is not woken until much later.
    private func interrupted(
        _ arguments: [String], by signal: Int32 = SIGINT, in bench: Bench, when file: String
    ) async throws -> Run {
        let program = try #require(Installed.program("ptero"))
        let folder = bench.folder
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try Self.interrupted(program, arguments, by: signal, in: folder, when: file) })
            }
        }
    }

    private static func interrupted(
        _ program: URL, _ arguments: [String], by signal: Int32, in folder: URL, when file: String
    ) throws -> Run {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let path = folder.appendingPathComponent(file).path
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: path) { Thread.sleep(forTimeInterval: 0.05) }
        try #require(FileManager.default.fileExists(atPath: path))
        let begun = Date()
        kill(process.processIdentifier, signal)
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Run(
            status: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: String(decoding: text, as: UTF8.self), errors: String(decoding: complaint, as: UTF8.self),
            seconds: Date().timeIntervalSince(begun))
    }

    private func bench() throws -> Bench {
        let bench = try Bench()
        try bench.write("clang", Self.endless)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: bench.folder.appendingPathComponent("clang").path)
        return bench
    }

    /// The processes of the compiler that are still there.
    private func remaining(_ bench: Bench) throws -> [pid_t] {
        let text = try String(contentsOf: bench.folder.appendingPathComponent("clang.pids"), encoding: .utf8)
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(numbers.count == 2)
        // One that nobody has waited for yet is over all the same.
        return numbers.filter { number in
            let state = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
            return state.map { !$0.contains(") Z ") } ?? false
        }
    }

    /// SIGTERM is what `timeout` and batch systems send.
    @Test(arguments: [SIGINT, SIGTERM])
    func compilersAreKilledAndWhatIsKnownIsShown(_ signal: Int32) async throws {
        let bench = try bench()
        try bench.write("a.litmus", Texts.storeBuffering)
        let run = try await interrupted(
            ["check", "--clang", "./clang", "--jobs", "1", "a.litmus", "kernel:zap", "kernel:fork", "kernel:ksm"],
            by: signal, in: bench, when: "clang.pids")
        #expect(run.status == 3, "\(run)")
        #expect(run.seconds < 10)
        #expect(run.errors.contains("interrupted: 3 tests not compiled"), "\(run)")
        #expect(!run.errors.contains("error"), "\(run)")
        #expect(try remaining(bench).isEmpty)
    }

    @Test(.enabled(if: Installed.headers("6.12") != nil, "no header package of Linux 6.12"))
    func kernelsToo() async throws {
        let bench = try bench()
        let run = try await interrupted(
            ["kernel", Installed.headers("6.12") ?? "", "--clang", "./clang"], in: bench, when: "clang.pids")
        #expect(run.status == 3, "\(run)")
        #expect(run.seconds < 10)
        #expect(run.output.contains("interrupted: 19 scenarios not compiled"), "\(run)")
        #expect(run.errors == "")
        #expect(try remaining(bench).isEmpty)
    }

    /// The watch has told what the check came to, and ends with that.
    @Test(arguments: [SIGINT, SIGTERM])
    func aWatchEndsWithTheStatusOfItsLastCheck(_ signal: Int32) async throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never"))
        let run = try await interrupted(
            ["check", "--watch", "--profile", "cet", "--write-expect", "found.tsv", "a.litmus"], by: signal, in: bench,
            when: "found.tsv")
        #expect(run.status == 1, "\(run)")
        #expect(run.seconds < 10 && !run.errors.contains("error"), "\(run)")
        #expect(run.output.ranges(of: "1 test: ").count == 1, "\(run)")
    }

    @Test(.enabled(if: Installed.canMeasure, "no x86-64 Linux with clang"))
    func aMeasurementTellsWhatItKnows() async throws {
        let bench = try Bench()
        // When the compiler is through, the program that measures is started.
        let compiler = try Clang().path
        try bench.write("clang", "#!/bin/sh\n'\(compiler)' \"$@\"\nstatus=$?\ntouch \"$0.done\"\nexit $status\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: bench.folder.appendingPathComponent("clang").path)
        let run = try await interrupted(
            ["measure", "--clang", "./clang", Checkout.file("Corpus/wrprotect").path], in: bench, when: "clang.done")
        #expect(run.status == 3, "\(run)")
        #expect(run.seconds < 10 && run.errors == "", "\(run)")
        #expect(run.output.contains("Interrupted: ") && !run.output.contains("signal"), "\(run)")
    }
}
