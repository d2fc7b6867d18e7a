import X86

extension RegisterOperand {
    /// The name without `%`: `rax`, `eax`, `ax`, `al`, `ah`, `r8d`.
    public var litmusName: String { name }

    /// Finds a register by its name without `%`, in lower case; nil if there is none.
    public init?(litmusName name: String) {
        guard let operand = Self.byName[name] else { return nil }
        self = operand
    }

    /// All names that ``init(litmusName:)`` knows, in the processor's order.
    static let allNames = all.map(\.litmusName)

    private static let all: [RegisterOperand] =
        Register.allCases.flatMap { register in
            Width.allCases.reversed().map { RegisterOperand(register, $0) }
        } + [Register.rax, .rbx, .rcx, .rdx].map { RegisterOperand($0, .byte, isHighByte: true) }

    private static let byName = Dictionary(all.map { ($0.litmusName, $0) }) { first, _ in first }
}
