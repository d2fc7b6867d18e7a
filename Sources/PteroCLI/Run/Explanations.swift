import Diagnostics
import Litmus
import Machine
import Report
import X86

/// What `ptero explain` knows, from the same data as `ptero properties`, `profiles` and `isa`.
struct Explanations {
    /// A page of the documentation.
    private struct Page {
        var name: String
        var path: String
    }

    let surroundings: Surroundings
    private let location: CorpusLocation
    private let pages: [Page]

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        location = CorpusLocation(surroundings: surroundings)
        let folder = location.findDocumentation()
        let ending = ".md"
        pages =
            folder.flatMap { folder in
                Files.names(in: surroundings.resolved(folder))?.filter { $0.hasSuffix(ending) }.map {
                    Page(name: String($0.dropLast(ending.count)), path: "\(folder)/\($0)")
                }
            } ?? []
    }

    /// All names, by kind.
    var list: String {
        let width = min(100, max(40, surroundings.plainStyle.width))
        return kinds.filter { !$0.names.isEmpty }.map { kind in
            let lines = TextWrap.lines(of: kind.names.joined(separator: " "), width: width - 4)
            return "\(kind.title)\n" + lines.map { "    \($0)\n" }.joined()
        }.joined(separator: "\n")
    }

    private var kinds: [(title: String, names: [String])] {
        Self.builtIn + [("pages of the documentation", pages.map(\.name))]
    }

    /// What every build knows, whatever is installed with it.
    private static var builtIn: [(title: String, names: [String])] {
        [
            ("properties of conditions", PropertyGuide.all.map(\.name)),
            ("classes of CPUs", CPUProfile.shipped.map(\.name)),
            ("instructions", InstructionSet.mnemonics.flatMap { [$0.name] + $0.aliases }),
            ("kernel services", KernelService.names),
        ]
    }

    /// The names that shells complete.
    static var completed: [String] { builtIn.flatMap(\.names) }

    /// What is known of a name: a text for each of its meanings.
    /// - Throws: `Diagnostic` where it has none.
    func texts(of name: String) throws(Diagnostic) -> [String] {
        var texts: [String] = []
        if let guide = PropertyGuide.all.first(where: { $0.name == Properties.spelling(name) }) {
            let corpus = (try? location.find()) ?? "Corpus"
            texts.append(PropertyGuide.text([guide], corpus: corpus, width: surroundings.plainStyle.width))
        }
        if let profile = CPUProfile.shipped.first(where: { $0.name == name }) {
            let isOnRequest = CPUProfile.onRequest.contains { $0.name == name }
            texts.append(
                ProfileTables.text(
                    [profile], onRequest: isOnRequest ? [profile] : [], style: surroundings.plainStyle))
        }
        // `lock` is a prefix of the set and has no line of its own, `lock()` is a service.
        let isa = InstructionSet.contains(name) || KernelService.names.contains(name) ? isaText(name) : ""
        if !isa.isEmpty { texts.append(isa) }
        if let page = pages.first(where: { [$0.name, $0.name + ".md", $0.path].contains(name) }) {
            texts.append(try text(of: page))
        }
        guard texts.isEmpty else { return texts }
        let type = Files.type(surroundings.resolved(name))
        if !name.isEmpty, type == .regular || (type == nil && name.hasPrefix(TestSource.scenarioPrefix)) {
            return try textsOfTest(name)
        }
        if let refused = RefusedInstruction(named: name.lowercased()) {
            throw Diagnostic(
                withoutPlace: "\(printable(name)) \(refused.reason), and is refused", remedy: refused.remedy)
        }
        throw Diagnostic(withoutPlace: "there is nothing known of \(printable(name))", remedy: remedy(for: name))
    }

    /// What a test asks, and the properties and services that it names.
    private func textsOfTest(_ name: String) throws(Diagnostic) -> [String] {
        guard let source = TestFinder(surroundings: surroundings).sources([name]).first else { return [] }
        let test: LitmusTest
        do throws(Diagnostic) { test = try source.uncompiled() } catch { throw error.inFile(error.file ?? source.file) }
        var texts = [printable(test.name) + (test.description.map { "\n\"\(printable($0))\"" } ?? "") + "\n"]
        // A name is followed by its argument; the same word in a sentence is not.
        let words = Set(
            (source.text ?? "").split(separator: "(", omittingEmptySubsequences: false).dropLast().map { part in
                String(part.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
            })
        let guides = PropertyGuide.all.filter { words.contains($0.name) }
        if !guides.isEmpty {
            let corpus = (try? location.find()) ?? "Corpus"
            texts.append(PropertyGuide.text(guides, corpus: corpus, width: surroundings.plainStyle.width))
        }
        let services = KernelService.names.filter(words.contains)
        if !services.isEmpty { texts.append(ISA.text(services, surroundings.plainStyle)) }
        return texts
    }

    private func isaText(_ name: String) -> String { ISA.text([name], surroundings.plainStyle) }

    private func remedy(for name: String) -> String {
        let names = kinds.flatMap(\.names)
        let near = NearName.of(Properties.spelling(name), among: names) ?? NearName.of(name, among: names)
        // More than a hundred names are no help in one line.
        let list = "`ptero explain` lists what is"
        guard let near else { return pages.isEmpty ? list + "; the documentation is not installed" : list }
        return "did you mean `\(near)`?"
    }

    /// A page as it is written, without the comments that tell CI how its examples are made.
    private func text(of page: Page) throws(Diagnostic) -> String {
        guard let text = surroundings.text(of: page.path) else {
            throw Diagnostic(withoutPlace: "\(page.path) cannot be read", remedy: "check its permissions")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { !$0.hasPrefix("<!--") }.joined(separator: "\n")
    }
}
