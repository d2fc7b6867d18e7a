import Checker
import Diagnostics
import Litmus
import Machine
import X86

/// The source of a test with the numbers of a run's steps in the margin.
struct SourceListing {
    /// A line of the source.
    private struct Line {
        var number: Int
        var text: String
        var steps: [Int] = []
    }

    private let shown: ReportRun
    private let slug: String
    private var run: Run { shown.run }

    init(_ shown: ReportRun, slug: String) {
        self.shown = shown
        self.slug = slug
    }

    /// The listing, empty where there is no source.
    func rendered() -> String {
        let parts = shown.test.compiled == nil ? columns : compiled
        guard !parts.isEmpty else { return "" }
        var html = HTMLText()
        html.add("<h3>Source, with the steps in the margin</h3><div class=\"sources\">")
        for (head, lines) in parts {
            html.add("<div class=\"source\" tabindex=\"0\" role=\"group\" aria-label=\"\(SVGText.escaped(head))\">")
            html.element("h4", text: head)
            html.add("<table role=\"presentation\">")
            for line in lines {
                html.add("<tr\(line.steps.isEmpty ? "" : " class=\"s\"")><td>")
                for step in line.steps { html.add(HTMLText.disc(step, slug)) }
                html.add("</td><td>\(line.number)</td>")
                html.element("td", text: Self.cut(line.text))
                html.add("</tr>")
            }
            html.add("</table></div>")
        }
        html.add("</div>")
        return html.body
    }

    /// As much of a line as somebody reads.
    private static func cut(_ text: String) -> String { text.count <= 400 ? text : String(text.prefix(399)) + "…" }

    /// The step that put the store into the buffer which a step lets reach memory, or the step itself.
    private func origin(_ number: Int) -> Int {
        let step = run.steps[number]
        guard step.report.kind == .drain else { return number }
        return run.state(before: number).cpus[step.cpu].stores.first?.storedBy ?? number
    }

    /// By thread, and its handlers, the instructions as they are written.
    private var columns: [(head: String, lines: [Line])] {
        shown.test.columns.filter { !$0.program.instructions.isEmpty }.map { column in
            let isHandler = shown.test.handlers[column.processor] == column
            let isThread = shown.test.threads.contains(column)
            var lines = column.program.instructions.map { Line(number: $0.place.line, text: $0.text) }
            for number in run.steps.indices {
                let step = run.steps[origin(number)]
                guard step.cpu == column.processor, step.report.isHandler == isHandler, isThread || isHandler,
                    step.isForItsInstruction, let index = step.report.index, lines.indices.contains(index)
                else { continue }
                lines[index].steps.append(number)
            }
            return ("P\(column.processor)\(isHandler ? ".F" : isThread ? "" : ".I")", lines)
        }
    }

    /// By CPU, file and function, the lines of C or Swift that the run has steps of, and those that call them.
    private var compiled: [(head: String, lines: [Line])] {
        var parts: [(head: String, lines: [Line])] = []
        for number in run.steps.indices {
            let origin = origin(number)
            for source in run.steps[origin].source {
                let head = "P\(run.steps[origin].cpu) · \(source.file)" + (source.function.map { ", \($0)" } ?? "")
                let text = source.text.isEmpty ? run.steps[origin].report.instruction?.text ?? "" : source.text
                if !parts.contains(where: { $0.head == head }) { parts.append((head, [])) }
                guard let part = parts.firstIndex(where: { $0.head == head }) else { continue }
                if let line = parts[part].lines.firstIndex(where: { $0.number == source.line }) {
                    parts[part].lines[line].steps.append(number)
                } else {
                    parts[part].lines.append(Line(number: source.line, text: text, steps: [number]))
                }
            }
        }
        return parts.map { ($0.head, $0.lines.sorted { $0.number < $1.number }) }
    }
}
