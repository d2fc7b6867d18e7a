/// How a command ends, the same in every output format.
package enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
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

    /// What it tells a user, as help and manual pages say it.
    package var meaning: String {
        switch self {
        case .success: "every verdict is as expected, or nothing was expected"
        case .unexpected: "some verdict is not as expected"
        case .badInput: "some input could not be used, or the command line was wrong"
        case .inconclusive: "inconclusive: a limit was hit, or Ctrl-C"
        case .defect: "a defect of Ptero"
        }
    }

    /// How a run ends that found this.
    ///
    /// - Parameters:
    ///   - tests: what was found.
    ///   - unreadable: how many inputs could not be used.
    ///   - isStrict: a verdict that says less than it seems to is not as expected (``TestFindings/isEmpty(_:)``).
    package init(of tests: [TestFindings], unreadable: Int = 0, isStrict: Bool = false) {
        var status = unreadable > 0 ? ExitStatus.badInput : .success
        for finding in tests.flatMap({ $0.findings }) {
            switch finding.outcome {
            case .unexpected: status = status.combined(with: .unexpected)
            case .inconclusive: status = status.combined(with: .inconclusive)
            case .expected, .open: break
            }
        }
        if isStrict, tests.contains(where: { test in test.findings.contains(where: test.isEmpty) }) {
            status = status.combined(with: .unexpected)
        }
        self = status
    }

    /// How two runs end together.
    ///
    /// Bad input weighs most: part of what was asked was not even looked at. A wrong verdict is certain, whatever else is
    /// not.
    package func combined(with other: ExitStatus) -> ExitStatus {
        let weights: [ExitStatus] = [.defect, .badInput, .unexpected, .inconclusive]
        return weights.first { $0 == self || $0 == other } ?? .success
    }
}
