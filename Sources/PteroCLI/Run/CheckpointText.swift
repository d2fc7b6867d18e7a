import Diagnostics
import Litmus
import Report

/// The text of a checkpoint.
struct CheckpointText {
    private let name: String
    private var head: String?
    /// The pieces and their results.
    private(set) var pieces: [String: String] = [:]
    /// How many bytes the whole lines have.
    private(set) var length = 0

    private static let parts = ["{\"piece\": \"", "\", \"result\": \"", "\", \"sum\": \"", "\"}"].map { Array($0.utf8) }

    /// A line for a piece, with its newline.
    ///
    /// Names and results have no quotation marks and no control characters.
    static func line(_ piece: String, _ result: String) -> String {
        JSONText.object([
            .init("piece", .string(piece)), .init("result", .string(result)), .init("sum", .string(sum(piece, result))),
        ]).text + "\n"
    }

    /// Reads the lines; an incomplete last one is left out.
    ///
    /// - Throws: `Diagnostic` with the number of a line that is damaged.
    init(_ bytes: [UInt8], name: String) throws(Diagnostic) {
        self.name = name
        var start = 0
        var number = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let isLast = end + 1 == bytes.count
            if number == 1 {
                head = String(decoding: bytes[start..<end], as: UTF8.self)
            } else if let (piece, result) = Self.piece(bytes[start..<end]) {
                pieces[piece] = result
            } else if isLast {
                // The system may write the end of a line before its beginning.
                return
            } else {
                throw Diagnostic(
                    file: name, place: SourcePlace(line: number, column: 1),
                    message: "this line of the checkpoint is damaged",
                    remedy: "delete the lines from here on: what came before is whole, and the rest is searched again")
            }
            start = end + 1
            length = start
        }
    }

    /// Sees to it that the checkpoint is of a search.
    func check(_ wanted: String, mayBeEmpty: Bool) throws(Diagnostic) {
        guard let head else {
            if mayBeEmpty && length == 0 { return }
            throw Diagnostic(withoutPlace: "\(name) is empty", remedy: "was the shard started?")
        }
        if head == wanted { return }
        guard head.hasPrefix("{\"schema\": \"\(RecordSchema.checkpoint.name)\"") else {
            throw Diagnostic(
                file: name, place: SourcePlace(line: 1, column: 1), message: "this is not a checkpoint of ptero synth",
                remedy: "name a file that is not there yet, or one that --checkpoint has written")
        }
        throw Diagnostic(
            file: name, place: SourcePlace(line: 1, column: 1),
            message: "this is the checkpoint of another search: of other files, other profiles or other bounds",
            remedy: "give the files and options that it was begun with, or name another file")
    }

    private static func piece(_ line: ArraySlice<UInt8>) -> (piece: String, result: String)? {
        var rest = line
        var values: [String] = []
        for (number, part) in parts.enumerated() {
            if number == 0 {
                guard rest.starts(with: part) else { return nil }
                rest = rest.dropFirst(part.count)
                continue
            }
            // Values have no quotation marks, so the first one ends them.
            guard let quote = rest.firstIndex(of: UInt8(ascii: "\"")), rest[quote...].starts(with: part) else {
                return nil
            }
            values.append(String(decoding: rest[..<quote], as: UTF8.self))
            rest = rest[quote...].dropFirst(part.count)
        }
        guard rest.isEmpty, values.count == 3, sum(values[0], values[1]) == values[2] else { return nil }
        return (values[0], values[1])
    }

    private static func sum(_ piece: String, _ result: String) -> String {
        String(Digest.text(piece + "\n" + result).prefix(16))
    }
}
