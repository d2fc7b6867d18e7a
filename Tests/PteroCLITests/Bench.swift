import Foundation
import Report
import Synchronization
import TestSupport

@testable import PteroCLI

/// A folder of its own for a test of commands, and what they wrote.
final class Bench {
    private let place: TemporaryFolder
    var folder: URL { place.url }
    var environment: [String: String] = [:]
    var standardInput = ""
    var isTerminal = false
    /// Columns of the terminal.
    var width: Int?
    var executable: String?
    /// What the last command wrote.
    private(set) var output = ""
    private(set) var errors = ""

    init() throws { place = try TemporaryFolder() }

    /// Writes a file below the folder.
    func write(_ name: String, _ text: String) throws { try place.write(name, text) }

    func write(_ name: String, bytes: [UInt8]) throws { try place.write(name, bytes: bytes) }

    var surroundings: Surroundings {
        let input = Array(standardInput.utf8)
        let lines = Mutex(standardInput.split(separator: "\n", omittingEmptySubsequences: false)[...])
        return Surroundings(
            output: Output { _ in true }, errors: Output { _ in true },
            environment: { [environment] in environment[$0] },
            currentDirectory: folder.path, executable: executable, cores: 2, freeMemory: 1 << 30,
            handlesInterrupts: false, width: width,
            readLine: { lines.withLock { $0.popFirst() }.map(String.init) },
            readStandardInput: { limit in Array(input.prefix(limit)) })
    }

    /// Runs `ptero` with these arguments in the folder.
    @discardableResult
    func run(_ arguments: String...) -> ExitStatus { run(arguments) }

    func run(_ arguments: [String]) -> ExitStatus { take(Self.run(arguments, surroundings, isTerminal)) }

    /// Runs `ptero`, which may run the compiler: it waits for that, which the threads of asynchronous code must not.
    @discardableResult
    func compile(_ arguments: String...) async -> ExitStatus { await compile(arguments) }

    func compile(_ arguments: [String]) async -> ExitStatus {
        let (surroundings, isTerminal) = (surroundings, isTerminal)
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.run(arguments, surroundings, isTerminal))
            }
        }
        return take(result)
    }

    private struct Result: Sendable {
        var status: ExitStatus
        var output: String
        var errors: String
    }

    private func take(_ result: Result) -> ExitStatus {
        output = result.output
        errors = result.errors
        return result.status
    }

    private static func run(_ arguments: [String], _ surroundings: Surroundings, _ isTerminal: Bool) -> Result {
        let (captured, complaints) = (CapturedOutput(), CapturedOutput())
        var surroundings = surroundings
        surroundings.output = captured.output(isTerminal: isTerminal)
        surroundings.errors = complaints.output()
        let status = CommandLineInterface.run(arguments, in: surroundings)
        return Result(status: status, output: captured.text, errors: complaints.text)
    }

    /// The output without what a clock put there.
    var timeless: String {
        output.replacing(#/ in [0-9.]+ s\n/#, with: " in - s\n").replacing(#/(?m)^(Time \S+) [0-9.]+$/#) {
            "\($0.1) 0.00"
        }
        .replacing(/"seconds": [0-9.]+/, with: "\"seconds\": 0").replacing(/"bytes": [0-9]+/, with: "\"bytes\": 0")
    }
}
