import Checker
import Diagnostics
import Litmus
import Machine
import X86

/// Notes on verdicts in words, and as JSON.
public enum NoteText {
    /// One clause, without a full stop: what no run does, and what that means for the verdict.
    public static func text(_ note: EmptyNote) -> String {
        switch note {
        case .entryNotWritten(let property, let page):
            "software writes no entry of \(page) in any run, and \(property.rawValue)(\(page)) is about such writes"
        case .notFlushed(let property, let page):
            "no CPU flushes \(page) in any run, and \(property.rawValue)(\(page)) is about what comes after a flush"
        case .notFreed(let property, let variable):
            "no CPU declares the frame of \(variable) free in any run, and \(property.rawValue)(\(variable)) is about what comes after that"
        case .entryNotRead(let property, let page):
            "software reads no entry of \(page) in any run, and \(property.rawValue)(\(page)) is about such reads"
        case .pageNotWritten(_, let page): "no CPU tries to write \(page) through its translation in any run"
        case .shadowStackPage(let property, let page):
            "\(page) belongs to a shadow-stack mapping, for which \(property.rawValue)(\(page)) is never true"
        case .noShadowStacks(let property, let page):
            "these CPUs have no shadow stacks, so \(property.rawValue)(\(page)) is never true"
        case .notWritten(let name, let state): "no CPU writes \(name): in every run \(state) from start to end"
        case .noAccess(let fault): "\(fault) is never true: that CPU makes no such access in any run"
        case .cannotBlock(let cpu): "P\(cpu) has no loop and nothing that it could wait for, so it always finishes"
        case .blocked(let cpu, let wait, let place):
            "P\(cpu) finishes in no run: it \(words(wait))\(at(place))"
        case .lazyAccess(let cpu):
            "P\(cpu) touches a page while it is lazy, which a kernel thread must not do: no flush waits for it"
        case .filteredAll: "no final state passes the filter, so the verdict is about nothing"
        case .noFinalState: "no run ends, so the verdict is about nothing"
        case .constant(let value):
            "the condition is \(value) of every state there could be, whatever the code does"
        case .warning(let cpu, let line): "a WARN is reached in some run of P\(cpu)\(at(line))"
        case .bug(let cpu, let line): "a BUG is reached in some run of P\(cpu)\(at(line)), and ends the thread"
        case .notReached(let cpu, let function, let gap):
            "P\(cpu) runs \(gap.lineCount - gap.lines.count) of \(Figures.count(gap.lineCount, "line")) of \(function)"
                + ": no run gets to \(first(gap))\(stub(gap))"
        }
    }

    private static func words(_ wait: ThreadWait?) -> String {
        switch wait {
        case .lock: "waits for a lock for ever"
        case .value: "waits for a value for ever"
        case .acknowledgement: "waits for ever for others to take its flush"
        case .fault: "waits for ever for its page fault to be resolved"
        case .loop: "goes round in a loop for ever"
        case nil: "always ends up waiting"
        }
    }

    private static func stub(_ gap: CodeGap) -> String {
        gap.stub.map { call in
            let place = call.chain.first.map { "at \($0.place) " } ?? ""
            return "; \(place)the stub \(call.name) returns 0, and what another result leads to is left out"
        } ?? ""
    }

    private static func first(_ gap: CodeGap) -> String {
        let places = gap.lines.prefix(3).map { $0.place }.joined(separator: ", ")
        return places + (gap.lines.count > 3 ? " and \(gap.lines.count - 3) more" : "")
    }

    private static func at(_ line: CompiledCode.SourceLine?) -> String {
        line.map { " (\($0.function.map { "\($0), " } ?? "")\($0.place))" } ?? ""
    }

    private static func at(_ place: SourcePlace?) -> String { place.map { " (line \($0.line))" } ?? "" }

    /// The note as an object: `kind`, what it is about, and `text`.
    static func json(_ note: EmptyNote) -> JSONText {
        var members: [JSONText.Member] = [.init("kind", .string(kind(note)))]
        switch note {
        case .entryNotWritten(let property, let page), .notFlushed(let property, let page),
            .notFreed(let property, let page), .entryNotRead(let property, let page),
            .pageNotWritten(let property, let page), .shadowStackPage(let property, let page),
            .noShadowStacks(let property, let page):
            members += [.init("property", .string(property.rawValue)), .init("variable", .string(page))]
        case .notWritten(let name, let state):
            members += [.init("name", .string(name)), .init("state", .string(state))]
        case .noAccess(let fault): members.append(.init("fault", .string(fault)))
        case .cannotBlock(let cpu), .lazyAccess(let cpu): members.append(.init("cpu", .integer(cpu)))
        case .blocked(let cpu, _, let place):
            members += [.init("cpu", .integer(cpu)), .init("line", place.map { .integer($0.line) } ?? .null)]
        case .warning(let cpu, let line), .bug(let cpu, let line):
            members += [.init("cpu", .integer(cpu)), .init("place", .optional(line?.place))]
        case .notReached(let cpu, let function, let gap):
            members += [
                .init("cpu", .integer(cpu)), .init("function", .string(function)),
                .init("lines", .array(gap.lines.map { .string($0.place) })), .init("of", .integer(gap.lineCount)),
                .init("stub", .optional(gap.stub?.name)),
            ]
        case .constant(let value): members.append(.init("value", .bool(value)))
        case .filteredAll, .noFinalState: break
        }
        members.append(.init("text", .string(text(note))))
        return .object(members)
    }

    /// The note's kind as programs know it; it never changes.
    static func kind(_ note: EmptyNote) -> String {
        switch note {
        case .entryNotWritten: "entry-not-written"
        case .notFlushed: "not-flushed"
        case .notFreed: "not-freed"
        case .entryNotRead: "entry-not-read"
        case .pageNotWritten: "page-not-written"
        case .shadowStackPage: "shadow-stack-page"
        case .noShadowStacks: "no-shadow-stacks"
        case .notWritten: "not-written"
        case .noAccess: "no-access"
        case .cannotBlock: "cannot-block"
        case .blocked: "blocked"
        case .lazyAccess: "lazy-access"
        case .filteredAll: "filtered-all"
        case .noFinalState: "no-final-state"
        case .constant: "constant"
        case .warning: "warning"
        case .bug: "bug"
        case .notReached: "not-reached"
        }
    }
}

/// The notes of a run, below its table.
struct NoteList {
    /// More lines than this are for `-v`.
    private static let mostLines = 24

    private let lines: [String]

    /// The notes on these tests, by their names in the table.
    init(_ tests: [TestFindings], names: [String]) {
        var lines: [String] = []
        for (test, name) in zip(tests, names) {
            for group in Self.grouped(test.findings) {
                let isAll = group.profiles.count == test.findings.count
                let place = isAll ? name : "\(name) on \(group.profiles.joined(separator: " "))"
                lines.append(printable("\(place): \(NoteText.text(group.note))"))
            }
        }
        self.lines = lines
    }

    /// A line for each note, wrapped; what is too much is counted.
    func rendered(mark: String, width: Int) -> String {
        if lines.isEmpty { return "" }
        var text = "  \(mark)  says less than it seems to:\n"
        let shown = lines.count > Self.mostLines + 1 ? Self.mostLines : lines.count
        for line in lines.prefix(shown) {
            text += TextWrap.lines(of: line, width: max(20, width - 5), indent: 2).map { "     \($0)\n" }.joined()
        }
        if shown < lines.count {
            text += "     and \(Figures.grouped(lines.count - shown)) notes more, which -v shows\n"
        }
        return text
    }

    /// Each note once, with the profiles that it is about, in the order of the profiles.
    static func grouped(_ findings: [Finding]) -> [(note: EmptyNote, profiles: [String])] {
        var groups: [(note: EmptyNote, profiles: [String])] = []
        for finding in findings {
            for note in finding.verdict.notes {
                if let known = groups.firstIndex(where: { $0.note == note }) {
                    groups[known].profiles.append(finding.verdict.profile)
                } else {
                    groups.append((note, [finding.verdict.profile]))
                }
            }
        }
        return groups
    }
}
