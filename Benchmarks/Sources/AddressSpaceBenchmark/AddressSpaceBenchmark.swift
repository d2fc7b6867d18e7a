import Foundation

/// What the operations of `AddressSpace` cost, beside plain C that does the same to the same tables with the same lock.
///
///     swift run -c release AddressSpaceBenchmark [ROUNDS]
///
/// Prints a table for README.md. Swift and C take turns in one process, in short repetitions; shown are the least times.
/// Ends with status 1 if both do not leave the same words behind and give the same answers.
@main
struct AddressSpaceBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count <= 1, let rounds = arguments.first.map({ Int($0) }) ?? 100, 1...10_000 ~= rounds else {
            FileHandle.standardError.write(Data("usage: AddressSpaceBenchmark [ROUNDS]\n".utf8))
            exit(64)
        }
        let operations = try SinglePages().operations + Ranges().operations + Forks().operations
        for operation in operations { try check(operation) }
        var least = [(c: Double, swift: Double)](repeating: (.infinity, .infinity), count: operations.count)
        // Each operation gets its turn in every round, so that a load that comes and goes harms no single one.
        for _ in 0..<rounds {
            for (index, operation) in operations.enumerated() {
                for _ in 0..<20 {
                    least[index].c = min(least[index].c, try time(operation.prepare, operation.c))
                    least[index].swift = min(least[index].swift, try time(operation.prepare, operation.swift))
                }
            }
        }
        print("| operation | C | Swift | ratio | goal |\n|---|--:|--:|--:|--:|")
        for (operation, time) in zip(operations, least) { print(row(operation, time.c, time.swift)) }
    }

    /// Ends the program unless both sides do the same.
    private static func check(_ operation: Operation) throws {
        for _ in 0..<3 {
            try operation.prepare()
            let before = operation.fingerprint()
            let expected = (operation.c(), operation.fingerprint())
            try operation.prepare()
            guard operation.fingerprint() == before else { refuse(operation, "does not start from the same tables") }
            let found = (try operation.swift(), operation.fingerprint())
            guard expected.0 == found.0 else { refuse(operation, "answers differ: C \(expected.0), Swift \(found.0)") }
            guard expected.1 == found.1 else { refuse(operation, "tables differ") }
        }
    }

    private static func refuse(_ operation: Operation, _ reason: String) -> Never {
        FileHandle.standardError.write(Data("\(operation.name): \(reason)\n".utf8))
        exit(1)
    }

    /// The nanoseconds of one repetition.
    private static func time(_ prepare: () throws -> Void, _ body: () throws -> UInt64) throws -> Double {
        try prepare()
        let start = DispatchTime.now().uptimeNanoseconds
        let sum = try body()
        let end = DispatchTime.now().uptimeNanoseconds
        // The answer is used.
        return sum == .max ? .infinity : Double(end - start)
    }

    private static func row(_ operation: Operation, _ c: Double, _ swift: Double) -> String {
        let (c, swift) = (c / Double(operation.pages), swift / Double(operation.pages))
        let ratio = String(format: "%.2f", swift / c)
        let shown = swift / c > operation.goal ? "**\(ratio)**" : ratio
        return "| \(operation.name) | \(String(format: "%.2f", c)) | \(String(format: "%.2f", swift)) | \(shown) "
            + "| \(operation.goal.formatted()) |"
    }
}
