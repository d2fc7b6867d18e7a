import Litmus
import X86

/// The instructions that candidates of a problem are made of.
///
/// A form that does the same as a narrower one is left out: `lock andq $-3` and `lock andb $-3` leave the same entry. So are
/// accesses of bytes in which the problem has no field, and loads and stores of 2 and 4 bytes, which see no field that those of
/// 1 and 8 do not see.
struct Grammar {
    /// All of them, in a fixed order.
    let templates: [Template]
    /// Those on registers alone.
    let registerTemplates: [Template]
    /// The scratch registers by number.
    let scratch: [Register]
    /// The register that holds the entry's address.
    let pointer: Register

    /// - Parameters:
    ///   - flush: a call of the service that flushes the page, where the contract allows one.
    init(_ contract: HoleContract, masks: Masks, pointer: Register, flush: String) {

        scratch = Self.ordered(contract.scratch)
        self.pointer = pointer
        var maker = TemplateMaker(scratch: scratch, pointer: pointer)
        for (offset, unions) in masks.byByte { maker.byteForms(offset, unions) }
        maker.wideForms(bits: masks.bits)
        maker.add(.fence, 8, "mfence")
        if contract.mayFlush { maker.add(.flush, 8, flush) }
        let memory = maker.templates
        maker.templates = []
        maker.registerForms(masks)
        func isAllowed(_ template: Template) -> Bool {
            if template.isLocked && !contract.mayLock { return false }
            let mnemonic = Self.mnemonic(of: template.text)
            func names(_ word: String) -> Bool { mnemonic == word || mnemonic.dropLast() == word }
            if !contract.only.isEmpty && !contract.only.contains(where: names) { return false }
            return !contract.without.contains(where: names)
        }
        registerTemplates = maker.templates.filter(isAllowed)
        templates = memory.filter(isAllowed) + registerTemplates
    }

    /// Scratch registers in the order of their numbers: rax first, with which `cmpxchg` compares.
    static func ordered(_ registers: [Register]) -> [Register] { registers.sorted { $0.rawValue < $1.rawValue } }

    /// The mnemonic of an instruction, its `lock` left out.
    static func mnemonic(of text: String) -> String {
        let words = text.split(separator: " ")
        return String(words.first { $0 != "lock" } ?? "")
    }
}

/// Writes instructions.
struct TemplateMaker {
    let scratch: [Register]
    let pointer: Register
    var templates: [Template] = []

    init(scratch: [Register], pointer: Register) {
        self.scratch = scratch
        self.pointer = pointer
    }

    /// The name of a scratch register by number.
    func name(_ register: UInt8, _ width: UInt8) -> String {
        "%" + RegisterOperand(scratch[Int(register)], Width(rawValue: width) ?? .quad).name
    }

    /// The operand that is the entry, from a byte on.
    func place(_ offset: UInt8) -> String {
        (offset == 0 ? "" : "\(offset)") + "(%" + RegisterOperand(pointer).name + ")"
    }

    static func suffix(_ width: UInt8) -> String { width == 1 ? "b" : width == 2 ? "w" : width == 4 ? "l" : "q" }

    var registers: Range<UInt8> { 0..<UInt8(scratch.count) }

    mutating func add(
        _ action: Template.Action, _ width: UInt8, _ text: String, offset: UInt8 = 0, register: UInt8 = 0,
        source: UInt8 = 0, constant: UInt64 = 0
    ) {
        templates.append(
            Template(
                action: action, width: width, offset: offset, register: register, source: source, constant: constant,
                text: text))
    }

    /// What is done to one byte of the entry.
    mutating func byteForms(_ offset: UInt8, _ masks: [UInt64]) {
        let place = place(offset)
        for register in registers {
            add(.load, 1, "movzbl \(place),\(name(register, 4))", offset: offset, register: register)
            add(.store, 1, "movb \(name(register, 1)),\(place)", offset: offset, register: register)
        }
        for mask in masks {
            add(.lockAnd, 1, "lock andb $\(Self.signed(~mask)),\(place)", offset: offset, constant: ~mask & 0xff)
            add(.lockOr, 1, "lock orb $\(Self.signed(mask)),\(place)", offset: offset, constant: mask)
            add(.lockXor, 1, "lock xorb $\(Self.signed(mask)),\(place)", offset: offset, constant: mask)
            add(.lockAdd, 1, "lock addb $\(Self.signed(mask)),\(place)", offset: offset, constant: mask)
            add(.lockSub, 1, "lock subb $\(Self.signed(mask)),\(place)", offset: offset, constant: mask)
        }
        add(.lockNot, 1, "lock notb \(place)", offset: offset)
        add(.lockNeg, 1, "lock negb \(place)", offset: offset)
        add(.lockInc, 1, "lock incb \(place)", offset: offset)
        add(.lockDec, 1, "lock decb \(place)", offset: offset)
        registerOperands(1, offset)
    }

    /// What is done to the whole entry.
    mutating func wideForms(bits: [UInt64]) {
        let place = place(0)
        for register in registers {
            add(.load, 8, "movq \(place),\(name(register, 8))", register: register)
            add(.store, 8, "movq \(name(register, 8)),\(place)", register: register)
        }
        add(.storeConstant, 8, "movq $0,\(place)")
        for bit in bits {
            add(.lockBts, 8, "lock btsq $\(bit),\(place)", constant: 1 << bit)
            add(.lockBtr, 8, "lock btrq $\(bit),\(place)", constant: 1 << bit)
            add(.lockBtc, 8, "lock btcq $\(bit),\(place)", constant: 1 << bit)
        }
        add(.lockNeg, 8, "lock negq \(place)")
        registerOperands(8, 0)
    }

    /// Locked operations with a register.
    private mutating func registerOperands(_ width: UInt8, _ offset: UInt8) {
        let forms: [(Template.Action, String)] = [
            (.lockAndRegister, "and"), (.lockOrRegister, "or"), (.lockXorRegister, "xor"), (.lockAddRegister, "add"),
            (.lockSubRegister, "sub"), (.lockXadd, "xadd"),
        ]
        let suffix = Self.suffix(width)
        for register in registers {
            for (action, word) in forms {
                add(
                    action, width, "lock \(word)\(suffix) \(name(register, width)),\(place(offset))", offset: offset,
                    register: register)
            }
            add(
                .xchg, width, "xchg\(suffix) \(name(register, width)),\(place(offset))", offset: offset,
                register: register)
            if scratch.first == .rax && register != 0 {
                add(
                    .cmpxchg, width, "lock cmpxchg\(suffix) \(name(register, width)),\(place(offset))", offset: offset,
                    register: register)
            }
        }
    }

    /// What is done to registers.
    mutating func registerForms(_ masks: Masks) {
        for register in registers {
            let (long, quad, byte) = (name(register, 4), name(register, 8), name(register, 1))
            add(.clear, 4, "xorl \(long),\(long)", register: register)
            for (offset, unions) in masks.byByte where offset < 4 {
                for mask in unions {
                    let wide = mask << (UInt64(offset) * 8)
                    add(.andConstant, 4, "andl $\(wide),\(long)", register: register, constant: wide)
                    add(.andConstant, 8, "andq $\(Self.signed64(~wide)),\(quad)", register: register, constant: ~wide)
                    add(.orConstant, 8, "orq $\(wide),\(quad)", register: register, constant: wide)
                }
            }
            // After a load of its byte alone.
            for (offset, unions) in masks.byByte where offset >= 4 {
                for mask in unions {
                    add(.andConstant, 4, "andl $\(mask),\(long)", register: register, constant: mask)
                }
            }
            for distance in masks.distances {
                add(.shiftLeft, 8, "shlq $\(distance),\(quad)", register: register, constant: distance)
                add(.shiftRight, 8, "shrq $\(distance),\(quad)", register: register, constant: distance)
            }
            for bit in masks.bits {
                add(.bitTest, 8, "btq $\(bit),\(quad)", register: register, constant: 1 << bit)
                add(.bitSet, 8, "btsq $\(bit),\(quad)", register: register, constant: 1 << bit)
                add(.bitReset, 8, "btrq $\(bit),\(quad)", register: register, constant: 1 << bit)
            }
            add(.carryMask, 8, "sbbq \(quad),\(quad)", register: register)
            add(.carryBit, 1, "setc \(byte)", register: register)
            add(.zeroBit, 1, "setz \(byte)", register: register)
            add(.negate, 8, "negq \(quad)", register: register)
            add(.not, 8, "notq \(quad)", register: register)
            for source in registers where source != register {
                twoRegisters(register, source)
            }
        }
    }

    private mutating func twoRegisters(_ register: UInt8, _ source: UInt8) {
        let forms: [(Template.Action, String)] = [
            (.move, "movq"), (.and, "andq"), (.or, "orq"), (.xor, "xorq"), (.add, "addq"), (.sub, "subq"),
        ]
        for (action, word) in forms {
            add(
                action, 8, "\(word) \(name(source, 8)),\(name(register, 8))", register: register, source: source)
        }
    }

    /// A mask of a byte as an immediate of one byte, which is signed.
    static func signed(_ mask: UInt64) -> Int { Int(Int8(truncatingIfNeeded: mask)) }

    static func signed64(_ mask: UInt64) -> Int { Int(Int64(bitPattern: mask)) }
}
