import Litmus
import Machine
import Testing

@testable import Synthesis

/// The search over classes of sequences.
@Suite struct EnumerationTests {
    private func search(
        _ problem: SynthesisProblem, forbidden: SequenceState.Past = []
    ) -> ClassSearch {
        ClassSearch(
            templates: problem.grammar.templates, starts: problem.starts,
            interference: Interference(CPUProfile.builtIn), forbidden: forbidden,
            accepts: { $0.accepts($1) ? 1 : 0 }, defined: 0)
    }

    private func context(threads: Int, _ journal: (any Journal)? = nil, shard: Shard = .whole) -> SearchContext {
        var options = SynthesisOptions()
        options.threads = threads
        options.shard = shard
        return SearchContext(options, journal, tell: { _, _, _ in })
    }

    /// Pinned: a change of grammar, starts or classes moves these, and says why.
    @Test func classesAreCounted() throws {
        let search = search(try Sample.problem(), forbidden: .shadowStackEntry)
        let outcome = Enumerator(search: search, name: "t", context: context(threads: 1)).run(upTo: 2, beyond: 9)
        #expect(outcome.levels.map { $0.children } == [71, 3965])
        #expect(outcome.levels.map { $0.classes } == [46, 0])
        #expect(outcome.accepted.isEmpty)
    }

    @Test func threadsDoNotMatter() throws {
        let easy = search(try Sample.problem(Sample.easy))
        let one = Enumerator(search: easy, name: "t", context: context(threads: 1)).run(upTo: 3, beyond: 9)
        let two = Enumerator(search: easy, name: "t", context: context(threads: 2)).run(upTo: 3, beyond: 9)
        #expect(one.accepted == two.accepted && !one.accepted.isEmpty)
        #expect(one.levels.map { $0.classes } == two.levels.map { $0.classes })
    }

    @Test func aJournalGivesTheSame() throws {
        let easy = search(try Sample.problem(Sample.easy))
        let journal = MemoryJournal()
        let first = Enumerator(search: easy, name: "t", context: context(threads: 1, journal)).run(upTo: 3, beyond: 9)
        for count in 0...journal.pieces.count {
            // Any part of the pieces may be there.
            let pieces = journal.pieces.sorted { $0.key < $1.key }.prefix(count).map { ($0.key, $0.value) }
            let kept = [String: String](uniqueKeysWithValues: pieces)
            let again = Enumerator(search: easy, name: "t", context: context(threads: 1, MemoryJournal(kept)))
                .run(upTo: 3, beyond: 9)
            #expect(again.accepted == first.accepted)
            #expect(again.levels.map { $0.children } == first.levels.map { $0.children })
            #expect(again.levels.map { $0.classes } == first.levels.map { $0.classes })
        }
    }

    @Test func roundsAreReadAsTheyWereWritten() throws {
        let journal = MemoryJournal()
        let easy = search(try Sample.problem(Sample.easy))
        _ = Enumerator(search: easy, name: "t", context: context(threads: 1, journal)).run(upTo: 2, beyond: 9)
        for text in journal.pieces.values {
            let round = try #require(RoundResult(text))
            #expect(round.text == text)
        }
        for text in ["", "1", "1 2", "1 2 1 0", "1 2 x y", "1 2 0 5", "zzzzzzzzzzzzzzzzzzzz 1 2"] {
            #expect(RoundResult(text) == nil, "\(text)")
        }
    }

    /// Sequences of one class go on alike: what is right after one is right after the other.
    @Test func aClassGoesOnAlike() throws {
        let search = search(try Sample.problem(Sample.tiny))
        let storage = ClassSearch.Storage(search, longest: 3)
        var byClass: [Fingerprint: [ClassSearch.Sequence]] = [:]
        for first in 0..<UInt16(search.templates.count) {
            for second in 0..<UInt16(search.templates.count) {
                let templates = [first, second].map { search.templates[Int($0)] }
                guard search.useful(after: []).contains(templates[0]),
                    search.useful(after: [templates[0]]).contains(templates[1]),
                    let fingerprint = search.fingerprint([first, second], storage: storage)
                else { continue }
                byClass[fingerprint, default: []].append([first, second])
            }
        }
        let classes = byClass.values.filter { $0.count > 1 }
        #expect(classes.count > 5)
        for members in classes.prefix(60) {
            let ends = members.prefix(3).map { member in
                search.templates.indices.map { search.fingerprint(member + [UInt16($0)], storage: storage) }
            }
            // Where one may read what another has not written, there is no comparing.
            for end in ends.dropFirst() {
                #expect(zip(end, ends[0]).allSatisfy { $0 == $1 })
            }
        }
    }
}
