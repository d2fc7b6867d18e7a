import Checker
import Explorer
import Litmus

/// Steps that were taken away, and what follows, in words.
package enum RemovalWords {
    /// The step, as it stands beside its line: `lock prefix`.
    package static func step(_ removal: Removal) -> String {
        switch removal.step {
        case .lock(false): "lock prefix"
        case .lock(true): "atomicity (xchg locks by itself)"
        case .fence: "fence"
        case .flush: "flush"
        case .store: "store"
        case .write: "its write"
        case .service: "call"
        case .statement: "whole statement"
        case .spinLock:
            "taking the lock" + (removal.parts.count > 1 ? " and releasing it (\(removal.parts.count) calls)" : "")
        case .order: "coming after `\(printable(removal.parts.first?.text ?? ""))`"
        }
    }

    /// What the test is without, in one clause: `without the lock prefix of lock cmpxchgq %rcx,(%rdi)`.
    package static func sentence(_ removal: Removal) -> String {
        let texts = removal.parts.map { printable($0.text) }
        let owner = "P\(removal.processor)\(removal.isHandler ? ".F" : "")"
        let first = texts.first ?? ""
        return switch removal.step {
        case .lock(false): "\(owner) without the lock prefix of \(first)"
        case .lock(true): "\(owner) with \(first) as two steps, a load and a store"
        case .fence, .flush, .store, .service, .statement: "\(owner) without \(first)"
        case .write: "\(owner) without the write of \(first)"
        case .spinLock: "\(owner) without \(first) and its release"
        case .order: "\(owner) with \(texts.last ?? "") before \(first)"
        }
    }

    /// A word for a file's name: `lock`, `order`.
    package static func word(_ removal: Removal) -> String {
        switch removal.step {
        case .lock: "lock"
        case .fence: "fence"
        case .flush: "flush"
        case .store: "store"
        case .write: "write"
        case .service: "call"
        case .statement: "statement"
        case .spinLock: "spinlock"
        case .order: "order"
        }
    }

    /// The name of the test without a step: that of the whole test, the step's number from 1, and what it is.
    package static func name(_ removal: Removal, number: Int, of test: String) -> String {
        let clean = test.map { $0.isASCII && ($0.isLetter || $0.isNumber || "+._-".contains($0)) ? $0 : "-" }
        return "\(String(clean)).\(number)-without-\(word(removal))"
    }

    /// What goes wrong.
    static func harm(_ harm: RemovalVerdict.Harm?) -> String {
        switch harm {
        case .happened(let names): names.map { printable($0) }.joined(separator: ", ")
        case .state(let parts): "a run ends with " + parts.map { printable($0) }.joined(separator: ", ")
        case nil: "the condition"
        }
    }

    /// Why the question is empty without the step.
    static func reason(_ note: EmptyNote) -> String {
        switch note {
        case .entryNotWritten(_, let page): "software then writes no entry of \(page)"
        case .notFlushed(let property, let page):
            "no flush of \(page) then follows, and \(property.rawValue)(\(page)) asks about what comes after one"
        case .notFreed(_, let variable): "no CPU then frees \(variable)"
        case .entryNotRead(_, let page): "software then reads no entry of \(page)"
        case .pageNotWritten(_, let page): "no CPU then writes \(page)"
        case .notWritten(let name, _): "no CPU then writes \(printable(name))"
        case .noAccess(let fault): "\(fault) then cannot happen"
        case .cannotBlock(let cpu): "P\(cpu) then has nothing to wait for"
        case .blocked(let cpu, _, _): "P\(cpu) then waits for ever"
        case .filteredAll: "no final state then passes the filter"
        case .noFinalState: "no run then ends"
        default: "the question is then empty"
        }
    }

    /// `every profile`, or their names.
    static func profiles(_ names: [String], of all: [String]) -> String {
        names.count == all.count && all.count > 1
            ? "every profile" : names.map { printable($0) }.joined(separator: ", ")
    }
}
