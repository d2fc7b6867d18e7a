import Diagnostics
import Report

/// Arguments from files: `@list` stands for the lines of the file `list`.
struct ArgumentList {
    /// Where an argument was written.
    struct Origin: Sendable, Hashable {
        var argument: String
        var file: String
        var line: Int

        /// As messages name a place.
        var place: String { "\(printable(file)):\(line)" }
    }

    /// The arguments with those of lists in their place.
    private(set) var arguments: [String] = []
    /// Where those of lists are from.
    private(set) var origins: [Origin] = []

    /// More than this is not a list that somebody wrote.
    private static let most = 16 << 20

    /// Reads the lists among some arguments; after `--` an `@` is part of a name.
    /// - Throws: `Diagnostic` for a list that cannot be used, at its line.
    init(_ arguments: [String], _ surroundings: Surroundings) throws(Diagnostic) {
        var areNames = false
        for argument in arguments {
            areNames = areNames || argument == "--"
            guard !areNames, argument.first == "@", argument != "@" else {
                self.arguments.append(argument)
                continue
            }
            for origin in try Self.lines(of: String(argument.dropFirst()), surroundings) {
                self.arguments.append(origin.argument)
                origins.append(origin)
            }
        }
    }

    /// The arguments in a file, one a line: blanks around it, empty lines and lines that begin with `#` do not count.
    private static func lines(of file: String, _ surroundings: Surroundings) throws(Diagnostic) -> [Origin] {
        let bytes: [UInt8]
        do { bytes = try Files.contents(surroundings.resolved(file), atMost: most + 1) } catch {
            throw Diagnostic(
                withoutPlace: "the list \(printable(file)) cannot be read",
                remedy: "a file whose name begins with @ is named ./@...")
        }
        guard bytes.count <= most else {
            throw Diagnostic(
                withoutPlace: "the list \(printable(file)) is longer than 16 MiB", remedy: "name folders instead")
        }
        var found: [Origin] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            func fault(_ message: String, _ remedy: String) -> Diagnostic {
                Diagnostic(
                    file: file, span: SourceSpan(SourcePlace(line: index + 1, column: 1)), message: message,
                    remedy: remedy)
            }
            guard let text = String(validating: line, as: UTF8.self), !line.contains(0) else {
                throw fault("this line of the list is not text", "a list has an argument on each line, in UTF-8")
            }
            let argument = trimmed(text)
            if argument.isEmpty || argument.first == "#" { continue }
            guard argument.first != "@" || argument == "@" else {
                throw fault("a list names no other list", "name both on the command line")
            }
            found.append(Origin(argument: argument, file: file, line: index + 1))
        }
        return found
    }

    private static func trimmed(_ text: String) -> String {
        let blanks: Set<Unicode.Scalar> = [" ", "\t", "\r"]
        let scalars = text.unicodeScalars.drop { blanks.contains($0) }
        guard let end = scalars.lastIndex(where: { !blanks.contains($0) }) else { return "" }
        return String(scalars[...end])
    }
}

extension [ArgumentList.Origin] {
    /// What to say of a message that mentions an argument of a list; nil where it mentions none.
    func note(on message: String) -> String? {
        // The longest: of `--profile=x` and `x` the whole.
        let named = filter { origin in
            let parts = origin.argument.first == "-" ? origin.argument.split(separator: "=", maxSplits: 1) : []
            return ([Substring(origin.argument)] + parts).contains { Self.mentions(message, printable(String($0))) }
        }
        return named.max { $0.argument.count < $1.argument.count }.map {
            "\($0.place): `\(printable($0.argument))` is from here"
        }
    }

    /// Whether a message has these letters as a word of its own.
    private static func mentions(_ message: String, _ word: String) -> Bool {
        func isPart(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || "-_/".contains(character)
        }
        return !word.isEmpty
            && message.ranges(of: word).contains { range in
                let before =
                    range.lowerBound == message.startIndex ? nil : message[message.index(before: range.lowerBound)]
                let after = range.upperBound == message.endIndex ? nil : message[range.upperBound]
                return !(before.map(isPart) ?? false) && !(after.map(isPart) ?? false)
            }
    }
}
