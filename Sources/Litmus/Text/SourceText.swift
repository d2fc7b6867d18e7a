import Diagnostics
import X86

/// A test's text with what is needed to tell where a byte stands.
struct SourceText: Sendable {
    /// The largest file that is read, in bytes: a litmus test is a page of text, and this is four thousand of them.
    static let largestSize = 16 << 20

    /// The file as the caller named it.
    let file: String?
    /// The text in UTF-8, comments included.
    let bytes: [UInt8]
    /// Where each line begins.
    private let lineStarts: [Int]
    /// For each block of the text, how many bytes before it continue a character: makes columns cheap in long lines.
    private let continuationsBefore: [UInt32]
    private let hasContinuations: Bool
    private static let blockSize = 256

    /// Checks that the bytes are a text.
    init(_ bytes: [UInt8], file: String?) throws(Diagnostic) {
        self.file = file
        self.bytes = bytes
        guard bytes.count <= Self.largestSize else {
            throw Diagnostic(
                withoutPlace: "the file has \(bytes.count) bytes, the limit is \(Self.largestSize)", file: file,
                remedy: "a litmus test is a short text; check that this is the right file")
        }
        var lineStarts = [0]
        var continuations: [UInt32] = []
        var count: UInt32 = 0
        for (offset, byte) in bytes.enumerated() {
            if offset % Self.blockSize == 0 { continuations.append(count) }
            if byte.isContinuation { count += 1 }
            if byte == .newline { lineStarts.append(offset + 1) }
        }
        self.lineStarts = lineStarts
        continuationsBefore = continuations
        hasContinuations = count > 0
        try checkContent()
    }

    /// The place of a byte; an offset past the end means the end.
    func place(of offset: Int) -> SourcePlace {
        let offset = min(max(0, offset), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let start = lineStarts[low]
        let characters = offset - start - (continuations(before: offset) - continuations(before: start))
        return SourcePlace(line: low + 1, column: characters + 1)
    }

    /// The number of characters in a part of the text.
    func length(of range: Range<Int>) -> Int {
        let upper = min(range.upperBound, bytes.count)
        let lower = min(range.lowerBound, upper)
        return upper - lower - (continuations(before: upper) - continuations(before: lower))
    }

    /// Where a part of the text stands, of several lines the first.
    func span(of range: Range<Int>) -> SourceSpan {
        let upper = min(range.upperBound, bytes.count)
        let lower = min(range.lowerBound, upper)
        let lineEnd = bytes[lower..<upper].firstIndex(of: .newline) ?? upper
        return SourceSpan(place(of: lower), length: length(of: lower..<lineEnd))
    }

    /// A diagnostic about a part of the text; it spans at most the first line of it.
    func diagnostic(_ message: String, at range: Range<Int>, remedy: String? = nil) -> Diagnostic {
        Diagnostic(file: file, span: span(of: range), message: message, remedy: remedy)
    }

    /// What is said of a test whose text ends after its initial state.
    func withoutProgram(after offset: Int) -> Diagnostic {
        let end = max(1, bytes.trimmed(0..<min(offset, bytes.count)).upperBound)
        return diagnostic(
            "the test has no program", at: end - 1..<end,
            remedy: "the functions P0, P1, ... come after the initial state")
    }

    private func continuations(before offset: Int) -> Int {
        guard hasContinuations else { return 0 }
        let block = min(offset / Self.blockSize, continuationsBefore.count - 1)
        let counted = bytes[(block * Self.blockSize)..<offset].count { $0.isContinuation }
        return Int(continuationsBefore[block]) + counted
    }

    private func checkContent() throws(Diagnostic) {
        guard bytes.contains(where: { !$0.isBlank }) else {
            throw diagnostic(
                bytes.isEmpty ? "the file is empty" : "the file holds nothing but blanks", at: 0..<1,
                remedy: "a test begins with a line such as `X86_64 NAME`")
        }
        if let offset = bytes.firstIndex(where: { $0.isBinary }) {
            throw diagnostic(
                "byte \(bytes[offset]) does not occur in text: this is not a litmus test", at: offset..<offset + 1,
                remedy: "give a text file in UTF-8")
        }
        if let offset = Self.firstInvalidUTF8(in: bytes) {
            throw diagnostic("the text is not valid UTF-8", at: offset..<offset + 1, remedy: "save the file as UTF-8")
        }
    }

    /// Where the first ill-formed sequence begins (Unicode, table 3-7), or nil.
    private static func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
        var offset = 0
        while offset < bytes.count {
            let lead = bytes[offset]
            let count: Int
            var second: ClosedRange<UInt8> = 0x80...0xbf
            switch lead {
            case 0..<0x80: count = 1
            case 0xc2...0xdf: count = 2
            case 0xe0...0xef:
                count = 3
                if lead == 0xe0 { second = 0xa0...0xbf }
                if lead == 0xed { second = 0x80...0x9f }
            case 0xf0...0xf4:
                count = 4
                if lead == 0xf0 { second = 0x90...0xbf }
                if lead == 0xf4 { second = 0x80...0x8f }
            default: return offset
            }
            guard offset + count <= bytes.count else { return offset }
            if count > 1 {
                guard second.contains(bytes[offset + 1]) else { return offset }
                guard bytes[(offset + 2)..<(offset + count)].allSatisfy({ $0.isContinuation }) || count == 2 else {
                    return offset
                }
            }
            offset += count
        }
        return nil
    }
}
