/// What is wrong in a text, gathered while it is read, so that several slips of one file are told in one go.
///
/// A part that cannot be understood is left out; reading goes on where what follows can be understood without it.
package final class FaultLog {
    /// So many are told of a file, the first that are found: more are of no help.
    package static let mostFaults = 50

    private var faults: [Diagnostic] = []

    /// An empty log.
    package init() {}

    /// Whether no more are taken, so that reading on is of no use.
    package var isFull: Bool { faults.count >= Self.mostFaults }

    /// Whether nothing was wrong so far.
    package var isEmpty: Bool { faults.isEmpty }

    /// Takes note of a fault after which reading goes on.
    package func note(_ fault: Diagnostic) {
        if !isFull { faults.append(fault) }
    }

    /// Reads a part; nil, with a note, when a fault ends it.
    @discardableResult
    package func attempt<Part>(_ read: () throws(Diagnostic) -> Part) -> Part? {
        do throws(Diagnostic) {
            return try read()
        } catch {
            note(error)
            return nil
        }
    }

    /// Reads a part without which nothing else can be read.
    package func require<Part>(_ read: () throws(Diagnostic) -> Part) throws(Diagnostic) -> Part {
        do throws(Diagnostic) {
            return try read()
        } catch {
            note(error)
            throw joined ?? error
        }
    }

    /// Throws what was noted, if anything was.
    package func check() throws(Diagnostic) {
        if let joined { throw joined }
    }

    private var joined: Diagnostic? { Diagnostic(joining: faults) }
}

extension Diagnostic {
    /// The first in reading order of several about one file, with the others in ``others``; nil when there is none.
    package init?(joining diagnostics: [Diagnostic]) {
        var all: [Diagnostic] = []
        for diagnostic in diagnostics {
            var alone = diagnostic
            alone.others = []
            for one in [alone] + diagnostic.others where !all.contains(one) { all.append(one) }
        }
        // The sort is stable in fact but not by its contract, so the number decides.
        let sorted = all.enumerated().sorted { first, second in
            // What has no place comes first.
            let top = SourcePlace(line: 0, column: 0)
            return (first.element.place ?? top, first.offset) < (second.element.place ?? top, second.offset)
        }.map { $0.element }
        guard var first = sorted.first else { return nil }
        first.others = Array(sorted.dropFirst())
        self = first
    }

    /// This one and the others of its file, in reading order.
    public var all: [Diagnostic] {
        var alone = self
        alone.others = []
        return [alone] + others
    }
}
