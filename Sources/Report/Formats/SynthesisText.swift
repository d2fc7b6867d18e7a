import Litmus
import PageTable
import Synthesis

/// What `ptero synth` prints: answers with their prices, what cheaper sequences penalise, and how far the search looked.
package struct SynthesisText: Sendable {
    private let problem: SynthesisProblem
    private let result: SynthesisResult
    private let context: SynthesisContext

    /// Takes a result.
    package init(_ problem: SynthesisProblem, _ result: SynthesisResult, _ context: SynthesisContext) {
        self.problem = problem
        self.result = result
        self.context = context
    }

    /// The report.
    package func rendered(_ style: Style = .plain) -> String {
        var parts = [head(style)]
        parts.append(answers(style))
        if !result.nearMisses.isEmpty { parts.append(nearMisses(style)) }
        if !result.shortfalls.isEmpty { parts.append(shortfalls(style)) }
        parts.append(counts(style))
        parts.append(bound(style))
        return parts.joined(separator: "\n")
    }

    private func wrapped(_ text: String, _ style: Style, indent: String = "") -> String {
        TextWrap.lines(of: text, width: min(style.width, Style.usualWidth) - indent.count)
            .map { indent + $0 + "\n" }.joined()
    }

    private func head(_ style: Style) -> String {
        let files = Figures.count(problem.files.count, "file")
        let profiles = context.profiles.joined(separator: ", ")
        var text = style.apply(.heading, "??\(problem.hole)") + " in \(files), on \(profiles)\n"
        text += wrapped(
            "Prices are ratios to `lock andb` on \(machine(context.prices)); "
                + "the mean is over a mix of \(SynthesisWords.mix(context.mix, problem.kinds)).", style)
        for other in context.otherPrices where !result.answers.isEmpty {
            text += wrapped("\(printable(other.name)): those on \(machine(other)).", style)
        }
        return text
    }

    private func machine(_ prices: SynthesisContext.Prices) -> String {
        "\(printable(prices.machine)), \(prices.date.isEmpty ? "not measured" : prices.date)"
    }

    // MARK: Answers

    private func answers(_ style: Style) -> String {
        guard !result.answers.isEmpty else {
            let scope = result.isComplete ? "inside the bounds" : "so far: the search did not end"
            return style.apply(.bad, "No sequence is right in all files") + " \(scope).\n"
        }
        var text = style.apply(.heading, "Right on every profile, cheapest first") + "\n"
        for (number, answer) in result.answers.enumerated() {
            text += "\n" + listing(answer.lines, number: number + 1)
            text += wrapped(
                SynthesisWords.price(answer.price) + "; " + remarks(answer), style, indent: "      ")
            for (other, price) in zip(context.otherPrices, answer.elsewhere) {
                text += wrapped("\(printable(other.name)): \(SynthesisWords.price(price))", style, indent: "      ")
            }
        }
        return text + "\n" + wrapped(SynthesisWords.sums, style)
    }

    private func listing(_ lines: [String], number: Int) -> String {
        let label = "  \(number)."
        return lines.enumerated().map { position, line in
            let isLabel = line.hasSuffix(":")
            let lead = position == 0 ? label + String(repeating: " ", count: max(1, 6 - label.count)) : "      "
            return lead + (isLabel ? "" : "  ") + line + "\n"
        }.joined()
    }

    private func remarks(_ answer: SynthesisResult.Answer) -> String {
        var parts = [answer.isStraight ? "no jump" : "", answer.flushes ? "flushes" : "no flush"].filter { !$0.isEmpty }
        if answer.needsPageTableLock { parts.append("under the page-table lock") }
        if answer.storesPlainly {
            parts.append("stores without a lock: one fence before a shootdown looks which CPUs run the address space")
        }
        if answer.price.readBack >= 0.05 {
            parts.append("reading the entry back costs \(SynthesisWords.price(answer.price.readBack)) more")
        }
        parts.append(
            answer.isConfirmed ? "the reference search agrees" : "THE REFERENCE SEARCH DISAGREES: a defect of Ptero")
        return parts.joined(separator: "; ")
    }

    // MARK: Rejected

    private func nearMisses(_ style: Style) -> String {
        let title =
            result.answers.isEmpty
            ? "Right alone, and wrong beside other CPUs, cheapest first" : "Cheaper, and wrong beside other CPUs"
        var text = style.apply(.heading, title) + "\n"
        for miss in result.nearMisses {
            text +=
                "\n"
                + wrapped(
                    "\(SynthesisWords.price(miss.ranking))  " + miss.lines.joined(separator: "; "), style, indent: "  ")
            guard let penalty = miss.penalty else {
                text += wrapped("not known: a limit was hit", style, indent: "        ")
                continue
            }
            let words = penalty.failure ?? penalty.condition
            text += wrapped("penalises: \(printable(words))", style, indent: "        ")
            var place = "\(penalty.test) on \(penalty.profile)"
            if let replay = penalty.replay { place += ", run \(replay)" }
            text += wrapped(place, style, indent: "        ")
        }
        return text
    }

    private func shortfalls(_ style: Style) -> String {
        var text = style.apply(.heading, "Cheaper, and wrong even alone") + "\n\n"
        for shortfall in result.shortfalls {
            text += wrapped(
                "\(SynthesisWords.price(shortfall.ranking))  \(shortfall.lines.joined(separator: "; "))", style,
                indent: "  ")
            text += wrapped("penalises: " + SynthesisWords.wrong(shortfall.wrong), style, indent: "        ")
        }
        return text
    }

    // MARK: Counts

    private func counts(_ style: Style) -> String {
        var table = TextTable([
            .init("looked at", maxWidth: 30), .init("length", isRightAligned: true),
            .init("sequences", isRightAligned: true), .init("run", isRightAligned: true),
            .init("new classes", isRightAligned: true), .init("right alone", isRightAligned: true),
        ])
        for row in SynthesisWords.rows(result.counts) {
            table.append([
                .init(row.shape), .init(row.length), .init(SynthesisWords.large(row.sequences)),
                .init(Figures.grouped(row.run)), .init(row.classes > 0 ? Figures.grouped(row.classes) : "-"),
                .init(Figures.grouped(row.rightAlone)),
            ])
        }
        var text = table.rendered(style) + "\n"
        text += wrapped(
            "\(Figures.grouped(result.judged)) checked in full: \(Figures.grouped(result.right)) right"
                + (result.inconclusive > 0 ? ", \(Figures.grouped(result.inconclusive)) inconclusive" : "") + ".", style
        )
        if !result.kills.isEmpty {
            let kills = result.kills.prefix(8).map { "\($0.test) on \($0.profile) \(Figures.grouped($0.count))" }
            text += wrapped("First to reject: " + kills.joined(separator: ", ") + ".", style)
        }
        return text
    }

    private func bound(_ style: Style) -> String {
        var text = ""
        if result.straightLength > 0 {
            let sequences = "sequences of up to \(Figures.count(result.straightLength, "instruction")) without a jump"
            let count = SynthesisWords.large(result.straightSequences)
            let open = result.inconclusiveStraight
            text +=
                result.rightStraight == 0 && open == 0
                ? wrapped("None of the \(count) \(sequences) is right.", style)
                : wrapped(
                    "Of the \(count) \(sequences), \(Figures.grouped(result.rightStraight)) are right, one of each class"
                        + (open > 0 ? ", and of \(Figures.grouped(open)) it is not known" : "") + ".", style)
        }
        text += wrapped(SynthesisWords.scope, style)
        if result.isCut {
            text += wrapped("Of case splits, only the cheapest pairs of ways were checked.", style)
        }
        if result.inconclusive > 0 {
            text += wrapped(
                "Inconclusive checks hit a limit (--max-states, --max-memory, --timeout), here or in a part of a merge: what they "
                    + "are of may be right.", style)
        }
        if !result.isComplete {
            text += wrapped("The search did not end: what was not looked at may hold cheaper answers.", style)
        }
        return text
    }
}
