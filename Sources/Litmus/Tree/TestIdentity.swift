import Diagnostics
import X86

extension LitmusTest {
    /// A 128-bit digest of what the test means, 32 hexadecimal digits; of a test with several conditions, all of them count.
    ///
    /// A ``Digest`` of the text that ``LitmusWriter`` prints for initial state, program, `filter` and
    /// condition, and for the header lines that change the meaning (`CPU`, `Fault`, `Gate`, `Translate`, `ShadowStack`,
    /// `Region`, `Levels`, `PTI`, `Pcid`). Name, description, comments, layout and `locations` do not count. It is not the
    /// number that herd7 prints, whose digest depends on its own printer; it serves to notice that a test has changed.
    package var testHash: String {
        var essence = self
        let keys: [HeaderKey] = [
            .processors, .fault, .gate, .translate, .shadowStack, .region, .levels, .userTables, .processContexts,
        ]
        essence.name = "-"
        essence.description = nil
        essence.expectation = Expectation()
        essence.conditionName = nil
        for number in essence.furtherConditions.indices {
            essence.furtherConditions[number].expectation = Expectation()
        }
        essence.locations = []
        essence.headers = keys.compactMap { key in
            guard var header = headers.last(where: { $0.key == key.rawValue }) else { return nil }
            header.value = HeaderValue.words(header.value).joined(separator: " ")
            return header
        }
        return Digest.text(LitmusWriter.text(of: essence))
    }

    /// Whether another test says the same in the same order, wherever in its text things stand.
    package func isSame(as other: LitmusTest) -> Bool {
        name == other.name && description == other.description && expectation == other.expectation
            && headers.map({ $0.key }) == other.headers.map({ $0.key })
            && headers.map({ $0.condition }) == other.headers.map({ $0.condition })
            && headers.map({ $0.value }) == other.headers.map({ $0.value })
            && sameState(as: other) && sameColumns(threads, other.threads)
            && sameHandlers(handlers, other.handlers) && sameHandlers(interrupts, other.interrupts)
            && locations == other.locations && filter == other.filter && condition == other.condition
            && conditionName == other.conditionName && sameFurtherConditions(as: other)
            && holes == other.holes && starts == other.starts && ensures == other.ensures
    }

    private func sameFurtherConditions(as other: LitmusTest) -> Bool {
        furtherConditions.count == other.furtherConditions.count
            && zip(furtherConditions, other.furtherConditions).allSatisfy {
                $0.name == $1.name && $0.condition == $1.condition && $0.expectation == $1.expectation
            }
    }

    private func sameState(as other: LitmusTest) -> Bool {
        initializations.count == other.initializations.count
            && zip(initializations, other.initializations).allSatisfy {
                $0.location == $1.location && $0.values == $1.values && $0.type == $1.type
            }
    }

    private func sameHandlers(_ first: [Int: ThreadColumn], _ second: [Int: ThreadColumn]) -> Bool {
        first.keys == second.keys
            && first.allSatisfy { number, column in second[number].map { sameColumns([column], [$0]) } ?? false }
    }

    private func sameColumns(_ first: [ThreadColumn], _ second: [ThreadColumn]) -> Bool {
        first.count == second.count
            && zip(first, second).allSatisfy {
                $0.processor == $1.processor && $0.program.labels == $1.program.labels
                    && $0.program.instructions.map({ $0.text }) == $1.program.instructions.map({ $0.text })
                    && $0.program.instructions.map({ $0.isLocked }) == $1.program.instructions.map({ $0.isLocked })
            }
    }
}
