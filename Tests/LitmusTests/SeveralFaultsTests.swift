import Diagnostics
import Litmus
import Testing
import X86

/// The slips on which a message once named another place or another cause, and what several of one file come to.
@Suite struct SeveralFaultsTests {
    /// What is said of a text, a line for each fault: place, message, remedy.
    private func said(_ source: String) -> [String] {
        guard let diagnostic = fault(in: source) else { return [] }
        return diagnostic.all.map {
            "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.message) | \($0.remedy ?? "-")"
        }
    }

    private static let columns = " P0          | P1          ;\n movl $1,(x) | movl $1,(y) ;\n"

    @Test func aMissingSemicolonIsToldAtTheEndOfItsLine() {
        let remedy = "end each row of the program with `;`"
        #expect(
            said("X86_64 t\n{ }\n P0 | P1 ;\n nop | nop\n nop | nop ;\nexists (x=0)\n") == [
                "4:10 the row does not end: `;` is missing here | \(remedy)"
            ])
        #expect(
            said("X86_64 t\n{ }\n P0 ;\n movl $1,(x)\n movl $2,(x)\n nop ;\nexists (x=0)\n").map { $0.prefix(4) } == [
                "4:12", "5:12",
            ])
        #expect(
            said("X86_64 t\n{ }\n P0 | P1\n nop | bogus ;\nexists (x=0)\n") == [
                "3:8 the row does not end: `;` is missing here | \(remedy)",
                "4:8 unknown instruction \"bogus\" | ptero isa lists the supported instructions",
            ])
        #expect(
            said("X86_64 t\n{ }\n P0 | P1 ;\n nop | nop\nexists (x=0)\n") == [
                "4:10 the row does not end: `;` is missing here | \(remedy)"
            ])
    }

    @Test func aRowOverSeveralLinesIsStillOneRow() throws {
        let test = try parsed("X86_64 t\n{ }\n P0 | P1 ;\n movl\n $1,(x) |\n nop ;\n nop | nop ;\nexists (x=0)\n")
        #expect(test.threads.map { $0.program.instructions.count } == [2, 2])
    }

    @Test(arguments: [
        ("exist (x=0)", "exists"), ("Exists (x=0)", "exists"), ("forll (x=0)", "forall"),
        ("~exist (x=0)", "exists"),
        ("location [x;] exists (x=0)", "locations"), ("exists x=0 /\\ exist x=0", ""),
    ])
    func aSlipInTheWordOfTheCondition(condition: String, meant: String) {
        let lines = said("X86_64 t\n{ }\n\(Self.columns)\(condition)\n")
        #expect(lines.count == 1, "\(lines)")
        if !meant.isEmpty { #expect(lines.first?.hasSuffix("did you mean `\(meant)`?") == true, "\(lines)") }
    }

    @Test func aLabelNamedLikeASlipIsALabel() throws {
        let test = try parsed("X86_64 t\n{ }\n P0 ;\n jmp exit ;\n exit: nop ;\nexists (x=0)\n")
        #expect(test.threads.first?.program.labels["exit"] == 1)
    }

    @Test func fieldsThatAreCalledOtherwiseElsewhereBothTold() {
        #expect(
            said("X86_64 t\n{ [PTE(x)]=(oa:PA(x), w:1, dirty:0); 0:rdi=PTE(x); }\n\(Self.columns)exists (x=0)\n") == [
                "2:23 an entry has no field `w` | on x86 it is called `rw`",
                "2:28 an entry has no field `dirty` | on x86 it is called `d`",
            ])
    }

    @Test func intelsSyntaxIsRecognisedAndRewritten() {
        let lines = said(
            "X86 t\n{ }\n P0 | P1 ;\n MOV [x],$1 | mov dword ptr [rdi+rcx*8+16], 3 ;\n MOV EAX,[y] | lock inc qword ptr [x+8] ;\n"
                + " xchg [x],eax | mov rax,rbx ;\nexists (0:EAX=0)\n")
        #expect(
            lines.dropFirst().map { String($0.split(separator: "`")[1]) } == [
                "movl $1,(x)", "movl $3,16(%rdi,%rcx,8)", "movl (y),%eax", "lock incq x+8", "xchgl %eax,(x)",
                "movq %rbx,%rax",
            ], "\(lines)")
        #expect(lines.first?.hasPrefix("1:1 `X86` is herd7's 32-bit architecture") == true, "\(lines)")
        // A percent sign that is missing makes no line Intel's.
        for line in ["movl (x),eax", "movl $1,eax", "movl %eax,ebx", "addl eax,(x)"] {
            let lines = said("X86_64 t\n{ }\n P0 ;\n \(line) ;\nexists (x=0)\n")
            #expect(lines.count == 1 && lines[0].contains("is a register | write %"), "\(lines)")
        }
        let odd = said("X86_64 t\n{ }\n P0 ;\n vmovups [x],ymm0 ;\nexists (x=0)\n")
        #expect(odd.first?.contains("write the destination last") == true, "\(odd)")
    }

    @Test func assignmentsThatLackTheirSemicolonOrBrace() {
        #expect(
            said("X86_64 t\n{ x=0\n y=1; }\n\(Self.columns)exists (x=0)\n") == [
                "2:5 `;` after the assignment is missing here | assignments end in `;`, the initial state in `}`"
            ])
        #expect(
            said("X86_64 t\n{ x=0;\n\(Self.columns)exists (x=0)\n") == [
                "2:6 the initial state does not end before the columns | write `}` here"
            ])
        #expect(said("X86_64 t\n{ x=0; y=\n").map { $0.prefix(4) } == ["2:9 "])
        // Faults that follow one another: each is found.
        #expect(
            said("X86_64 t\n{ x=§; 0:raxx=1; [PTE(x)]=(zz:1, rw:9); y[2]={1,?}; ; z=§ }\n\(Self.columns)exists (x=0)\n")
                .map { $0.prefix(5) } == ["2:5 `", "2:10 ", "2:28 ", "2:37 ", "2:49 ", "2:57 "])
    }

    @Test func severalPartsOfAFileInReadingOrderAndEachOnce() {
        let lines = said(
            """
            X86_64 t
            CPU=cet cet
            Fault=retryy
            (* Result: Nver cet=Somtimes *)
            { [PTE(x)]=(rwx:1); }
             P0         | P1 ;
             mvol $1,%eax | movl $1 ;
             nop ;
             movl $1,(x) | jmp 1f ;
            locations [0:raxx;]
            exists (lost_drity(x) /\\ 1:eaxx=1)

            """)
        #expect(
            lines.map { String($0.prefix { $0 != " " }) } == [
                "2:5", "3:7", "4:12", "4:21", "5:13", "7:2", "7:17", "8:5", "10:14", "11:9", "11:28",
            ], "\(lines.joined(separator: "\n"))")
    }

    @Test func soManyAreToldOfAHostileFileInTime() {
        let source = "X86_64 t\n{ }\n P0 ;\n" + String(repeating: " bogus ;\n", count: 60_000) + "exists (x=0)\n"
        #expect(fault(in: source)?.all.count == 50)
        let state = "X86_64 t\n{ " + String(repeating: "x=§;", count: 100_000) + "}\n P0 ;\n nop ;\nexists (x=0)\n"
        #expect(fault(in: state)?.all.count == 50)
        let open = "X86_64 t\n{ " + String(repeating: "x={;", count: 100_000)
        #expect((fault(in: open)?.all.count ?? 0) >= 1)
    }

    @Test func namesInTheHeadInResultAndInConditionsHaveTruePlaces() throws {
        let test = try parsed(
            "X86_64 t\n  CPU = cet,  late\n(* Result: Never\n   Result: cet=Never *)\n{ }\n\(Self.columns)"
                + "locations [y;]\nexists (x=0 /\\ [y]=1)\n")
        #expect(test.headers.first?.place(of: "late") == SourcePlace(line: 2, column: 15))
        #expect(test.headers.first?.place(of: "lat") == SourcePlace(line: 2, column: 9))
        #expect(test.places.results == ["cet": SourcePlace(line: 4, column: 12)])
        #expect(test.locations.map(\.span) == [SourceSpan(SourcePlace(line: 8, column: 12))])
        #expect(test.condition.span == SourceSpan(SourcePlace(line: 9, column: 1), length: 6))
    }
}
