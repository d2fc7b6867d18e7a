import Diagnostics
import X86

/// Why a machine cannot go on.
public enum MachineFailure: Error, Hashable, Sendable {
    /// A part of the packed state is too narrow; build the machine again with it doubled.
    case outgrown(FieldWidths.Part)
    /// The test does something that the machine has no meaning for.
    case invalid(cpu: Int, place: SourcePlace?, message: String, remedy: String?)
}
