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
    /// Seconds past which all is for the whole program, which shows progress and has an answer to Ctrl-C; what was done
    /// until then is done again.
    private static let mostSeconds = 0.02
    /// Instructions without an access to shared memory past which a test is for the whole program.
    private static let longestLocalRun = 10_000
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
        options.longestLocalRun = Self.longestLocalRun
        options.tellsWitnesses = report.tellsWitnesses(ofTests: request.files.count)
        // All are read before any is explored: what is not for the front is mostly seen by then.
        var checkers: [TestChecker] = []
        for file in request.files {
            guard let checker = Self.checker(file) else { return nil }
            checkers.append(checker)
        }
        var tests: [TestFindings] = []
        for checker in checkers {
            guard let findings = Self.findings(checker, request.profiles, options, stopwatch) else { return nil }
            text += report.text(of: findings)
            tests.append(findings)
        }
        text += report.ending(tests, unreadable: 0, seconds: stopwatch.seconds)
        status = ExitStatus(of: tests)
    }

    private static func checker(_ file: String) -> TestChecker? {
        guard let bytes = contents(file) else { return nil }
        do throws(Diagnostic) {
            let test = try LitmusParser.parse(bytes: bytes, file: file)
            return test.headerWarnings.isEmpty ? try TestChecker(test, file: file) : nil
        } catch { return nil }
    }

    private static func findings(
        _ checker: TestChecker, _ profiles: [CPUProfile], _ options: CheckOptions, _ stopwatch: Stopwatch
    ) -> TestFindings? {
        var options = options
        do throws(Diagnostic) {
            var findings: [Finding] = []
            for (label, profiles) in try checker.assignments(among: profiles, known: CPUProfile.builtIn) {
                options.limits.timeout = mostSeconds - stopwatch.seconds
                let verdict = try checker.check(label: label, profiles: profiles, options: options)
                // With more time or more states there would be a verdict, or a shorter run.
                guard verdict.observation != .inconclusive, verdict.replayEnd == .complete else { return nil }
                findings.append(Finding(verdict))
            }
            return TestFindings(test: checker.test, file: checker.file ?? "", findings: findings)
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
        let isTerminal = front_is_terminal(1) != 0
        return Style(
            isColored: isTerminal && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb",
            width: Style.width(
                columns: variable("COLUMNS"), terminal: isTerminal ? Int(front_terminal_width(1)) : nil))
    }
}
