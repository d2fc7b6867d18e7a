import Diagnostics
import X86

/// Why a machine cannot go on.
public enum MachineFailure: Error, Hashable, Sendable {
    /// A part of the packed state is too narrow; build the machine again with it doubled.
    case outgrown(FieldWidths.Part)
    /// The test does something that the machine has no meaning for; the machine knows no file.
    case invalid(Diagnostic)

    /// The failure at an instruction of the test; no place where it is about none.
    static func invalid(place: SourcePlace?, message: String, remedy: String?) -> MachineFailure {
        .invalid(Diagnostic(file: nil, span: place.map { SourceSpan($0) }, message: message, remedy: remedy))
    }
}
