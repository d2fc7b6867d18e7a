import CFront
import Checker
import Explorer
import Litmus
import Machine
import Report

/// What the front has to say to a request.
struct FrontAnswer {
    /// What is printed.
    private(set) var text = ""
    private(set) var status = ExitStatus.success

    /// States past which a test is for the whole program: from about here on several threads share the work.
    private static let mostStates = 12_000
    /// The longest file, in bytes.
    private static let longestFile = 1 << 16

    /// Answers a request; nil when something in it is for the whole program: a test that is no plain litmus test in ASCII,
    /// has anything wrong or odd about it, or has many states.
    init?(_ request: FrontRequest) {
        let stopwatch = Stopwatch()
        let report = CheckReport(
            request.options, profiles: request.profiles.map { $0.name }, isEverybody: request.isEverybody,
            replay: ReplayCommand(), style: Self.style)
        var options = CheckOptions()
        options.limits.maxStates = Self.mostStates
        options.tellsWitnesses = report.tellsWitnesses(ofTests: request.files.count)
        var tests: [TestFindings] = []
        for file in request.files {
            guard let findings = Self.findings(file, request.profiles, options) else { return nil }
            text += report.text(of: findings)
            tests.append(findings)
        }
        text += report.ending(tests, unreadable: 0, seconds: stopwatch.seconds)
        status = ExitStatus(of: tests)
    }

    private static func findings(
        _ file: String, _ profiles: [CPUProfile], _ options: CheckOptions
    ) -> TestFindings? {
        guard let bytes = contents(file) else { return nil }
        do throws(Diagnostic) {
            let test = try LitmusParser.parse(bytes: bytes, file: file)
            guard test.headerWarnings.isEmpty else { return nil }
            let checker = try TestChecker(test, file: file)
            var findings: [Finding] = []
            for (label, profiles) in try checker.assignments(among: profiles, known: CPUProfile.builtIn) {
                let verdict = try checker.check(label: label, profiles: profiles, options: options)
                guard verdict.observation != .inconclusive else { return nil }
                findings.append(Finding(verdict))
            }
            return TestFindings(test: test, file: file, findings: findings)
        } catch { return nil }
    }

    /// The bytes of a file that looks like a litmus test.
    private static func contents(_ file: String) -> [UInt8]? {
        var isRead = false
        let bytes = [UInt8](unsafeUninitializedCapacity: longestFile + 1) { buffer, count in
            // SAFETY: the buffer has room for one byte more than is read.
            guard let base = buffer.baseAddress else { return }
            let length = front_read_file(file, base, longestFile)
            isRead = length >= 0
            count = max(0, length)
        }
        guard isRead, bytes.starts(with: "X86_64".utf8), bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        return bytes
    }

    /// Colour as `--color auto` has it.
    private static var style: Style {
        func variable(_ name: String) -> String { front_variable(name).map { String(cString: $0) } ?? "" }
        return Style(
            isColored: front_is_terminal(1) != 0 && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb")
    }
}
