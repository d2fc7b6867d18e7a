import Checker
import Diagnostics
import Litmus
import Machine

/// A part of a line of a file, or a file as a whole.
struct TextRegion: Hashable {
    /// The file as the user or the compiler named it.
    var file: String
    /// From 1; nil for the file as a whole.
    var line: Int?
    /// From 1; nil for the whole line.
    var column: Int?
    /// The column after the last character.
    var endColumn: Int?

    /// A part of a file.
    init(file: String, line: Int? = nil, column: Int? = nil, endColumn: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.endColumn = endColumn
    }

    /// A part of a file; without a span the file as a whole.
    init(file: String, _ span: SourceSpan?) {
        self.init(
            file: file, line: span?.place.line, column: span?.place.column,
            endColumn: span.map { $0.place.column + $0.length })
    }

    /// Where something is wrong; nil where that is in no file.
    init?(_ diagnostic: Diagnostic) {
        guard let file = diagnostic.file else { return nil }
        self.init(file: file, diagnostic.place.map { SourceSpan($0, length: diagnostic.length) })
    }

    /// The file as a URI (RFC 3986): relative where it lies in the folder that relative paths begin in.
    func uri(in directory: String) -> String {
        // A scenario that ships with Ptero has a name and no file.
        if file.hasPrefix("kernel:") { return "kernel:" + Self.encoded(file.dropFirst("kernel:".count)) }
        if file == "-" { return "standard-input" }
        let root = directory.hasSuffix("/") ? directory : directory + "/"
        if file.hasPrefix(root) && file != root { return Self.encoded(file.dropFirst(root.count)) }
        if file.hasPrefix("/") { return "file://" + Self.encoded(file[...]) }
        var path = file[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        return Self.encoded(path)
    }

    /// A path with everything else than letters, digits, slashes and a few marks as `%20`.
    private static func encoded(_ path: Substring) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}

extension Run {
    /// Where a step belongs: its instruction, the one whose store reaches memory, or of other hardware what it rests on.
    func region(ofStep number: Int, file: String) -> TextRegion? {
        let step = steps[number]
        let origins =
            step.report.kind == .drain
            ? [state(before: number).cpus[step.cpu].stores.first?.storedBy].compactMap { $0 } : step.because
        return ownRegion(ofStep: number, file: file)
            ?? origins.reversed().compactMap { ownRegion(ofStep: $0, file: file) }.first
    }

    /// Where the instruction of a step stands: of compiled code the innermost line of its source.
    private func ownRegion(ofStep number: Int, file: String) -> TextRegion? {
        let step = steps[number]
        if let line = step.source.first {
            return TextRegion(file: line.file, line: max(1, line.line), column: line.column > 0 ? line.column : nil)
        }
        return step.place.map { TextRegion(file: file, line: max(1, $0.line), column: max(1, $0.column)) }
    }

    /// The line of source that tells most about what goes wrong: that of a step which shows it, or else the last that matters.
    var tellingSource: TextRegion? {
        let told = RunStory(self).sentences.map { $0.step }.filter { !steps[$0].source.isEmpty }
        let step = told.last { !steps[$0].violations.isEmpty } ?? told.last { !steps[$0].isHardware } ?? told.last
        return step.flatMap { region(ofStep: $0, file: "") }
    }
}
