import Diagnostics
import Litmus
import Report
import Synchronization

/// Reports what is wrong with tests; a slip that several of them share, as one in a header, once.
final class FaultReporter: Sendable {
    private struct Told {
        var place: String
        /// Tests that have the same fault.
        var others: [String] = []
    }

    private let told = Mutex<(order: [String], faults: [String: Told])>(([], [:]))

    private let log = FaultLog()

    /// All inputs that gave no verdict, in the order in which they were reported.
    var inputs: [InputFault] { log.faults }

    /// Takes note of what is wrong with an input, for the formats that other programs read.
    func note(_ diagnostic: Diagnostic, of file: String?) { log.note(diagnostic, of: file) }

    /// Reports why there is no test, whatever other tests there are.
    func reportOwn(_ diagnostic: Diagnostic, of source: TestSource, _ surroundings: Surroundings) {
        note(diagnostic, of: source.file)
        source.report(diagnostic, surroundings)
    }

    /// Reports why there is no test, unless another test had the same reason.
    func report(_ diagnostic: Diagnostic, of source: TestSource, _ surroundings: Surroundings) {
        note(diagnostic, of: source.file)
        guard let key = key(diagnostic, source) else {
            source.report(diagnostic, surroundings)
            return
        }
        let isNew = told.withLock { told in
            guard told.faults[key] == nil else {
                told.faults[key]?.others.append(source.name)
                return false
            }
            told.order.append(key)
            var named = diagnostic
            named.file = diagnostic.file ?? source.file
            told.faults[key] = Told(place: named.origin)
            return true
        }
        if isNew { source.report(diagnostic, surroundings) }
    }

    /// Says which tests share a fault that was reported for another, as far as that was not said yet.
    func finish(_ surroundings: Surroundings) {
        let shared = told.withLock { told in
            let shared = told.order.compactMap { told.faults[$0] }.filter { !$0.others.isEmpty }
            for key in told.order { told.faults[key]?.others = [] }
            return shared
        }
        for fault in shared {
            let line = "\(fault.place): the same in \(fault.others.joined(separator: ", "))"
            surroundings.errors.write(
                TextWrap.lines(of: printable(line), width: WitnessText.width, indent: 2).map { $0 + "\n" }.joined())
        }
    }

    /// What makes two faults the same; nil for one that is about a test's own text.
    private func key(_ diagnostic: Diagnostic, _ source: TestSource) -> String? {
        if let file = diagnostic.file, file != source.file { return "\(diagnostic.origin): \(diagnostic.message)" }
        // The scenarios' text is right; what is wrong with it is wrong with the kernel's helpers.
        return source.isScenario ? diagnostic.message : nil
    }
}
