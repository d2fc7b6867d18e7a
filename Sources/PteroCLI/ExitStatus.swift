import Litmus

/// How a command ends, the same in every output format.
public enum ExitStatus: Int32, Sendable, Hashable {
    /// Every verdict is as expected, or nothing was expected.
    case success = 0
    /// Some verdict is not as expected.
    case unexpected = 1
    /// Some input could not be used, or the command line was wrong.
    case badInput = 2
    /// A limit was hit.
    case inconclusive = 3
    /// A defect of Ptero.
    case defect = 70

    /// How two runs end together.
    ///
    /// Bad input weighs most: part of what was asked was not even looked at. A wrong verdict is certain, whatever else is
    /// not.
    func combined(with other: ExitStatus) -> ExitStatus {
        let weights: [ExitStatus] = [.defect, .badInput, .unexpected, .inconclusive]
        return weights.first { $0 == self || $0 == other } ?? .success
    }
}

/// Something that a user can cause and mend.
public struct UsageError: Error, Sendable, Hashable {
    /// What is wrong: one line, no full stop.
    public var message: String
    /// What to do about it, or nil.
    public var remedy: String?

    /// The whole text for a terminal, where the error is about a place in a file and shows its line.
    private var located: String?

    /// Makes an error.
    public init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }

    /// What is wrong at a place of a file, with the line of its text.
    init(_ fault: Diagnostic, source: String) {
        self.init(fault.message, remedy: fault.remedy)
        located = fault.rendered(source: source) + "\n"
    }

    /// The error for a terminal, with a newline at the end.
    public func rendered(file: String? = nil) -> String {
        located ?? "\(file ?? "ptero"): error: \(message)\n" + (remedy.map { "  remedy: \($0)\n" } ?? "")
    }
}
