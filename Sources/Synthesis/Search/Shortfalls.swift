import PageTable

/// Short sequences that are cheaper than any answer and leave some fields of some entries wrong when they run alone: what each of
/// them penalises.
struct ShortfallSearch {
    let search: ClassSearch
    /// The fields that the problem names.
    let fields: [EntryFieldName]

    /// What a sequence leaves wrong: the fields, by kind of entry.
    typealias Signature = [EntryKind: [EntryFieldName]]

    /// Finds, for each way to be wrong, the cheapest sequence of at most `longest` instructions.
    ///
    /// All that is not a field of the problem has to be right, and some entry has to come out whole.
    func find(upTo longest: Int, price: ([Template]) -> Double) -> [(sequence: [Template], signature: Signature)] {
        var best: [Signature: (sequence: [Template], price: Double)] = [:]
        walk([], search.starts.map { $0.state }, longest) { sequence, ends in
            guard let signature = signature(ends), !signature.isEmpty else { return }
            let price = price(sequence)
            if let known = best[signature], known.price <= price { return }
            best[signature] = (sequence, price)
        }
        return best.map { ($0.value.sequence, $0.key) }
            .sorted {
                ($0.sequence.count, $0.sequence.first?.text ?? "") < ($1.sequence.count, $1.sequence.first?.text ?? "")
            }
    }

    private func walk(
        _ sequence: [Template], _ states: [SequenceState], _ left: Int,
        _ found: ([Template], [SequenceState]) -> Void
    ) {
        guard left > 0 else { return }
        for template in search.useful(after: sequence) {
            var next: [SequenceState] = []
            for state in states {
                var state = state
                if template.drains { while state.buffered > 0 { state = state.drained() } }
                if let after = state.executing(template) { next.append(after) }
            }
            guard next.count == states.count else { continue }
            let longer = sequence + [template]
            if template.isMemory && template.action != .load { found(longer, next) }
            walk(longer, next, left - 1, found)
        }
    }

    /// What is wrong at the end; nil where more than fields of the problem is.
    private func signature(_ ends: [SequenceState]) -> Signature? {
        var signature: Signature = [:]
        var whole = 0
        for (start, end) in zip(search.starts, ends) {
            var end = end
            while end.buffered > 0 { end = end.drained() }
            guard start.acceptsOutputs(end) else { return nil }
            let wrong = end.entry ^ start.expected
            let names = fields.filter { wrong & $0.mask != 0 }
            guard names.reduce(wrong, { $0 & ~$1.mask }) == 0 else { return nil }
            if names.isEmpty { whole += 1 } else { signature[EntryKind(start.entry)] = names }
        }
        return whole > 0 ? signature : nil
    }
}
