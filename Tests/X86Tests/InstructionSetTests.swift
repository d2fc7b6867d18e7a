import Testing

@testable import X86

@Suite struct InstructionSetTests {
    /// The union of all mnemonics that the kernel's page-table code compiles to (kernel facts, B.4), and the herd7 forms.
    static let kernelForms =
        """
        movq %rax,%rcx|movl %eax,%ecx|movb %al,(%rdi)|movw %ax,(%rdi)|movabsq $288230376151711744,%rcx|movzbl %al,%eax|movzwl (%rdi),%eax
        movslq %eax,%rcx|leaq 8(%rdi),%rax|leal -1(%rax),%ecx|pushq %rbx|popq %rbx|addq $8,%rsp|addl %eax,%ecx|subq %rax,%rcx|subl $1,%eax
        andq $-67,%rsi|andl $64,%ecx|andb $1,%al|orq %rsi,%rcx|orl %eax,%ecx|orb %al,%dil|xorq %rax,%rcx|xorl %eax,%eax|xorb $1,%al
        notq %rax|notl %eax|negq %rax|incl (%rdi)|incq %rax|decl %eax|decq %rax|shlq $52,%rcx|shll $6,%eax|shrq $52,%rax|shrl %eax|shrb $3,%al
        sarq $12,%rax|sarl $1,%eax|cmpq %rcx,%rsi|cmpl $0,1204(%rax)|cmpb $0,(%rdi)|testq %rax,%rax|testl $256,%ebx|testb $32,36(%rsi)
        btl $5,%eax|btsq $6,%rax|adcl $0,%eax|sbbq %rax,%rax|rep bsfq %rax,%rcx|ja x|jae x|jb x|jbe x|je x|jg x|jge x|jl x|jle x|jne x|jns x|js x
        sete %al|setne %al|seta %al|setb %al|setae %al|setbe %al|setg %al|setl %al|setge %al|setle %al|sets %al|setns %al
        cmoveq %rax,%rcx|cmovneq %rax,%rcx|cmovnel %eax,%ecx|cmovnsq %rax,%rcx|cmovsq %rax,%rcx|cmovaeq %rax,%rcx|cmovbq %rax,%rcx|cmovaq %rax,%rcx
        cmovll %eax,%ecx|cmovgq %rax,%rcx|cmovlq %rax,%rcx|cmovbel %eax,%ecx|callq f|retq|jmp x|xchgq %rax,(%rdx)|lock cmpxchgq %rcx,(%rdx)
        lock cmpxchgl %ecx,(%rdx)|lock xaddq %rax,(%rdi)|lock incl (%rdi)|lock addl $1,(%rdi)|lock andb $-3,(%rdi)|lock orb $1,(%rdi)|cli|sti
        lock decl (%rdi)|lock btsq %rax,(%rdi)|lock btrq $5,(%rdx)|lock xaddl %eax,(%rdi)|lock subq %rax,(%rdi)|lock addq %rax,(%rdi)|lock decq (%rdi)
        lock incq (%rdi)|lock subl $1,(%rdi)|sbbl %eax,%eax|setb %al|rep movsb|rep nop|pushfq|popfq|bsrq %rax,%rcx|divl %ecx|divq %rcx|mulq %rcx
        rolq $3,%rax|jmpq *%rax|invlpg (%rdi)|invpcid (%rsi),%rax|btsq %rax,(%rdi)|movq %rax,%cr3|movq %cr3,%rax|leave|ud2|nopw 0(%rax,%rax)|endbr64
        """.split(whereSeparator: { $0 == "|" || $0.isNewline }).map(String.init)

    @Test(arguments: kernelForms)
    func everythingThatKernelPageTableCodeCompilesToIsAccepted(_ line: String) throws {
        let program = try parse(line)
        #expect(program.instructions.count == 1)
        #expect(program.instructions.first?.text.isEmpty == false)
    }

    @Test func atLeastThe85MnemonicsOfTheKernelsUnionAreCovered() {
        let words = Self.kernelForms.map { line in
            line.split(separator: " ").first { $0 != "lock" && $0 != "rep" } ?? ""
        }
        #expect(Set(words).count >= 85)
        for word in words { #expect(InstructionSet.contains(String(word)), "\(word)") }
        #expect(InstructionSet.contains("lock"))
        #expect(!InstructionSet.contains("vaddps"))
    }

    @Test func theTableIsCompleteAndWithoutContradictions() {
        let mnemonics = InstructionSet.mnemonics
        #expect(mnemonics.count > 120)
        for mnemonic in mnemonics {
            #expect(!mnemonic.summary.isEmpty && !mnemonic.group.isEmpty && !mnemonic.forms.isEmpty, "\(mnemonic.name)")
            #expect(mnemonic.suffixes.allSatisfy { Width(suffix: $0) != nil }, "\(mnemonic.name)")
            for name in [mnemonic.name] + mnemonic.aliases { #expect(InstructionSet.contains(name), "\(name)") }
        }
        // Every spelling means one thing; `movs` alone is both the extension and the string instruction.
        let names = mnemonics.flatMap { [$0.name] + $0.aliases }
        #expect(names.count == Set(names).count + 1)
        // Groups are printed as blocks.
        var groups: [String] = []
        for mnemonic in mnemonics where groups.last != mnemonic.group { groups.append(mnemonic.group) }
        #expect(groups.count == Set(groups).count)
        // SDM 3A, section 9.1.2.2: the instructions that can be locked.
        let lockable = Set(mnemonics.filter(\.isLockable).map(\.name))
        #expect(
            lockable == [
                "adc", "add", "and", "btc", "btr", "bts", "cmpxchg", "cmpxchg8b", "dec", "inc", "neg", "not", "or",
                "sbb", "sub", "xadd",
                "xchg", "xor",
            ])
    }

    @Test func jumpSetAndCmovAgreeOnAllConditions() throws {
        for code in ConditionCode.allCases {
            for name in code.names {
                for bits in 0..<64 {
                    let kinds: [Flags] = [.carry, .zero, .sign, .overflow, .parity, .adjust]
                    let flags = kinds.indices.reduce(into: Flags()) {
                        if bits >> $1 & 1 != 0 { $0.formUnion(kinds[$1]) }
                    }
                    var file = registers([.rax: 0xff, .rcx: 5], flags: flags)
                    _ = instructions[name, default: []][0].execute(on: &file, loaded: 0)
                    #expect(file[.rax] == (code.holds(flags) ? 1 : 0))
                    _ = instructions[name, default: []][1].execute(on: &file, loaded: 0)
                    #expect(file[.rdx] == (code.holds(flags) ? 5 : 0))
                    file.rip = 0
                    _ = instructions[name, default: []][2].execute(on: &file, loaded: 0)
                    #expect(file.rip == (code.holds(flags) ? 3 : 1))
                }
            }
        }
    }

    private let instructions: [String: [Instruction]] = {
        var table: [String: [Instruction]] = [:]
        for name in ConditionCode.allCases.flatMap(\.names) {
            table[name] = try? parseText("set\(name) %al; cmov\(name) %rcx,%rdx; j\(name) end; end:").linked { _ in nil
            }.instructions
        }
        return table
    }()

    @Test func everyRegisterNameIsKnownInEveryWidth() {
        #expect(RegisterOperand.allNames.count == 16 * 4 + 4)
        #expect(Set(RegisterOperand.allNames).count == 16 * 4 + 4)
        for name in RegisterOperand.allNames { #expect(RegisterOperand(name: name)?.name == name) }
        #expect(RegisterOperand(name: "r10d") == RegisterOperand(.r10, .long))
        #expect(RegisterOperand(name: "sil") == RegisterOperand(.rsi, .byte))
        #expect(RegisterOperand(name: "bh") == RegisterOperand(.rbx, .byte, isHighByte: true))
        for name in ["", "r", "r7", "r16", "r8l", "ral", "rah", "esil", "rip", "eip", "xax", "r08", "raxx", "r10dd"] {
            #expect(RegisterOperand(name: name) == nil, "\(name)")
        }
    }

    @Test func everySpellingFindsItsOwnEntryWithEverySuffixThatItTakes() {
        for entry in MnemonicTable.entries where entry.operation != .moveString(isRepeated: false) {
            for name in [entry.name] + entry.aliases {
                #expect(MnemonicTable.lookup(name)?.mnemonic.name == entry.name, "\(name)")
                for suffix in entry.suffixes {
                    // `cmovl` is the condition "less" of no width, `setb` the condition "below".
                    guard MnemonicTable.entries.allSatisfy({ !([$0.name] + $0.aliases).contains(name + "\(suffix)") })
                    else { continue }
                    let match = MnemonicTable.lookup(name + "\(suffix)")
                    #expect(match?.mnemonic.name == entry.name, "\(name)\(suffix)")
                    #expect(match?.width == Width(suffix: suffix), "\(name)\(suffix)")
                }
            }
        }
        for word in ["", "x", "cmov", "set", "j", "jx", "cmovxq", "setnel", "jneq", "jlte", "movzq", "bndq", "addx"] {
            #expect(MnemonicTable.lookup(word) == nil, "\(word)")
        }
    }
}
