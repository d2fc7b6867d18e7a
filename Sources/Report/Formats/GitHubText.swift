import Checker
import Diagnostics
import Litmus

/// Commands of GitHub's workflows, which mark lines of a pull request: `::error file=a.litmus,line=3::...`.
struct GitHubText {
    private let document: CheckDocument
    private let origin: CheckDocument.Origin

    init(_ document: CheckDocument, _ origin: CheckDocument.Origin) {
        self.document = document
        self.origin = origin
    }

    /// A line for each thing that is wrong, and those that are said of all tests together.
    func rendered() -> String {
        var lines: [String] = []
        for fault in document.faults {
            for diagnostic in fault.diagnostics {
                lines.append(
                    command("error", TextRegion(diagnostic), title: "ptero", diagnostic.sentences))
            }
        }
        for problem in document.problems {
            let parts = [problem.headline, problem.conclusion, problem.replay].compactMap { $0 }
            lines.append(
                command(
                    Self.level(problem.shortfall), problem.place, title: problem.title, parts.joined(separator: "\n"))
            )
        }
        // A line that begins so would be a command.
        lines += document.lines.map { line in Self.isCommand(line) ? " " + printable(line) : printable(line) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func level(_ shortfall: Shortfall?) -> String {
        switch shortfall {
        case .unexpected?, .empty?: "error"
        case .inconclusive?: "warning"
        case nil: "notice"
        }
    }

    private func command(_ level: String, _ place: TextRegion?, title: String, _ message: String) -> String {
        var properties: [String] = []
        if let place, !place.file.hasPrefix("kernel:") {
            properties.append("file=\(Self.property(path(place)))")
            if let line = place.line { properties.append("line=\(line)") }
            if let column = place.column { properties.append("col=\(column)") }
            if let end = place.endColumn { properties.append("endColumn=\(end)") }
        }
        properties.append("title=\(Self.property(title))")
        return "::\(level) \(properties.joined(separator: ","))::\(Self.data(message))"
    }

    /// The path as the repository has it: relative where it lies in the folder that relative paths begin in.
    private func path(_ place: TextRegion) -> String {
        let root = origin.directory.hasSuffix("/") ? origin.directory : origin.directory + "/"
        return place.file.hasPrefix(root) ? String(place.file.dropFirst(root.count)) : place.file
    }

    private static func isCommand(_ line: String) -> Bool { line.hasPrefix("::") || line.hasPrefix("##[") }

    /// A message as the runner reads it.
    private static func data(_ text: String) -> String { escaped(text, isProperty: false) }

    /// A value of a property, which colons and commas would end.
    private static func property(_ text: String) -> String { escaped(text, isProperty: true) }

    private static func escaped(_ text: String, isProperty: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where isProperty: result += "%3A"
            case "," where isProperty: result += "%2C"
            default: result += printable(String(Character(scalar)))
            }
        }
        return result
    }
}
