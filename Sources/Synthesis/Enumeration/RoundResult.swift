/// What a round of a class search found, as it stands in a journal.
struct RoundResult {
    var run = 0
    var pruned = 0
    /// The first sequences of classes that are right, each class of the round once.
    var accepted: [ClassSearch.Child] = []
    /// The first sequences of classes that were not known before; none of the last level.
    var classes: [ClassSearch.Child] = []

    /// Puts together what workers found; `known` are the classes of the rounds before, nil for the last level.
    init(_ expansions: [ClassSearch.Expansion], known: FingerprintSet?) {
        var seen = FingerprintSet()
        for expansion in expansions {
            run += expansion.run
            pruned += expansion.pruned
            for child in expansion.children where seen.insert(child.fingerprint) {
                if child.isAccepted { accepted.append(child) }
                if let known, !known.contains(child.fingerprint) { classes.append(child) }
            }
        }
    }

    /// Reads what ``text`` wrote; nil for a text of another shape.
    ///
    /// Classes have no fingerprints then.
    init?(_ text: String) {
        var numbers = NumberReader(text)
        guard let run = numbers.next(), let pruned = numbers.next(), let count = numbers.next() else { return nil }
        self.run = Int(run)
        self.pruned = Int(pruned)
        var parent = 0
        for _ in 0..<count {
            guard let step = numbers.next(), let template = numbers.next(), let first = numbers.next(),
                let second = numbers.next()
            else { return nil }
            parent += Int(step)
            let fingerprint = Fingerprint(first: first, second: second)
            accepted.append(
                ClassSearch.Child(
                    parent: parent, template: UInt16(truncatingIfNeeded: template), fingerprint: fingerprint,
                    isAccepted: true))
        }
        parent = 0
        while let step = numbers.next() {
            guard let template = numbers.next() else { return nil }
            parent += Int(step)
            classes.append(
                ClassSearch.Child(
                    parent: parent, template: UInt16(truncatingIfNeeded: template),
                    fingerprint: Fingerprint(first: 0, second: 0), isAccepted: false))
        }
    }

    /// The round on one line, in numbers of base 36.
    ///
    /// Counts; how many are right, and of each how far its parent is from the one before, its instruction and its class; then of
    /// each new class parent and instruction.
    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(classes.count * 6 + accepted.count * 40 + 32)
        func add(_ number: UInt64) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes += Array(String(number, radix: 36).utf8)
        }
        add(UInt64(run))
        add(UInt64(pruned))
        add(UInt64(accepted.count))
        var parent = 0
        for child in accepted {
            add(UInt64(child.parent - parent))
            add(UInt64(child.template))
            add(child.fingerprint.first)
            add(child.fingerprint.second)
            parent = child.parent
        }
        parent = 0
        for child in classes {
            add(UInt64(child.parent - parent))
            add(UInt64(child.template))
            parent = child.parent
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Reads numbers of base 36 between blanks.
struct NumberReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The next number, or nil at the end and where something else stands.
    mutating func next() -> UInt64? {
        while offset < bytes.count, bytes[offset] == UInt8(ascii: " ") { offset += 1 }
        guard offset < bytes.count else { return nil }
        var number: UInt64 = 0
        while offset < bytes.count, bytes[offset] != UInt8(ascii: " ") {
            let byte = bytes[offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            let (product, overflows) = number.multipliedReportingOverflow(by: 36)
            guard !overflows else { return nil }
            number = product &+ UInt64(digit)
            offset += 1
        }
        return number
    }
}
