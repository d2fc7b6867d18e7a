import Diagnostics
import Report

/// The files with pictures of runs that a command was asked for.
struct PictureFiles {
    private let html: String?
    private let svg: String?
    private let surroundings: Surroundings

    /// - Parameters:
    ///   - html: where a report goes.
    ///   - svg: where a drawing goes.
    init(html: String?, svg: String? = nil, _ surroundings: Surroundings) {
        self.html = html
        self.svg = svg
        self.surroundings = surroundings
    }

    /// Whether there is one.
    var areAsked: Bool { html != nil || svg != nil }

    /// Writes what was found by a check of tests; what cannot be written is told, and the verdicts were printed.
    func write(
        _ tests: [TestFindings], in groups: [ReportPage.Group], profiles: [String], lines: [String]
    ) -> ExitStatus {
        write(groups, profiles: profiles, lines: lines).combined(with: writeDrawing(of: tests))
    }

    /// Writes a report of groups of tests.
    func write(_ groups: [ReportPage.Group], profiles: [String], lines: [String]) -> ExitStatus {
        guard html != nil else { return .success }
        return write(ReportPage(command: surroundings.commandLine, profiles: profiles, groups: groups, lines: lines))
    }

    /// Writes a report.
    func write(_ page: ReportPage) -> ExitStatus {
        surroundings.told { () throws(Diagnostic) in if let html { try surroundings.write(page.rendered(), to: html) } }
    }

    /// Draws a run by itself.
    func writeDrawing(of run: ReportRun) -> ExitStatus {
        surroundings.told { () throws(Diagnostic) in
            guard let svg else { return }
            let title = "\(printable(run.title)) on \(run.profiles.joined(separator: ", "))"
            if let picture = RunPicture(run.run, title: title) { try surroundings.write(picture.rendered(), to: svg) }
        }
    }

    /// Draws the first run that goes wrong, or that answers the question where none does.
    private func writeDrawing(of tests: [TestFindings]) -> ExitStatus {
        guard svg != nil else { return .success }
        let findings = tests.flatMap { test in test.findings.map { (test, $0) } }.filter {
            $0.1.verdict.shownRun != nil
        }
        guard let (test, finding) = findings.first(where: { $0.1.isFailure }) ?? findings.first,
            let run = ReportRun(finding, of: test.test, profiles: [finding.verdict.profile], replay: ReplayCommand())
        else {
            return surroundings.told { () throws(Diagnostic) in
                throw Diagnostic(
                    withoutPlace: "--svg: no run of this test answers its condition on these classes of CPUs",
                    remedy: "there is nothing to draw; `ptero replay --svg` draws any run")
            }
        }
        return writeDrawing(of: run)
    }
}
