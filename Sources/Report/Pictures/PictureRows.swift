import Checker
import Diagnostics
import Litmus
import Machine
import X86

/// How much of a run a picture shows; what is left out stands in folds that say how much it is.
package enum RunLevel: String, Sendable, CaseIterable {
    /// The steps that the failure rests on.
    case matters
    /// All steps that another CPU can notice.
    case all
    /// Instructions on registers and private memory too.
    case whole
}

/// A row of a picture.
struct PictureRow {
    /// What a row shows.
    enum Content {
        /// The state that the run starts in.
        case start
        /// A step, by its number from 0.
        case step(Int)
        /// What is not a row of its own.
        case fold(PictureFold)
        /// What the run comes to.
        case end
    }

    /// What it shows.
    let content: Content
    /// The step that it shows. (Kept, not computed: the optimizer of Swift 6.3.1 aborts where it inlines the switch.)
    let step: Int?
    /// How many steps are done after it.
    let done: Int

    private init(_ content: Content, step: Int? = nil, done: Int) {
        self.content = content
        self.step = step
        self.done = done
    }

    /// The rows of a run at a level.
    static func rows(of run: Run, _ sentences: RunSentences, _ level: RunLevel) -> [PictureRow] {
        let matters = Set(run.stepsThatMatter)
        var rows = [PictureRow(.start, done: 0)]
        var fold = PictureFold()
        func close(_ done: Int) {
            if !fold.isEmpty { rows.append(PictureRow(.fold(fold), done: done)) }
            fold = PictureFold()
            fold.isOpen = level == .whole
        }
        close(0)
        fold.add(run.startLocals, sentences)
        for (number, step) in run.steps.enumerated() {
            let isShown =
                switch level {
                case .matters: matters.contains(number)
                case .all: step.unnoticed == nil || matters.contains(number)
                case .whole: true
                }
            if isShown {
                close(number)
                rows.append(PictureRow(.step(number), step: number, done: number + 1))
            } else {
                fold.add(step: number, run, sentences, isPrivate: step.unnoticed != nil)
            }
            fold.add(step.locals, sentences)
        }
        close(run.steps.count)
        return rows + [PictureRow(.end, done: run.steps.count)]
    }
}

/// Steps and instructions that share a row.
struct PictureFold {
    /// The steps among them that another CPU can notice, by their numbers from 0.
    private(set) var steps: [Int] = []
    /// How many instructions are on registers or private memory alone.
    private(set) var privates = 0
    /// By CPU, the first and the last line of these.
    private var lines: [(cpu: Int, first: Int, last: Int)] = []
    /// Each of them in words.
    private(set) var items: [String] = []
    /// Whether the picture shows the words.
    var isOpen = false

    /// So many of them are told.
    private static let mostItems = 40

    /// Whether there is nothing in it.
    var isEmpty: Bool { steps.isEmpty && privates == 0 }

    /// `5 private instructions, lines 13–17`; `2 steps that do not matter: 5, 6`.
    var words: String {
        var parts: [String] = []
        if !steps.isEmpty {
            let numbers =
                steps.count > 6
                ? "\(steps[0] + 1)–\(steps[steps.count - 1] + 1)" : steps.map { "\($0 + 1)" }.joined(separator: ", ")
            parts.append(
                "\(Figures.count(steps.count, "step")) that \(steps.count == 1 ? "does" : "do") not matter: \(numbers)")
        }
        if privates > 0 {
            let several = lines.count > 1
            let places = lines.map { line in
                (several ? "P\(line.cpu) " : "")
                    + (line.first == line.last ? "line \(line.first)" : "lines \(line.first)–\(line.last)")
            }
            parts.append(
                "\(Figures.count(privates, "private instruction"))\(places.isEmpty ? "" : ", " + places.joined(separator: ", "))"
            )
        }
        return parts.joined(separator: "; ")
    }

    /// Adds a step.
    mutating func add(step number: Int, _ run: Run, _ sentences: RunSentences, isPrivate: Bool) {
        let step = run.steps[number]
        if isPrivate {
            privates += 1
            if let line = run.source(ofStep: number)?.line ?? step.place?.line { note(step.cpu, line) }
        } else {
            steps.append(number)
        }
        tell("\(number + 1)  P\(step.cpu) \(sentences.text(of: step))")
    }

    /// Adds instructions on registers and private memory alone.
    mutating func add(_ locals: LocalLines, _ sentences: RunSentences) {
        privates += locals.lines.count + locals.omitted
        for line in locals.lines {
            let source = line.source.first { !$0.file.hasSuffix(".h") } ?? line.source.last
            let place = source?.line ?? line.local.instruction.place.line
            note(line.cpu, place)
            tell("P\(line.cpu) line \(place): \(sentences.text(of: line))")
        }
        if locals.omitted > 0 { tell("and \(locals.omitted) more") }
    }

    private mutating func note(_ cpu: Int, _ line: Int) {
        guard let known = lines.firstIndex(where: { $0.cpu == cpu }) else {
            lines.append((cpu, line, line))
            return
        }
        lines[known] = (cpu, min(lines[known].first, line), max(lines[known].last, line))
    }

    private mutating func tell(_ item: String) {
        if items.count < Self.mostItems {
            items.append(item)
        } else if items.count == Self.mostItems {
            items.append("…")
        }
    }
}

/// What stands beside the marks of a row.
struct PictureCaption {
    /// What happened, in lines as a slide has them and as one text.
    private(set) var what: [String] = []
    private(set) var whatText = ""
    /// Why it was possible, and the steps that it rests on, from 0.
    private(set) var whyText = ""
    private(set) var because: [Int] = []
    /// The line of the test.
    private(set) var sourceText = ""
    /// How high it is, in pixels.
    private(set) var height = 0

    /// The caption of a row; a slide has only what happened.
    init(_ row: PictureRow, _ run: Run, _ form: PictureForm) {
        switch row.content {
        case .start: set("at the start", form)
        case .fold(let fold):
            set(fold.words, form)
            guard fold.isOpen && form.isPage else { return }
            height = 8 + fold.items.reduce(24) { $0 + 16 * TextWrap.lines(of: $1, width: form.codeCharacters).count }
        case .step(let number):
            let caption = StepCaption(run)
            set(caption.what(number), form)
            guard form.isPage else { return }
            because = run.steps[number].because
            whyText = caption.why(number)
            sourceText = caption.source(number) ?? ""
            // A disc takes the place of some letters.
            let discs = because.isEmpty ? "" : " " + String(repeating: "#### ", count: because.count)
            height += 17 * TextWrap.lines(of: whyText + discs, width: form.characters + 3).count
            height += sourceText.isEmpty ? 0 : 4 + 16 * TextWrap.lines(of: sourceText, width: form.codeCharacters).count
        case .end:
            set((run.ending.harms.isEmpty ? "" : "✕ ") + RunSentences(run).conclusion, form, room: -4)
        }
    }

    private mutating func set(_ text: String, _ form: PictureForm, room: Int = 0) {
        whatText = text
        what = TextWrap.lines(of: text, width: form.characters + room)
        height = what.count * 19
    }
}

/// Where a picture stands: on a slide with its captions inside, or on a page beside them.
struct PictureForm {
    /// The palette; nil where the page has it.
    var theme: PictureStyle.Theme?
    /// Whether the CPUs' profiles stand in the heads: not where a run is the same on several.
    var namesProfiles = true
    /// Whether every lane, entry and variable that the test can use is there from the start, so that nothing jumps while steps
    /// are taken.
    var keepsLanes = false

    /// Whether a page is around it.
    var isPage: Bool { theme == nil }
    /// The width of what stands left of the lanes.
    var captionWidth: Int { isPage ? 34 : 356 }
    /// Characters of a caption's line: letters are 7.6 pixels wide where fonts are wide.
    let characters = 39
    /// Of a line of code.
    let codeCharacters = 43
}
