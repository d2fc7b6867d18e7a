import Litmus
import Testing
import X86

@Suite struct InitialStateTests {
    private func state(_ text: String) throws -> [Initialization] {
        try parsed(Sample.test(state: text)).initializations
    }

    private func only(_ text: String) throws -> Initialization {
        let all = try state(text)
        try #require(all.count == 1)
        return all[0]
    }

    @Test(arguments: ["", ";", " ; ; ", "\n"])
    func emptyStates(_ text: String) throws { #expect(try state(text).isEmpty) }

    @Test(
        arguments: [
            ("x=1", 1), ("[x]=1", 1), ("x = 0x1F", 0x1f), ("x=0XfF", 0xff), ("x=-1", UInt64.max), ("int x", 0),
            ("x", 0),
            ("uint64_t x=18446744073709551615", .max), ("x=-9223372036854775808", 1 << 63), ("uint64_t [x]=7", 7),
        ] as [(String, UInt64)])
    func variables(_ text: String, _ value: UInt64) throws {
        let assignment = try only(text)
        #expect(assignment.location == .memory(.variable("x"), index: 0))
        #expect(assignment.values == [.integer(value)])
    }

    @Test(arguments: [
        ("int x=1", "int", 4), ("unsigned long x", "unsigned long", 8), ("uint8_t x=1", "uint8_t", 1),
        ("volatile char x", "volatile char", 1), ("int *x = y", "int *", 8), ("pteval_t [PTE(x)]=1", "pteval_t", 8),
        ("uint16_t 0:ax=1", "uint16_t", 2),
    ])
    func types(_ text: String, _ type: String, _ size: Int) throws {
        let assignment = try only(text)
        #expect(assignment.type == type)
        #expect(assignment.elementSize == size)
    }

    @Test func aMissingTypeGivesNoSize() throws { #expect(try only("x=1").elementSize == nil) }

    @Test func arrays() throws {
        #expect(try only("int x[3] = {1, -1, y}").values == [.integer(1), .integer(.max), .address(.variable("y"))])
        #expect(try only("x[2]={1,2}").values == [.integer(1), .integer(2)])
        #expect(try only("long x[2]").values == [.integer(0), .integer(0)])
        #expect(try only("long x[2]").location == .memory(.variable("x"), index: 0))
    }

    @Test(arguments: [
        ("0:rax=x", Location.register(processor: 0, RegisterOperand(.rax)), Value.address(.variable("x"))),
        ("P1:eax=1", .register(processor: 1, RegisterOperand(.rax, .long)), .integer(1)),
        ("0:al=1", .register(processor: 0, RegisterOperand(.rax, .byte)), .integer(1)),
        ("0:bh=1", .register(processor: 0, RegisterOperand(.rbx, .byte, isHighByte: true)), .integer(1)),
        ("0:sil=1", .register(processor: 0, RegisterOperand(.rsi, .byte)), .integer(1)),
        ("0:r8d=1", .register(processor: 0, RegisterOperand(.r8, .long)), .integer(1)),
        ("0:%R15=&x", .register(processor: 0, RegisterOperand(.r15)), .address(.variable("x"))),
        ("0:rax=PTE(x)", .register(processor: 0, RegisterOperand(.rax)), .address(.leaf(page: "x", space: nil))),
        ("0:rax=pte_x", .register(processor: 0, RegisterOperand(.rax)), .address(.leaf(page: "x", space: nil))),
        ("0:rax=PTE(c:x)", .register(processor: 0, RegisterOperand(.rax)), .address(.leaf(page: "x", space: "c"))),
        ("0:rax=PA(x)", .register(processor: 0, RegisterOperand(.rax)), .address(.frame("x"))),
        ("1:mm = child", .setting(processor: 1, "mm"), .address(.variable("child"))),
        ("0:cpl=3", .setting(processor: 0, "cpl"), .integer(3)),
        ("0:if=0", .setting(processor: 0, "if"), .integer(0)),
        ("0:cr0.wp=0", .setting(processor: 0, "cr0.wp"), .integer(0)),
        ("[PA(x)]=3", .memory(.frame("x"), index: 0), .integer(3)),
        ("*x=3", .memory(.variable("x"), index: 0), .integer(3)),
    ])
    func locationsAndValues(_ text: String, _ location: Location, _ value: Value) throws {
        let assignment = try only(text)
        #expect(assignment.location == location)
        #expect(assignment.values == [value])
    }

    @Test(arguments: ["[PTE(x)]", "PTE(x)", "pte_x", "[pte_x]", "pteval_t PTE(x)", "TTD(x)"])
    func entries(_ left: String) throws {
        let assignment = try only("\(left) = (oa:PA(y), rw:1, d:0, pkey:15)")
        #expect(assignment.location == .memory(.leaf(page: "x", space: nil), index: 0))
        let fields = [
            EntryField(name: "rw", value: 1), EntryField(name: "d", value: 0), EntryField(name: "pkey", value: 15),
        ]
        #expect(assignment.values == [.entry(EntryLiteral(frame: "y", fields: fields))])
    }

    @Test func otherAddressSpaces() throws {
        let assignment = try only("[PTE(child:x)] = (p:0)")
        #expect(assignment.location == .memory(.leaf(page: "x", space: "child"), index: 0))
        #expect(assignment.values == [.entry(EntryLiteral(fields: [EntryField(name: "p", value: 0)]))])
    }

    @Test func placesAreThoseOfTheText() throws {
        let places = try parsed(Sample.everything).initializations.prefix(3).map(\.place)
        #expect(places == [.init(line: 16, column: 3), .init(line: 16, column: 12), .init(line: 16, column: 18)])
    }

    @Test func equalAssignmentsAreNoContradiction() throws {
        #expect(try state("x=1; [x]=1; x=0x1; 0:rax=2; 0:eax=2; 0:bh=1; 0:bl=2").count == 7)
        #expect(try state("[PTE(x)]=(rw:1, d:0); PTE(mm:x)=(d:0, rw:1)").count == 2)
    }

    @Test(arguments: [
        FaultCase(Sample.test(state: "x=1; x=2;"), "`[x]` was set otherwise in line 3", at: "x=2"),
        FaultCase(Sample.test(state: "x=1; [PA(x)]=2;"), "was set otherwise", at: "[PA(x)]=2"),
        FaultCase(Sample.test(state: "int x; x=2;"), "was set otherwise", at: "x=2", remedy: "declaration"),
        FaultCase(Sample.test(state: "0:rax=1; 0:al=2;"), "was set otherwise", at: "0:al=2"),
        FaultCase(Sample.test(state: "PTE(x)=(rw:1); PTE(mm:x)=(rw:0);"), "was set otherwise", at: "PTE(mm:x)=(rw:0)"),
        FaultCase(Sample.test(state: "0:cpl=0; 0:cpl=3;"), "was set otherwise", at: "0:cpl=3"),
        FaultCase(Sample.test(state: "x=1 y=2"), "expected `;`", at: "y"),
        FaultCase(Sample.test(state: "x=12ab;"), "`12ab` is not a number", at: "12ab"),
        FaultCase(Sample.test(state: "x=0x;"), "`0x` is not a number", at: "0x"),
        FaultCase(Sample.test(state: "x=18446744073709551616;"), "64 bits", at: "18446744073709551616"),
        FaultCase(Sample.test(state: "x=-9223372036854775809;"), "64 bits", at: "-9223372036854775809"),
        FaultCase(Sample.test(state: "x==1;"), "expected `=`", at: "=="),
        FaultCase(Sample.test(state: "x=;"), "expected a value", at: ";"),
        FaultCase(Sample.test(state: "itn x=1;"), "no type `itn`", at: "itn", remedy: "`int`"),
        FaultCase(Sample.test(state: "x[1]=5;"), "values in braces", at: "x[1]", remedy: "size"),
        FaultCase(Sample.test(state: "[x[1]]=5;"), "single elements", at: "[x[1]]", remedy: "whole array"),
        FaultCase(Sample.test(state: "int x[2]={1};"), "2 elements and 1 values", at: "x[2]"),
        FaultCase(Sample.test(state: "int x={1,2};"), "several values need an array", at: "x"),
        FaultCase(Sample.test(state: "int x[0];"), "at least one element", at: "x[0]"),
        FaultCase(Sample.test(state: "int x[99999999999];"), "at most 4096", at: "99999999999"),
        FaultCase(Sample.test(state: "0:rax=x[1];"), "address of an array's element", at: "x["),
        FaultCase(Sample.test(state: "0:rxx=1;"), "no register `rxx`", at: "rxx", remedy: "`rax`"),
        FaultCase(Sample.test(state: "0:cr0.pg=1;"), "no register `cr0.pg`", at: "cr0.pg"),
        FaultCase(Sample.test(state: "2:rax=1;"), "no processor P2", at: "2", remedy: "P0 to P1"),
        FaultCase(Sample.test(state: "999999:rax=1;"), "at most 256", at: "999999"),
        FaultCase(Sample.test(state: "0:cpl=1;"), "`cpl` does not take this value", at: "0:cpl=1", remedy: "0:cpl=3"),
        FaultCase(Sample.test(state: "0:mm=1;"), "`mm` does not take", at: "0:mm=1", remedy: "child"),
        FaultCase(Sample.test(state: "0:if;"), "`if` is given no value", at: "0:if"),
        FaultCase(Sample.test(state: "P4D(x)=(p:1);"), "five page-table levels", at: "P4D"),
        FaultCase(Sample.test(state: "PTE(PTE(x))=1;"), "takes a variable", at: "PTE", remedy: "`PMD(x)`"),
        FaultCase(Sample.test(state: "ABC(x)=1;"), "names nothing in memory", at: "ABC"),
        FaultCase(
            Sample.test(state: "PTE(x)=(table:PT(x));"), "does not point to a table", at: "(table:PT(x))",
            remedy: "(oa:PA(x))"),
        FaultCase(Sample.test(state: "PTE(x)=(attrs:(Normal));"), "Arm", at: "attrs", remedy: "pwt"),
        FaultCase(Sample.test(state: "PTE(x)=(rw:2);"), "one bit", at: "2", remedy: "0 to 1"),
        FaultCase(Sample.test(state: "PTE(x)=(pkey:16);"), "4 bits", at: "16", remedy: "0 to 15"),
        FaultCase(Sample.test(state: "PTE(x)=(rww:1);"), "no field `rww`", at: "rww", remedy: "`rw`"),
        FaultCase(Sample.test(state: "PTE(x)=(valid:0);"), "no field `valid`", at: "valid", remedy: "`p`"),
        FaultCase(
            Sample.test(state: "PTE(x)=(ps:1);"), "`ps` belongs to entries above the leaf", at: "(ps:1)", remedy: "pat"),
        FaultCase(Sample.test(state: "PTE(x)=(d:1, d:1);"), "gives `d` twice", at: "d"),
        FaultCase(Sample.test(state: "PTE(x)=(oa:x);"), "a frame is written `PA(x)`", at: "x"),
        FaultCase(Sample.test(state: "PTE(x)=(rw);"), "expected `:`", at: ")"),
        FaultCase(Sample.test(state: "PTE(x)=();"), "expected the name of an entry's field", at: ")"),
        FaultCase(Sample.test(state: "[PTE(x)].d=1;"), "sets whole entries", at: "d"),
        FaultCase(Sample.test(state: "x=§;"), "`§` has no meaning", at: "§"),
        FaultCase("X86_64 t\n{ x=1;", "initial state does not end", at: ";", remedy: "}"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
