import Diagnostics
import Litmus

/// Something that a user can cause and mend.
public struct UsageError: Error, Sendable, Hashable {
    /// What is wrong: one line, no full stop.
    public var message: String
    /// What to do about it, or nil.
    public var remedy: String?

    /// The whole text for a terminal, where the error is about a place in a file and shows its line.
    private var located: String?

    /// Makes an error.
    public init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }

    /// What is wrong at a place of a file, with the line of its text.
    public init(_ fault: Diagnostic, source: String) {
        self.init(fault.message, remedy: fault.remedy)
        located = fault.rendered(source: source) + "\n"
    }

    /// The disk is full, or whoever read the output has gone.
    public static let unwritable = UsageError("the output could not be written", remedy: "is the disk full?")

    /// The error for a terminal, with a newline at the end.
    public func rendered(file: String? = nil) -> String {
        located ?? "\(file ?? "ptero"): error: \(message)\n" + (remedy.map { "  remedy: \($0)\n" } ?? "")
    }
}
