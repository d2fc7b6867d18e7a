/// One thing that is done on a candidate's way through an entry, for its price.
enum PathStep: Hashable, Sendable {
    case instruction(Template)
    /// A conditional jump that is not taken.
    case passed
    /// A jump that is taken.
    case jump
    /// A `cmpxchg` of so many bytes that finds what it compares with, or not.
    case compare(width: UInt8, succeeds: Bool)
}

extension Candidate {
    /// What is done to an entry when nobody interferes.
    func path(_ entry: UInt64, _ writer: CandidateWriter) -> [PathStep] {
        switch shape {
        case .straight(let templates): return templates.map(PathStep.instruction)
        case .loop(let loop): return [Self.load(loop.width)] + loop.path
        case .split(let predicate, let first, let second):
            let holds = predicate.holds(entry)
            let taken = holds ? first : second
            let other = holds ? second : first
            let (before, after) = jumps(toFirst: holds, other)
            return [Self.load(8)] + Self.look(predicate, writer) + before + taken.path + after
        }
    }

    /// The jumps before and after a way of a case split: it stands last and is jumped to, or is passed into, and jumps over the
    /// one that stands last unless that has nothing in it.
    private func jumps(toFirst: Bool, _ other: Branch) -> (before: [PathStep], after: [PathStep]) {
        toFirst == firstIsLast ? ([.jump], []) : ([.passed], other.isEmpty ? [] : [.jump])
    }

    /// What is done when an entry changes once under a `cmpxchg`; nil where there is none to try again.
    func racedPath(_ entry: UInt64, _ writer: CandidateWriter) -> [PathStep]? {
        switch shape {
        case .straight: return nil
        case .loop(let loop): return [Self.load(loop.width)] + loop.failing + loop.path
        case .split(let predicate, let first, let second):
            let holds = predicate.holds(entry)
            guard case .loop(let loop) = holds ? first : second else { return nil }
            let (before, after) = jumps(toFirst: holds, holds ? second : first)
            let look = Self.look(predicate, writer) + before
            return [Self.load(8)] + look + loop.failing + look + loop.path + after
        }
    }

    /// The instructions of a look at the entry, its jump left out: each is one on registers.
    private static func look(_ predicate: Predicate, _ writer: CandidateWriter) -> [PathStep] {
        [PathStep](
            repeating: .instruction(Template(action: .bitTest, width: 8)), count: writer.lookLength(predicate))
    }

    private static func load(_ width: UInt8) -> PathStep { .instruction(Template(action: .load, width: width)) }
}

extension Candidate.Branch {
    fileprivate var path: [PathStep] {
        switch self {
        case .straight(let templates): templates.map(PathStep.instruction)
        case .loop(let loop): loop.path
        }
    }
}

extension Candidate.Loop {
    fileprivate var path: [PathStep] {
        term.map(PathStep.instruction) + [.compare(width: width, succeeds: true), .passed]
    }
    fileprivate var failing: [PathStep] {
        term.map(PathStep.instruction) + [.compare(width: width, succeeds: false), .jump]
    }
}
