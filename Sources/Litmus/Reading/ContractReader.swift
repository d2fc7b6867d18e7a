import Diagnostics
import X86

/// The clauses of a hole, by the words that begin them.
enum HoleClause: String, CaseIterable {
    case inputs = "in"
    case scratch
    case outputs = "out"
    case flush
    case loop
    case lock
    case fault
    case length
    case only
    case without

    /// What a clause looks like.
    var example: String {
        switch self {
        case .inputs: "in rdi"
        case .scratch: "scratch rax rcx"
        case .outputs: "out al&64"
        case .flush, .loop, .lock, .fault: "\(rawValue) no"
        case .length: "length 8"
        case .only: "only andb btrq"
        case .without: "without cmpxchg"
        }
    }
}

/// Reads what stands in the braces of a hole: clauses, a `;` between two of them, each at most once.
struct ContractReader {
    private let source: SourceText
    private let bytes: [UInt8]
    private let log: FaultLog
    private var contract = HoleContract()
    private var seen: Set<HoleClause> = []
    /// Registers as they were named: what they may be is known when all clauses are read.
    private var inputs: [Mention<Register>] = []
    private var scratch: [Mention<Register>] = []
    private var outputs: [Mention<HoleOutput>] = []
    private var only: [Mention<String>] = []
    private var without: [Mention<String>] = []

    /// Reads a part of a text whose comments are blank, braces included; clauses that mean nothing are noted and left out.
    static func read(_ source: SourceText, _ bytes: [UInt8], _ braces: Range<Int>, log: FaultLog) -> HoleContract {
        var reader = ContractReader(source: source, bytes: bytes, log: log)
        var start = braces.lowerBound + 1
        let end = braces.upperBound - 1
        while start < end {
            let stop = bytes[start..<end].firstIndex(of: UInt8(ascii: ";")) ?? end
            reader.clause(reader.words(in: start..<stop))
            start = stop + 1
        }
        reader.finish()
        return reader.contract
    }

    private init(source: SourceText, bytes: [UInt8], log: FaultLog) {
        self.source = source
        self.bytes = bytes
        self.log = log
    }

    private func note(_ message: String, at range: Range<Int>, remedy: String) {
        log.note(source.diagnostic(message, at: range, remedy: remedy))
    }

    /// Names, numbers and single signs; commas between them count as blanks, and `%` says nothing.
    private func words(in range: Range<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset
            let isName = bytes[start].continuesName
            offset += 1
            while offset < range.upperBound, isName ? bytes[offset].continuesName : bytes[offset].isContinuation {
                offset += 1
            }
            let isEmpty = bytes[start].isBlank || bytes[start] == UInt8(ascii: ",") || bytes[start] == UInt8(ascii: "%")
            if !isEmpty { words.append(start..<offset) }
        }
        return words
    }

    private mutating func clause(_ words: [Range<Int>]) {
        guard let first = words.first, let last = words.last else { return }
        let name = bytes.text(first)
        guard let clause = HoleClause(rawValue: name) else {
            let known = HoleClause.allCases.map { $0.rawValue }
            return note("a hole has no clause `\(name)`", at: first, remedy: NearName.remedy(for: name, among: known))
        }
        guard seen.insert(clause).inserted else {
            return note("`\(name)` is given twice", at: first, remedy: "keep one of the clauses")
        }
        let rest = words[1...]
        guard !rest.isEmpty else {
            return note("`\(name)` says nothing", at: first, remedy: "write `\(clause.example)`, or leave it out")
        }
        let range = words[1].lowerBound..<last.upperBound
        switch clause {
        case .inputs: inputs = registers(rest, of: clause)
        case .scratch: scratch = registers(rest, of: clause)
        case .outputs: outputs = readOutputs(rest)
        case .flush: contract.mayFlush = isYes(range, of: clause) ?? contract.mayFlush
        case .loop: contract.mayLoop = isYes(range, of: clause) ?? contract.mayLoop
        case .lock: contract.mayLock = isYes(range, of: clause) ?? contract.mayLock
        case .fault: contract.mayFault = isYes(range, of: clause) ?? contract.mayFault
        case .length: contract.length = length(range) ?? contract.length
        case .only: only = mnemonics(rest)
        case .without: without = mnemonics(rest)
        }
    }

    private func isYes(_ range: Range<Int>, of clause: HoleClause) -> Bool? {
        let text = bytes.text(range)
        if text == "yes" || text == "no" { return text == "yes" }
        note(
            "`\(clause.rawValue)` is `yes` or `no`", at: range,
            remedy: "write `\(clause.rawValue) yes` or `\(clause.rawValue) no`")
        return nil
    }

    private func length(_ range: Range<Int>) -> Int? {
        if let length = Int(bytes.text(range)), (1...HoleContract.longest).contains(length) { return length }
        note(
            "`length` is a number from 1 to \(HoleContract.longest)", at: range,
            remedy: "write `\(HoleClause.length.example)`: how many instructions at most")
        return nil
    }

    // MARK: Registers

    private func registers(_ words: ArraySlice<Range<Int>>, of clause: HoleClause) -> [Mention<Register>] {
        var registers: [Mention<Register>] = []
        for range in words {
            guard let operand = operand(range) else { continue }
            let whole = RegisterOperand(operand.register)
            if operand != whole {
                note(
                    "`\(operand.name)` is a part of `\(whole.name)`", at: range,
                    remedy: "write `\(whole.name)`: `\(clause.rawValue)` names whole registers")
            } else if registers.contains(where: { $0.subject == operand.register }) {
                note("`\(clause.rawValue)` names `\(whole.name)` twice", at: range, remedy: "keep one of them")
            } else {
                registers.append(Mention(operand.register, at: range))
            }
        }
        return registers
    }

    private func operand(_ range: Range<Int>) -> RegisterOperand? {
        let name = bytes.text(range)
        if let operand = RegisterOperand(name: name.lowercased()) { return operand }
        note("there is no register `\(name)`", at: range, remedy: RegisterOperand.remedy(for: name))
        return nil
    }

    /// Reads `al`, `al&64`, `rcx`.
    private func readOutputs(_ words: ArraySlice<Range<Int>>) -> [Mention<HoleOutput>] {
        var outputs: [Mention<HoleOutput>] = []
        var index = words.startIndex
        while index < words.endIndex {
            let first = words[index]
            var last = first
            var bits: UInt64?
            if index + 1 < words.endIndex, bytes.text(words[index + 1]) == "&" {
                last = index + 2 < words.endIndex ? words[index + 2] : words[index + 1]
                bits = UInt64(litmus: bytes.text(last)) ?? 0
                index += 2
            }
            index += 1
            let range = first.lowerBound..<last.upperBound
            guard let operand = operand(first) else { continue }
            if let wrong = operand.fault(ofBits: bits) {
                note(wrong.message, at: range, remedy: wrong.remedy)
            } else {
                let mask = operand.mask(ofBits: bits)
                outputs.append(Mention(HoleOutput(register: operand.register, mask: mask), at: range))
            }
        }
        return outputs
    }

    private func mnemonics(_ words: ArraySlice<Range<Int>>) -> [Mention<String>] {
        var mnemonics: [Mention<String>] = []
        for range in words {
            let name = bytes.text(range).lowercased()
            if name == "lock" {
                note("`lock` is a prefix, not an instruction", at: range, remedy: "write the clause `lock no`")
            } else if InstructionSet.contains(name) {
                mnemonics.append(Mention(name, at: range))
            } else {
                let known = InstructionSet.mnemonics.flatMap { [$0.name] + $0.aliases }
                note(
                    "there is no instruction `\(name)`", at: range,
                    remedy: NearName.of(name, among: known).map { "did you mean `\($0)`?" }
                        ?? "ptero isa lists the supported instructions")
            }
        }
        return mnemonics
    }

    // MARK: The whole

    /// Checks what needs all clauses, and puts the contract together.
    private mutating func finish() {
        for mention in scratch where inputs.contains(where: { $0.subject == mention.subject }) {
            let name = RegisterOperand(mention.subject).name
            note(
                "`\(name)` has a meaning (`in`) and arbitrary content (`scratch`)", at: mention.range,
                remedy: "keep it in one of the two")
        }
        for mention in outputs where !scratch.contains(where: { $0.subject == mention.subject.register }) {
            let name = RegisterOperand(mention.subject.register).name
            let isInput = inputs.contains { $0.subject == mention.subject.register }
            // What `scratch` lacks may be a register that could not be read.
            guard log.isEmpty else { break }
            note(
                "`\(name)` is read after the hole, which may not set it", at: mention.range,
                remedy: isInput
                    ? "the hole keeps what is `in`: take a register of `scratch`" : "add `\(name)` to `scratch`")
        }
        for mention in without where only.contains(where: { $0.subject == mention.subject }) {
            note(
                "`\(mention.subject)` is in `only` and in `without`", at: mention.range,
                remedy: "keep it in one of the two")
        }
        contract.inputs = inputs.map { $0.subject }
        contract.scratch = scratch.map { $0.subject }
        contract.outputs = outputs.map { $0.subject }
        contract.only = only.map { $0.subject }
        contract.without = without.map { $0.subject }
    }
}
