import Diagnostics
import X86

extension Diagnostic {
    /// Takes over what the assembly parser found.
    init(_ error: AssemblyError, file: String?) {
        self.init(
            file: file, place: error.place, length: error.length, message: error.message, remedy: error.remedy)
    }
}
