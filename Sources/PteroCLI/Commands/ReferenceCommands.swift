import ArgumentParser
import Diagnostics
import Litmus
import Report

/// `ptero properties`.
struct Properties: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "properties",
        abstract: "Explains the properties that conditions can name.",
        discussion: """
            EXAMPLES
              ptero properties
              ptero properties \(Property.lostDirty.name) \(ThreadProperty.stuck.name)
            """)

    static let endings = CommandEndings.ofReference

    @Argument(help: "Properties to explain; all when missing.")
    var names: [String] = []

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        // Where the corpus is not installed the paths still say which test is meant.
        let corpus = (try? CorpusLocation(surroundings: surroundings).find()) ?? "Corpus"
        if let name = names.first(where: { name in !PropertyGuide.all.contains { $0.name == Self.spelling(name) } }) {
            throw Diagnostic(
                withoutPlace: "there is no property \(printable(name))",
                remedy: "properties: " + PropertyGuide.all.map(\.name).joined(separator: ", "))
        }
        let wanted = Set(names.map(Self.spelling))
        let guides = PropertyGuide.all.filter { wanted.isEmpty || wanted.contains($0.name) }
        surroundings.output.write(PropertyGuide.text(guides, corpus: corpus, width: surroundings.plainStyle.width))
        return .success
    }

    /// `lost-dirty` and `lost_dirty(x)` mean `lost_dirty`.
    static func spelling(_ name: String) -> String {
        String(name.prefix { $0 != "(" }).replacing("-", with: "_")
    }
}

/// `ptero limits`.
struct Limits: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Says what the model of the CPUs leaves out.",
        discussion: """
            EXAMPLES
              ptero limits
            """)

    static let endings = CommandEndings.ofReference

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        surroundings.output.write(ModelLimits.text(width: surroundings.plainStyle.width))
        return .success
    }
}
