import Report

/// The exit statuses that a command can have, each with when; its manual page says them.
struct CommandEndings {
    /// When it ends well.
    var success: String
    /// When it ends with 1; nil for never.
    var unexpected: String?
    /// When it ends with 2.
    var badInput = "some input could not be used, the output could not be written, or the command line was wrong"
    /// When it ends with 3; nil for never.
    var inconclusive: String?
    /// When it ends with 70.
    var defect = ExitStatus.defect.meaning

    /// Those that are possible, in order.
    var list: [(status: ExitStatus, meaning: String)] {
        ExitStatus.allCases.compactMap { status in
            let meaning: String? =
                switch status {
                case .success: success
                case .unexpected: unexpected
                case .badInput: badInput
                case .inconclusive: inconclusive
                case .defect: defect
                }
            return meaning.map { (status, $0) }
        }
    }

    /// Of a command that prints what is known beforehand.
    static let ofReference = CommandEndings(success: "what was asked for was printed")

    /// Of the whole program.
    static let ofProgram = CommandEndings(
        success: ExitStatus.success.meaning, unexpected: ExitStatus.unexpected.meaning,
        badInput: ExitStatus.badInput.meaning, inconclusive: ExitStatus.inconclusive.meaning)
}
