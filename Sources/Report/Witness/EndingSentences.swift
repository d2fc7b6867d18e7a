import Checker
import Litmus

extension RunSentences {
    /// The last line of a run: what went wrong, or what it ends with.
    public var conclusion: String {
        let ending = run.ending
        if !ending.harms.isEmpty { return ending.harms.map(Self.sentence).joined(separator: " ") }
        if !run.isComplete && run.isDecided { return "From here on the condition holds whatever follows." }
        let items = ending.values.joined(separator: ", ")
        return run.isComplete
            ? "The run ends with \(items)." : "The run is shown up to here, with \(items); it goes on."
    }

    private static func sentence(_ harm: RunEnding.Harm) -> String {
        switch harm {
        case .property(let property, let subject): sentence(property, subject)
        case .stuck(let cpu): "P\(cpu) can never finish."
        case .wild(let cpu): "P\(cpu) came to a frame that is nothing of the test: what follows is not known."
        case .fault(let name): "There was a fault: \(name)."
        }
    }

    /// One sentence a property; machine.md, section 7, has the definitions.
    private static func sentence(_ property: Property, _ page: String) -> String {
        switch property {
        case .lostDirty:
            "\(page) was written, but neither D nor SavedDirty is set in any present entry that maps it, nor its software dirty flag: the write is lost."
        case .kernelShadowStack:
            "Software turned the entry of \(page), an ordinary page, into W=0, D=1: a shadow-stack entry."
        case .shadowStackExposed:
            "\(page) is an ordinary page whose entry is P=1, W=0, D=1: on a CPU with CET a shadow-stack access to it succeeds."
        case .staleWrite:
            "A write to \(page) reached memory through a cached translation, although a flush of \(page) had completed after its entry stopped permitting it."
        case .staleFrame: "The frame of \(page) was accessed after it was declared free."
        case .strayPresent:
            "Software read the entry of \(page) with P=0 and found A or D that hardware had set in the dead entry."
        case .staleTable:
            "The table \(page) was read or written, by a walker or by software, after it was declared free."
        case .sizeConflict: "\(page) was accessed while its CPU held translations of it of two sizes."
        case .sizeMismatch:
            "\(page) was accessed while its CPU held translations of it of two sizes that differ in frame or rights."
        case .written: "\(page) was written."
        }
    }
}
