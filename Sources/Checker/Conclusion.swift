import Litmus
import Machine

/// The last line of a witness: what went wrong, in words.
struct Conclusion {
    private let lowered: LoweredTest
    private let machine: Machine

    init(_ lowered: LoweredTest, _ machine: Machine) {
        self.lowered = lowered
        self.machine = machine
    }

    func text(_ state: UnsafePointer<UInt64>, isComplete: Bool, isDecided: Bool) -> String {
        var sentences: [String] = []
        for (item, name) in lowered.question.items {
            switch item {
            case .property(let property, let subject):
                // What only an end can tell is not said of a run that stops before.
                if property == .lostDirty && !isComplete { continue }
                if machine.holds(property.ghost, of: subject, in: state) {
                    let isFrame = property.ghost.isAboutFrame
                    let name = isFrame ? machine.map.variables[subject].name : machine.map.name(ofPage: subject)
                    sentences.append(Self.sentence(property, name))
                }
            case .stuck(let cpu):
                if isComplete && !machine.isEnded(cpu: cpu, in: state) { sentences.append("P\(cpu) can never finish.") }
            case .fault(let bit):
                if machine.hasFaulted(bit: bit, in: state) { sentences.append("There was a fault: \(name).") }
            case .register, .memory, .field, .frame, .local: break
            }
        }
        if !sentences.isEmpty { return sentences.joined(separator: " ") }
        if !isComplete && isDecided { return "From here on the condition holds whatever follows." }
        let values = lowered.question.read(state, of: machine)
        let parts = StatePrinter(lowered.question, machine.map).parts(values)
        let items = parts.joined(separator: ", ")
        return isComplete ? "The run ends with \(items)." : "The run is shown up to here, with \(items); it goes on."
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
        case .sizeConflict: "\(page) is cached with two page sizes."
        case .written: "\(page) was written."
        }
    }
}
