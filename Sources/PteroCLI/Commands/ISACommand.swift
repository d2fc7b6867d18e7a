import ArgumentParser
import Diagnostics
import Machine
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
                remedy: "`ptero isa` lists those there are")
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
        for service in ServiceGuide.all where wanted.isEmpty || wanted.contains(service.name) {
            hasService = true
            services.append([.init("  call " + service.spelling), .init(service.text)])
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

/// What a kernel service does, for readers.
struct ServiceGuide: Sendable, Hashable {
    /// The name with its arguments.
    var spelling: String
    /// One line.
    var text: String

    /// The name alone.
    var name: String { String(spelling.prefix { $0 != "(" }) }

    /// All of them; litmus.md, "Kernel services".
    static let all: [ServiceGuide] = [
        ServiceGuide(
            spelling: "flush_tlb_page(x)",
            text: "drop x's translations here, interrupt the CPUs that run the address space, wait for all"),
        ServiceGuide(
            spelling: "flush_tlb_mm()", text: "the same for all pages of the address space, or of the one named"),
        ServiceGuide(
            spelling: "flush_tlb_range(a, b, s, r)",
            text: "the same for the pages at a, a + 2^s, ... below b, in the address space of root r; for compiled code"
        ),
        ServiceGuide(spelling: "flush_tlb_local(x)", text: "drop x's translations on this CPU only, like invlpg"),
        ServiceGuide(spelling: "spin_lock(l)", text: "take the lock; blocks while somebody else has it"),
        ServiceGuide(
            spelling: "spin_unlock(l)", text: "release the lock: a plain store, which may wait in the store buffer"),
        ServiceGuide(spelling: "wait_for(l, v)", text: "block until the variable has the value"),
        ServiceGuide(spelling: "set_page_dirty(x)", text: "set the page's software dirty flag"),
        ServiceGuide(spelling: "clear_page_dirty(x)", text: "clear the page's software dirty flag"),
        ServiceGuide(spelling: "page_dirty(x)", text: "read the page's software dirty flag"),
        ServiceGuide(
            spelling: "writeback(x)", text: "the page's content has reached storage: it counts as clean from here"),
        ServiceGuide(
            spelling: "reclaim(x)",
            text: "the kernel takes the page for clean and drops it: lost_dirty is decided here too"),
        ServiceGuide(
            spelling: "free_frame(x)",
            text: "the frame may belong to somebody else from here: later accesses are stale_frame"),
    ]
}
