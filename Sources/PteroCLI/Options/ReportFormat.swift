import ArgumentParser
import Diagnostics
import Report

/// The formats of a report, by their names on the command line.
enum ReportFormat: String, CaseIterable, Sendable {
    case text, herd, json, ktap, junit, sarif, markdown, github

    /// How a file ends that has this format without anybody saying so; none for what has no ending of its own.
    private var endings: [String] {
        switch self {
        case .text: [".txt"]
        case .herd, .github: []
        case .json: [".json", ".jsonl"]
        case .ktap: [".ktap", ".tap"]
        case .junit: [".xml"]
        case .sarif: [".sarif", ".sarif.json"]
        case .markdown: [".md"]
        }
    }

    /// What a file's ending says; nil where it says nothing.
    init?(endingOf file: String) {
        // The longest ending counts: `a.sarif.json` is SARIF.
        let fitting = Self.allCases.flatMap { format in
            format.endings.filter { file.lowercased().hasSuffix($0) }.map { (format, $0.utf8.count) }
        }
        guard let format = fitting.max(by: { $0.1 < $1.1 })?.0 else { return nil }
        self = format
    }

    /// Whether a file of this format may be called so.
    func suits(_ file: String) -> Bool {
        guard let other = ReportFormat(endingOf: file) else { return true }
        // SARIF is JSON, and many call it so.
        return other == self || (self == .sarif && other == .json) || (self == .herd && other == .text)
            || (self == .github && other == .text)
    }

    /// What a report of a check is called that has this format.
    var ofCheck: CheckReport.Format {
        switch self {
        case .text: .table
        case .herd: .blocks
        case .json: .json
        case .ktap: .document(.ktap)
        case .junit: .document(.junit)
        case .sarif: .document(.sarif)
        case .markdown: .document(.markdown)
        case .github: .document(.github)
        }
    }

    /// Whether it tells runs, step by step.
    var tellsRuns: Bool { if case .document = ofCheck { true } else { false } }
}

/// What `--format` takes: a name, or a name and the file for it.
struct FormatRequest: ExpressibleByArgument, Sendable {
    var format: ReportFormat
    /// The file; nil where none is named.
    var file: String?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, let format = ReportFormat(rawValue: name.lowercased()) else { return nil }
        self.format = format
        guard parts.count == 2 else { return }
        if parts[1].isEmpty { return nil }
        file = String(parts[1])
    }

    static var allValueStrings: [String] { ReportFormat.allCases.map(\.rawValue) }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// The formats of a report, and where each goes.
struct FormatOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format of standard output, or NAME=FILE for a file besides; may be repeated. herd is that of -v, json that of --json.",
            valueName: "name"))
    var format: [FormatRequest] = []

    @Option(
        help: ArgumentHelp(
            "A file for the format that --format names, or else for that of the file's ending: .txt, .json, .ktap, .xml (junit), "
                + ".sarif or .md; standard output has text then. May be repeated.", valueName: "file"),
        completion: .file())
    var output: [String] = []

    /// What goes where.
    struct Plan {
        /// The format of standard output.
        var standard = ReportFormat.text
        /// Those of files, in order.
        var files: [(format: ReportFormat, file: String)] = []

        /// All of them.
        var formats: [ReportFormat] { [standard] + files.map { $0.format } }
    }

    /// What goes where; `own` is the format of standard output that another option asks for, with the option's name.
    ///
    /// - Throws: `Diagnostic` for what could mean two things.
    func plan(_ own: (option: String, format: ReportFormat)?) throws(Diagnostic) -> Plan {
        var plan = Plan(standard: own?.format ?? .text)
        plan.files = format.compactMap { request in request.file.map { (request.format, $0) } }
        let unnamed = format.filter { $0.file == nil }.map(\.format)
        if output.isEmpty {
            try plan.show(unnamed, besides: own)
        } else if unnamed.isEmpty {
            for file in output { plan.files.append((try Self.format(of: file), file)) }
        } else {
            guard unnamed.count == output.count else {
                throw Diagnostic(
                    withoutPlace:
                        "--format names \(Figures.count(unnamed.count, "format")) and --output \(Figures.count(output.count, "file")): which goes where is not clear",
                    remedy: "write --format NAME=FILE for each")
            }
            for (format, file) in zip(unnamed, output) {
                guard format.suits(file) else {
                    throw Diagnostic(
                        withoutPlace: "--format \(format.rawValue) and --output \(file) contradict each other",
                        remedy: "--format \(format.rawValue)=\(file), if that is meant")
                }
                plan.files.append((format, file))
            }
        }
        let standard = plan.files.filter { $0.file == "-" }.map { $0.format }
        plan.files.removeAll { $0.file == "-" }
        if !standard.isEmpty { try plan.show(standard, besides: own) }
        return plan
    }

    private static func format(of file: String) throws(Diagnostic) -> ReportFormat {
        if let format = ReportFormat(endingOf: file) { return format }
        for option in ["html", "svg"] where file.lowercased().hasSuffix(".\(option)") {
            throw Diagnostic(
                withoutPlace: "--output \(file): this is not a format of reports", remedy: "--\(option) \(file)")
        }
        throw Diagnostic(
            withoutPlace: "--output \(file): its ending says no format", remedy: "write --format NAME=\(file)")
    }
}

extension FormatOptions.Plan {
    /// Takes note of what standard output has.
    fileprivate mutating func show(
        _ formats: [ReportFormat], besides own: (option: String, format: ReportFormat)?
    ) throws(Diagnostic) {
        guard let first = formats.first else { return }
        if let own, own.format != first {
            throw Diagnostic(
                withoutPlace: "\(own.option) and --format \(first.rawValue) exclude each other on standard output",
                remedy: "write --format \(first.rawValue)=FILE for a file")
        }
        if let other = formats.first(where: { $0 != first }) {
            throw Diagnostic(
                withoutPlace:
                    "standard output has one format, and --format names \(first.rawValue) and \(other.rawValue)",
                remedy: "write --format \(other.rawValue)=FILE for a file")
        }
        standard = first
    }
}
