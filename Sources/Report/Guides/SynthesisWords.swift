import PageTable
import Synthesis

/// The words of `ptero synth`.
enum SynthesisWords {
    /// What was enumerated, and what stands for what.
    static let scope = """
        A sequence reads registers and flags only after it has written them; of forms that do the same the narrowest stands for \
        all; two sequences are one class when their runs stand in the same states from every start, with one Dirty update of \
        hardware at any moment in between. Loops are around one cmpxchg; a case split is one look at the entry.
        """

    /// What a price is not.
    static let sums = """
        A price is a sum of building blocks. To time answers as a whole: ptero synth --output DIR, ptero measure DIR/answer-1.
        """

    /// A kind of entry.
    static func name(_ kind: EntryKind) -> String {
        switch kind {
        case .clean: "clean"
        case .cleanAndOld: "clean and old"
        case .dirty: "dirty"
        case .dirtyAndOld: "dirty and old"
        }
    }

    /// A price with two digits.
    static func price(_ price: Double) -> String { Figures.fixed(price, decimals: 2) }

    /// Prices by kind, those that are alike together.
    static func prices(_ costs: [EntryKind: Double]) -> [String] {
        var groups: [(price: String, kinds: [String])] = []
        for kind in EntryKind.allCases {
            guard let cost = costs[kind] else { continue }
            let price = price(cost)
            if let known = groups.firstIndex(where: { $0.price == price }) {
                groups[known].kinds.append(name(kind))
            } else {
                groups.append((price, [name(kind)]))
            }
        }
        if groups.count == 1 { return ["every entry \(groups[0].price)"] }
        return groups.map { "\($0.kinds.joined(separator: ", ")) \($0.price)" }
    }

    /// What a sequence costs: by kind of entry, when raced, and in the mean.
    static func price(_ price: AnswerPrice) -> String {
        var parts = prices(price.costs)
        if let raced = price.raced { parts.append("raced \(self.price(raced))") }
        return parts.joined(separator: ", ") + " \u{d7} lock andb (mean \(self.price(price.ranking)))"
    }

    /// The mix that ranks answers, of the kinds that a problem has.
    static func mix(_ mix: [EntryKind: Double], _ kinds: [EntryKind]) -> String {
        let total = kinds.reduce(0) { $0 + (mix[$1] ?? $1.usualShare) }
        return kinds.map { kind in
            "\(Figures.fixed((mix[kind] ?? kind.usualShare) / max(total, 1e-9) * 100, decimals: 0))% \(name(kind))"
        }.joined(separator: ", ")
    }

    /// What is wrong in which entries.
    static func wrong(_ wrong: [EntryKind: [EntryFieldName]]) -> String {
        var parts: [(fields: String, kinds: [String])] = []
        for kind in EntryKind.allCases {
            guard let fields = wrong[kind] else { continue }
            let text = fields.map { $0.spelling }.joined(separator: " and ") + (fields.count == 1 ? " is" : " are")
            if let known = parts.firstIndex(where: { $0.fields == text }) {
                parts[known].kinds.append(name(kind))
            } else {
                parts.append((text, [name(kind)]))
            }
        }
        return parts.map { "of \($0.kinds.joined(separator: ", ")) entries \($0.fields) wrong" }.joined(separator: "; ")
    }

    /// A count that may be larger than an integer.
    static func large(_ number: Double) -> String {
        number < 9e15 ? Figures.grouped(Int(number)) : "\(Figures.fixed(number / 1e15, decimals: 0)) x 10^15"
    }

    /// A line of the table of counts.
    struct Row {
        var shape: String
        var length: String
        var sequences: Double
        var run: Int
        var classes: Int
        var rightAlone: Int
    }

    /// The counts as lines: each length of what has no jump, and the ways of case splits together.
    static func rows(_ counts: [SynthesisResult.Count]) -> [Row] {
        var rows: [Row] = []
        for count in counts {
            let (shape, isOne) = title(count.shape)
            if !isOne, let known = rows.firstIndex(where: { $0.shape == shape }) {
                rows[known].sequences += count.sequences
                rows[known].run += count.run
                rows[known].classes += count.classes
                rows[known].rightAlone += count.rightAlone
                rows[known].length =
                    "1-\(max(count.length, Int(rows[known].length.split(separator: "-").last ?? "") ?? 1))"
            } else {
                rows.append(
                    Row(
                        shape: shape, length: "\(count.length)", sequences: count.sequences, run: count.run,
                        classes: count.classes, rightAlone: count.rightAlone))
            }
        }
        return rows
    }

    private static func title(_ shape: SynthesisResult.Shape) -> (text: String, isOne: Bool) {
        switch shape {
        case .straight: ("without a jump", true)
        case .term(let width): ("functions of \(width)-byte loops", false)
        case .branch(_, _, _, let isLoop): (isLoop ? "functions of ways that loop" : "ways of case splits", false)
        }
    }
}
