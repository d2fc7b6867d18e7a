import Diagnostics
import X86

/// A thread of a test that a compiler reads: a function that stands for a processor.
protocol ThreadFunction {
    /// The number of the processor.
    var processor: Int { get }
    /// Where the function's name stands.
    var place: SourcePlace { get }
}

extension CFunction: ThreadFunction {}
extension SwiftFunction: ThreadFunction {}

extension Array where Element: ThreadFunction {
    /// The functions by their numbers, which have no gap.
    ///
    /// - Throws: `none` when there is no function, else what is wrong with the numbers.
    func numbered(in source: SourceText, orElse none: @autoclosure () -> Diagnostic) throws(Diagnostic) -> [Element] {
        if isEmpty { throw none() }
        let functions = sorted { $0.processor < $1.processor }
        for (number, function) in functions.enumerated() where function.processor != number {
            throw Diagnostic(
                file: source.file, place: function.place, length: 2,
                message: "there is a P\(function.processor) and no P\(number)",
                remedy: "number the functions without gaps")
        }
        return functions
    }

    /// The columns of the test: their code is the compiler's.
    var columns: [ThreadColumn] {
        map { ThreadColumn(processor: $0.processor, program: Program(), place: $0.place) }
    }
}

extension LitmusTest {
    /// Refuses initial values of registers, which the compiler chooses; `parameters` is what they would be good for.
    func refuseRegisters(language: String, parameters: String, file: String?, log: FaultLog) {
        for assignment in initializations {
            if case .register(let processor, let register) = assignment.location.kind {
                log.note(
                    Diagnostic(
                        file: file, place: assignment.place,
                        message: "\(processor):\(register.name) is set in a \(language) test",
                        remedy: "the compiler chooses registers: pass \(parameters) through parameters"))
            }
        }
    }
}
