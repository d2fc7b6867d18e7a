import ArgumentParser
import Diagnostics
import Report
import X86

/// `ptero isa`.
struct ISA: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "isa",
        abstract: "Lists the instructions and kernel services that tests can use.",
        discussion: """
            EXAMPLES
              ptero isa
              ptero isa cmpxchg xadd
            """)

    static let endings = CommandEndings.ofReference

    @Argument(help: "Instructions or services to explain; all when missing.")
    var names: [String] = []

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let unknown = names.first { name in
            !InstructionSet.contains(name) && !KernelService.names.contains(name)
        }
        if let unknown, let refused = RefusedInstruction(named: unknown.lowercased()) {
            throw Diagnostic(
                withoutPlace: "\(printable(unknown)) \(refused.reason), and is refused", remedy: refused.remedy)
        }
        if let unknown {
            throw Diagnostic(
                withoutPlace: "there is no instruction or service \(printable(unknown))",
                remedy: "`ptero isa` lists them")
        }
        surroundings.output.write(Self.text(names, surroundings.plainStyle))
        return .success
    }

    /// The tables, or those of their lines that explain these names.
    static func text(_ names: [String], _ style: Style = .plain) -> String {
        let wanted = Set(names.map { $0.lowercased() })
        func isWanted(_ mnemonic: MnemonicDescription) -> Bool {
            let spellings = [mnemonic.name] + mnemonic.aliases
            return wanted.isEmpty
                || spellings.contains { name in
                    wanted.contains(name) || mnemonic.suffixes.contains { wanted.contains(name + String($0)) }
                }
        }
        var table = TextTable([
            .init("instruction"), .init("widths"), .init("lock"), .init("operands", maxWidth: 30),
            .init("meaning", maxWidth: 54),
        ])
        var group = ""
        var isEmpty = true
        for mnemonic in InstructionSet.mnemonics where isWanted(mnemonic) {
            if mnemonic.group != group {
                group = mnemonic.group
                table.append(heading: group)
            }
            isEmpty = false
            table.append([
                .init(spellings(mnemonic)),
                .init(mnemonic.suffixes), .init(mnemonic.isLockable ? "lock" : ""),
                .init(mnemonic.forms.joined(separator: "\n")), .init(mnemonic.summary),
            ])
        }
        var services = TextTable([.init("service", maxWidth: 42), .init("meaning", maxWidth: 70)])
        var hasService = false
        for service in KernelService.allCases where wanted.isEmpty || wanted.contains(service.name) {
            hasService = true
            services.append([.init("  call " + service.spelling), .init(service.summary)])
        }
        return (isEmpty ? "" : table.rendered(style)) + (isEmpty || !hasService ? "" : "\n")
            + (hasService ? services.rendered(style) : "")
    }
}

extension ISA {
    /// A mnemonic and its aliases, indented under their group.
    private static func spellings(_ mnemonic: MnemonicDescription) -> String {
        let text = ([mnemonic.name] + mnemonic.aliases).joined(separator: ", ")
        return TextWrap.lines(of: text, width: 22).map { "  " + $0 }.joined(separator: "\n")
    }
}
