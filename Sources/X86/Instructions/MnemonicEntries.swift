extension MnemonicTable {
    /// The whole table in the order of its documentation.
    static let entries: [Mnemonic] =
        movement + ConditionCode.allCases.map(conditionalMove) + ConditionCode.allCases.map(conditionalSet) + stack
        + arithmetic + logic + shifts + atomics + control.prefix(1) + ConditionCode.allCases.map(conditionalJump)
        + control.dropFirst() + flags + strings + system

    private static let movement: [Mnemonic] = [
        Mnemonic(
            group: .movement, name: "mov", operation: .move, shape: .move, suffixes: "bwlq",
            summary: "copy; also to and from CR3, from CR2"),
        Mnemonic(
            group: .movement, name: "movabs", operation: .move, shape: .moveAbsolute, suffixes: "bwlq",
            summary: "copy a 64-bit number"),
        Mnemonic(
            group: .movement, name: "movz", aliases: ["movzx"], operation: .zeroExtend, shape: .extend,
            suffixes: "",
            summary: "copy with zero extension: movzbl, movzwq, ..."),
        Mnemonic(
            group: .movement, name: "movs", aliases: ["movsx", "movsxd"], operation: .signExtend, shape: .extend,
            suffixes: "",
            summary: "copy with sign extension: movsbl, movslq, ..."),
        Mnemonic(
            group: .movement, name: "lea", operation: .loadAddress, shape: .loadAddress, suffixes: "wlq",
            summary: "effective address"),
        Mnemonic(
            group: .movement, name: "bswap", operation: .byteSwap, shape: .registerOnly, suffixes: "lq",
            summary: "reverse the bytes"),
        fixed(.movement, "cbtw", ["cbw"], .extendAccumulator, .word, "sign-extend AL into AX"),
        fixed(.movement, "cwtl", ["cwde"], .extendAccumulator, .long, "sign-extend AX into EAX"),
        fixed(.movement, "cltq", ["cdqe"], .extendAccumulator, .quad, "sign-extend EAX into RAX"),
        fixed(.movement, "cwtd", ["cwd"], .extendIntoData, .word, "sign of AX into DX"),
        fixed(.movement, "cltd", ["cdq"], .extendIntoData, .long, "sign of EAX into EDX"),
        fixed(.movement, "cqto", ["cqo"], .extendIntoData, .quad, "sign of RAX into RDX"),
    ]

    private static func conditionalMove(_ condition: ConditionCode) -> Mnemonic {
        Mnemonic(
            group: .movement, name: "cmov" + condition.name, aliases: condition.names.dropFirst().map { "cmov" + $0 },
            operation: .moveIf(condition), shape: .scan, suffixes: "wlq", summary: "copy if \(condition.words)")
    }

    private static func conditionalSet(_ condition: ConditionCode) -> Mnemonic {
        Mnemonic(
            group: .movement, name: "set" + condition.name, aliases: condition.names.dropFirst().map { "set" + $0 },
            operation: .set(condition), shape: .setByte, suffixes: "b", defaultWidth: .byte,
            summary: "1 if \(condition.words), else 0")
    }

    private static func conditionalJump(_ condition: ConditionCode) -> Mnemonic {
        Mnemonic(
            group: .control, name: "j" + condition.name,
            aliases: (condition.names.dropFirst() + condition.herdNames).map { "j" + $0 },
            operation: .jumpIf(condition), shape: .target, defaultWidth: .quad, summary: "jump if \(condition.words)")
    }

    private static let stack: [Mnemonic] = [
        Mnemonic(
            group: .stack, name: "push", operation: .push, shape: .push, suffixes: "wq", defaultWidth: .quad,
            summary: "store below the stack pointer"),
        Mnemonic(
            group: .stack, name: "pop", operation: .pop, shape: .pop, suffixes: "wq", defaultWidth: .quad,
            summary: "load from the stack"),
        fixed(.stack, "pushfq", ["pushf"], .pushFlags, .quad, "push RFLAGS"),
        fixed(.stack, "popfq", ["popf"], .popFlags, .quad, "pop RFLAGS"),
        fixed(.stack, "leave", ["leaveq"], .leave, .quad, "leave a stack frame"),
    ]

    private static let arithmetic: [Mnemonic] = [
        binary("add", .add, "add"),
        binary("adc", .addCarry, "add with carry"),
        binary("sub", .subtract, "subtract"),
        binary("sbb", .subtractBorrow, "subtract with borrow"),
        Mnemonic(
            group: .arithmetic, name: "cmp", operation: .compare, shape: .binary, suffixes: "bwlq",
            summary: "flags of a subtraction"),
        unary(.arithmetic, "inc", .increment, "add 1, keep CF"),
        unary(.arithmetic, "dec", .decrement, "subtract 1, keep CF"),
        unary(.arithmetic, "neg", .negate, "two's complement"),
        Mnemonic(
            group: .arithmetic, name: "mul", operation: .multiply(isSigned: false), shape: .source, suffixes: "bwlq",
            summary: "unsigned full product"),
        Mnemonic(
            group: .arithmetic, name: "imul", operation: .multiply(isSigned: true), shape: .signedMultiply,
            suffixes: "bwlq",
            summary: "signed product"),
        Mnemonic(
            group: .arithmetic, name: "div", operation: .divide(isSigned: false), shape: .source, suffixes: "bwlq",
            summary: "unsigned division"),
        Mnemonic(
            group: .arithmetic, name: "idiv", operation: .divide(isSigned: true), shape: .source, suffixes: "bwlq",
            summary: "signed division"),
    ]

    private static let logic: [Mnemonic] = [
        binary("and", .and, "bitwise and", .logic),
        binary("or", .or, "bitwise or", .logic),
        binary("xor", .xor, "bitwise exclusive or", .logic),
        unary(.logic, "not", .not, "bitwise complement"),
        Mnemonic(
            group: .logic, name: "test", operation: .test, shape: .test, suffixes: "bwlq",
            summary: "flags of a bitwise and"),
        bitTest("bt", .keep, "copy a bit to CF"),
        bitTest("bts", .set, "copy a bit to CF and set it"),
        bitTest("btr", .reset, "copy a bit to CF and clear it"),
        bitTest("btc", .complement, "copy a bit to CF and flip it"),
        scan("bsf", .forward, "lowest set bit"),
        scan("bsr", .reverse, "highest set bit"),
        scan("tzcnt", .trailingZeros, "count of trailing zeros"),
        scan("lzcnt", .leadingZeros, "count of leading zeros"),
        scan("popcnt", .populationCount, "count of set bits"),
    ]

    private static let shifts: [Mnemonic] = [
        shift("shl", ["sal"], .left, "shift left"),
        shift("shr", [], .right, "shift right"),
        shift("sar", [], .arithmeticRight, "shift right, keep the sign"),
        shift("rol", [], .rotateLeft, "rotate left"),
        shift("ror", [], .rotateRight, "rotate right"),
        shift("rcl", [], .rotateLeftCarry, "rotate left through carry"),
        shift("rcr", [], .rotateRightCarry, "rotate right through carry"),
        Mnemonic(
            group: .shifts, name: "shld", operation: .doubleShift(isLeft: true), shape: .doubleShift, suffixes: "wlq",
            summary: "shift left, fill from a register"),
        Mnemonic(
            group: .shifts, name: "shrd", operation: .doubleShift(isLeft: false), shape: .doubleShift, suffixes: "wlq",
            summary: "shift right, fill from a register"),
    ]

    private static let atomics: [Mnemonic] = [
        Mnemonic(
            group: .atomics, name: "xchg", operation: .exchange, shape: .exchange, suffixes: "bwlq", isLockable: true,
            summary: "exchange; with memory always locked"),
        Mnemonic(
            group: .atomics, name: "xadd", operation: .exchangeAdd, shape: .registerToPlace, suffixes: "bwlq",
            isLockable: true, summary: "exchange and add"),
        Mnemonic(
            group: .atomics, name: "cmpxchg", operation: .compareExchange, shape: .registerToPlace, suffixes: "bwlq",
            isLockable: true,
            summary: "store if the accumulator matches, else load it and write back"),
        Mnemonic(
            group: .atomics, name: "cmpxchg8b", operation: .compareExchangePair, shape: .pair, defaultWidth: .quad,
            isLockable: true,
            summary: "the same for EDX:EAX and ECX:EBX"),
    ]

    private static let control: [Mnemonic] = [
        Mnemonic(
            group: .control, name: "jmp", aliases: ["jmpq"], operation: .jump, shape: .target, defaultWidth: .quad,
            summary: "jump"),
        Mnemonic(
            group: .control, name: "jrcxz", operation: .jumpIfCountZero, shape: .target, defaultWidth: .quad,
            summary: "jump if RCX is 0"),
        Mnemonic(
            group: .control, name: "jecxz", operation: .jumpIfCountZero, shape: .target, defaultWidth: .long,
            summary: "jump if ECX is 0"),
        Mnemonic(
            group: .control, name: "call", aliases: ["callq"], operation: .call, shape: .call, defaultWidth: .quad,
            summary: "call a label, or a kernel service by name"),
        Mnemonic(
            group: .control, name: "ret", aliases: ["retq"], operation: .ret, shape: .returnBytes,
            defaultWidth: .quad, summary: "return"),
        Mnemonic(
            group: .control, name: "nop", operation: .nothing, shape: .anything, suffixes: "wlq",
            defaultWidth: .long, summary: "nothing"),
        fixed(.control, "pause", [], .nothing, .quad, "nothing (a hint in spin loops)"),
        fixed(.control, "endbr64", [], .nothing, .quad, "nothing (a valid branch target)"),
        fixed(.control, "ud2", ["ud2a"], .undefined, .quad, "invalid opcode: the thread ends"),
        fixed(.control, "int3", [], .undefined, .quad, "breakpoint: the thread ends"),
    ]

    private static let flags: [Mnemonic] = [
        fixed(.flags, "clc", [], .changeFlag(.carry, .clear), .quad, "CF := 0"),
        fixed(.flags, "stc", [], .changeFlag(.carry, .set), .quad, "CF := 1"),
        fixed(.flags, "cmc", [], .changeFlag(.carry, .complement), .quad, "CF := not CF"),
        fixed(.flags, "cld", [], .changeFlag(.direction, .clear), .quad, "strings count up"),
        fixed(.flags, "std", [], .changeFlag(.direction, .set), .quad, "strings count down"),
        fixed(.flags, "lahf", [], .loadFlags, .byte, "flags into AH"),
        fixed(.flags, "sahf", [], .storeFlags, .byte, "AH into flags"),
    ]

    /// `movsb`, `movsw`, `movsl`, `movsq`.
    static let moveString = Mnemonic(
        group: .strings, name: "movs", operation: .moveString(isRepeated: false), shape: .string, suffixes: "bwlq",
        summary: "copy (RSI) to (RDI); rep repeats RCX times")

    private static let strings: [Mnemonic] = [
        moveString,
        Mnemonic(
            group: .strings, name: "stos", operation: .storeString(isRepeated: false), shape: .string, suffixes: "bwlq",
            summary: "store the accumulator at (RDI)"),
        Mnemonic(
            group: .strings, name: "lods", operation: .loadString(isRepeated: false), shape: .string, suffixes: "bwlq",
            summary: "load the accumulator from (RSI)"),
    ]

    private static let system: [Mnemonic] =
        [
            fixed(.ordering, "mfence", [], .fence, .quad, "wait until the store buffer is empty"),
            fixed(.ordering, "lfence", [], .nothing, .quad, "nothing on x86-TSO"),
            fixed(.ordering, "sfence", [], .nothing, .quad, "nothing on x86-TSO"),
        ]
        + ["prefetcht0", "prefetcht1", "prefetcht2", "prefetchnta", "prefetchw"].map {
            Mnemonic(
                group: .ordering, name: $0, operation: .nothing, shape: .memory, defaultWidth: .byte,
                summary: "nothing (a hint)")
        }
        // Checked like a load of a byte, sets A and not D (SDM 2A); memory is coherent whatever caches hold.
        + ["clflush", "clflushopt", "clwb"].map {
            Mnemonic(
                group: .ordering, name: $0, operation: .touch, shape: .memory, defaultWidth: .byte,
                summary: "load a byte and drop it: sets A, can fault, changes no value; no fence")
        } + [
            fixed(.ordering, "wbinvd", [], .serialize, .quad, "serialise; memory is coherent whatever caches hold"),
            fixed(.ordering, "cpuid", [], .identify, .quad, "serialise; all leaves read as 0"),
            fixed(.ordering, "serialize", [], .serialize, .quad, "serialise"),
            Mnemonic(
                group: .system, name: "invlpg", operation: .invalidatePage, shape: .memory, defaultWidth: .byte,
                summary: "drop this CPU's translations of a page"),
            Mnemonic(
                group: .system, name: "invpcid", operation: .invalidateContext, shape: .invalidateContext,
                defaultWidth: .quad, summary: "drop translations by type (0 to 3) and descriptor"),
            Mnemonic(
                group: .system, name: "invlpgb", operation: .broadcastInvalidate, shape: .broadcast,
                defaultWidth: .quad, summary: "drop all CPUs' translations that RAX, ECX, EDX name (AMD)"),
            fixed(.system, "tlbsync", [], .broadcastSynchronize, .quad, "wait for this CPU's invlpgb (AMD)"),
            fixed(
                .system, "rdpkru", [], .readProtectionKeys, .quad, "0: protection keys restrict nothing in the model"),
            fixed(.system, "cli", [], .setInterruptFlag(false), .quad, "disable interrupts"),
            fixed(.system, "sti", [], .setInterruptFlag(true), .quad, "enable interrupts"),
            fixed(.system, "clac", [], .nothing, .quad, "nothing (SMAP is off in the model)"),
            fixed(.system, "stac", [], .nothing, .quad, "nothing (SMAP is off in the model)"),
            Mnemonic(
                group: .system, name: "wrssd", operation: .shadowStackStore, shape: .shadowStackStore,
                defaultWidth: .long, summary: "shadow-stack store of 32 bits"),
            Mnemonic(
                group: .system, name: "wrssq", operation: .shadowStackStore, shape: .shadowStackStore,
                defaultWidth: .quad, summary: "shadow-stack store of 64 bits"),
            fixed(.system, "iretq", ["iret"], .interruptReturn, .quad, "return from the fault handler"),
            fixed(.system, "hlt", [], .halt, .quad, "the thread ends"),
        ]

    private static func fixed(
        _ group: InstructionGroup, _ name: String, _ aliases: [String], _ operation: Operation, _ width: Width,
        _ summary: String
    ) -> Mnemonic {
        Mnemonic(
            group: group, name: name, aliases: aliases, operation: operation, shape: .none, defaultWidth: width,
            summary: summary)
    }

    private static func binary(
        _ name: String, _ operation: BinaryOperation, _ summary: String, _ group: InstructionGroup = .arithmetic
    ) -> Mnemonic {
        Mnemonic(
            group: group, name: name, operation: .binary(operation), shape: .binary, suffixes: "bwlq", isLockable: true,
            summary: summary)
    }

    private static func unary(
        _ group: InstructionGroup, _ name: String, _ operation: UnaryOperation, _ summary: String
    ) -> Mnemonic {
        Mnemonic(
            group: group, name: name, operation: .unary(operation), shape: .unary, suffixes: "bwlq", isLockable: true,
            summary: summary)
    }

    private static func bitTest(_ name: String, _ action: BitAction, _ summary: String) -> Mnemonic {
        Mnemonic(
            group: .logic, name: name, operation: .bitTest(action), shape: .bitTest, suffixes: "wlq",
            isLockable: action != .keep, summary: summary)
    }

    private static func scan(_ name: String, _ scan: BitScan, _ summary: String) -> Mnemonic {
        Mnemonic(group: .logic, name: name, operation: .scan(scan), shape: .scan, suffixes: "wlq", summary: summary)
    }

    private static func shift(_ name: String, _ aliases: [String], _ operation: ShiftOperation, _ summary: String)
        -> Mnemonic
    {
        Mnemonic(
            group: .shifts, name: name, aliases: aliases, operation: .shift(operation), shape: .shift, suffixes: "bwlq",
            summary: summary)
    }
}
