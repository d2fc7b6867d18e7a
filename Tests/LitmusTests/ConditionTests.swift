import Litmus
import Testing
import X86

@Suite struct ConditionTests {
    private static let program = " P0 | P1 ;\n L0: movl $1,(x) | movl $1,(y) ;\n"

    private func proposition(_ text: String) throws -> Proposition {
        try parsed(Sample.test(program: Self.program, "exists \(text)")).condition.proposition
    }

    private static let rax = Location.register(processor: 0, RegisterOperand(.rax))
    private static let x = Location.memory(.variable("x"), index: 0)
    private static let leaf = MemoryName.leaf(page: "x", space: nil)

    @Test(arguments: [
        ("exists", Quantifier.exists), ("~exists", .notExists), ("~ exists", .notExists), ("not exists", .notExists),
        ("forall", .forall), ("final", .exists),
    ])
    func quantifiers(_ word: String, _ quantifier: Quantifier) throws {
        #expect(try parsed(Sample.test("\(word) (true)")).condition == Condition(quantifier, .constant(true)))
    }

    @Test(arguments: [
        ("0:rax=1", Proposition.equal(rax, .integer(1))), ("P0:rax==1", .equal(rax, .integer(1))),
        ("0:rax=x", .equal(rax, .address(.variable("x")))), ("0:rax!=1", .not(.equal(rax, .integer(1)))),
        ("0:rax<>-1", .not(.equal(rax, .integer(.max)))), ("x=1", .equal(x, .integer(1))),
        ("[x]=1", .equal(x, .integer(1))),
        ("a[1]=2", .equal(.memory(.variable("a"), index: 1), .integer(2))),
        ("[x]=y", .equal(x, .address(.variable("y")))),
        ("[x]=[PA(y)]", .same(x, .memory(.frame("y"), index: 0))),
        ("x=*y", .same(x, .memory(.variable("y"), index: 0))),
        ("[x]=0:rax", .same(x, rax)), ("0:rax!=P0:rax", .not(.same(rax, rax))),
        ("[PTE(x)].d=1", .equal(.field(leaf, "d"), .integer(1))), ("pte_x.d=1", .equal(.field(leaf, "d"), .integer(1))),
        ("[PTE(x)].oa=PA(y)", .equal(.field(leaf, "oa"), .address(.frame("y")))),
        ("[PTE(x)]=(rw:0)", .equal(.memory(leaf, index: 0), .entry(.init(fields: [.init(name: "rw", value: 0)])))),
        ("[PTE(x)]==(rw:0)", .identical(.memory(leaf, index: 0), .entry(.init(fields: [.init(name: "rw", value: 0)])))),
        ("fault(P1,x)", .fault(processor: 1, label: nil, page: "x")),
        ("Fault(P1)", .fault(processor: 1, label: nil, page: nil)),
        ("fault(P0:L0,x)", .fault(processor: 0, label: "L0", page: "x")), ("stuck(P1)", .stuck(processor: 1)),
        ("wild(P1)", .wild(processor: 1)),
        ("pte_1=1", .equal(.memory(.variable("pte_1"), index: 0), .integer(1))),
        ("true", .constant(true)), ("false", .constant(false)),
    ])
    func atoms(_ text: String, _ expected: Proposition) throws { #expect(try proposition(text) == expected) }

    @Test(arguments: Property.allCases.filter { !$0.isAboutTable })
    func properties(_ property: Property) throws {
        let proposition = try proposition("\(property.name)(x)")
        #expect(proposition == .property(property, page: "x"))
        #expect(LitmusWriter.text(of: proposition) == "\(property.name)(x)")
    }

    @Test(arguments: ThreadProperty.allCases)
    func threadProperties(_ property: ThreadProperty) throws {
        let proposition = try proposition("\(property.name)(P1)")
        #expect(LitmusWriter.text(of: proposition) == "\(property.name)(P1)")
        #expect(ThreadProperty(spelling: property.name) == property)
    }

    @Test(arguments: [
        ("true /\\ false \\/ true", Proposition.or([.and([.constant(true), .constant(false)]), .constant(true)])),
        ("true \\/ false /\\ true", .or([.constant(true), .and([.constant(false), .constant(true)])])),
        ("(true \\/ false) /\\ true", .and([.or([.constant(true), .constant(false)]), .constant(true)])),
        ("~true /\\ not false", .and([.not(.constant(true)), .not(.constant(false))])),
        ("~~(true)", .not(.not(.constant(true)))),
        ("true /\\ true /\\ true", .and([.constant(true), .constant(true), .constant(true)])),
        ("true => false => true", .or([.not(.constant(true)), .or([.not(.constant(false)), .constant(true)])])),
        ("true /\\ true => false", .and([.constant(true), .or([.not(.constant(true)), .constant(false)])])),
    ])
    func precedence(_ text: String, _ expected: Proposition) throws { #expect(try proposition(text) == expected) }

    @Test func locationsAndFilter() throws {
        let test = try parsed(
            Sample.test("locations [x; 0:rax int*; ; [PTE(x)] pteval_t]\nfilter 0:rax=1\nforall (x=1);"))
        #expect(test.locations == [Self.x, Self.rax, .memory(Self.leaf, index: 0)])
        #expect(test.filter == .equal(Self.rax, .integer(1)))
        #expect(try parsed(Sample.test("locations []\nexists (true)")).locations.isEmpty)
    }

    @Test func nothingIsReadBehindTheEndMark() throws {
        #expect(
            try parsed(Sample.test("exists (x=1)\n<< ))) anything")).condition.proposition
                == .equal(Self.x, .integer(1)))
    }

    @Test func nestingHasALimit() throws {
        func nested(_ depth: Int) -> String {
            "exists " + String(repeating: "(", count: depth) + "true" + String(repeating: ")", count: depth)
        }
        #expect(try parsed(Sample.test(nested(200))).condition.proposition == .constant(true))
        #expect(fault(in: Sample.test(nested(201)))?.message == "the condition nests deeper than 200 levels")
        #expect(fault(in: Sample.test(nested(1_000_000)))?.message == "the condition nests deeper than 200 levels")
        for sign in ["~", "not ", "true => "] {
            let source = Sample.test("exists " + String(repeating: sign, count: 300) + "true")
            #expect(fault(in: source)?.message == "the condition nests deeper than 200 levels")
        }
    }

    @Test func longChainsAreNotDeep() throws {
        let chain = Array(repeating: "x=1", count: 5000).joined(separator: " /\\ ")
        guard case .and(let parts) = try proposition(chain).kind else { Issue.record("no conjunction"); return }
        #expect(parts.count == 5000)
    }

    @Test(arguments: [
        FaultCase(Sample.test(""), "no condition", at: ";", remedy: "forall (true)"),
        FaultCase(Sample.test("filter x=1"), "no condition", at: "1", remedy: "forall (true)"),
        FaultCase(Sample.test("exists"), "expected a variable", at: "s"),
        FaultCase(Sample.test("exists (x=1"), "`)` after the proposition is missing", at: "1", remedy: "/\\"),
        FaultCase(Sample.test("exists x=1 y=2"), "expected the end", at: "y"),
        FaultCase(Sample.test("exists (x=1) with tso: forall"), "expected the end", at: "with", remedy: "remove"),
        FaultCase(Sample.test("exists (x=1 && y=1)"), "`&` has no meaning", at: "&"),
        FaultCase(Sample.test("exists (x=1 & y=1)"), "expected `)`", at: "&"),
        FaultCase(Sample.test("exists (!x=1)"), "`!` has no meaning", at: "!", remedy: "~"),
        FaultCase(Sample.test("exists (x)"), "expected `=` and a value", at: ")"),
        FaultCase(Sample.test("exists (0:rax)"), "expected `=` and a value", at: ")"),
        FaultCase(Sample.test("exists (5:rax=1)"), "no processor P5", at: "5"),
        FaultCase(Sample.test("locations [7:rax;] exists (true)"), "no processor P7", at: "7"),
        FaultCase(Sample.test("exists (0:cpl=3)"), "only be set in the initial state", at: "cpl"),
        FaultCase(
            Sample.test("exists (lost_dirt(x))"), "no property `lost_dirt`", at: "lost_dirt", remedy: "`lost_dirty`"),
        FaultCase(Sample.test("exists (nonsense(x))"), "no property `nonsense`", at: "nonsense", remedy: "`stuck`"),
        FaultCase(Sample.test("exists (lost_dirty(q))"), "does not use `q`", at: "q"),
        FaultCase(Sample.test("exists (lost_dirty())"), "expected a variable", at: ")"),
        FaultCase(Sample.test("exists (stuck(x))"), "expected a processor", at: "x", remedy: "P0"),
        FaultCase(Sample.test("exists (stuck(P4))"), "no processor P4", at: "P4"),
        FaultCase(Sample.test("exists (fault(P3,x))"), "no processor P3", at: "P3"),
        FaultCase(Sample.test(program: program, "exists (fault(P0:L9,x))"), "no label `L9`", at: "L9", remedy: "`L0`"),
        FaultCase(Sample.test(program: program, "exists (fault(P1:L0,x))"), "P1 has no label `L0`", at: "L0"),
        FaultCase(Sample.test(program: program, "exists (fault(P1,x,MMU:Permission))"), "not told apart", at: ","),
        FaultCase(Sample.test("exists ([x].d=1)"), "only page-table entries have fields", at: "x"),
        FaultCase(Sample.test("exists ([PTE(x)].dd=1)"), "no field `dd`", at: "dd"),
        FaultCase(Sample.test("exists ([PTE(x)].d=2)"), "never has this value", at: "[PTE(x)].d=2"),
        FaultCase(Sample.test("exists ([PTE(x)].oa=1)"), "never has this value", at: "[PTE(x)].oa=1", remedy: "PA(x)"),
        FaultCase(Sample.test("exists ([PTE(x)[1]]=1)"), "only variables have elements", at: "PTE(x)[1"),
        FaultCase(Sample.test("exists ([P4D(x)]=1)"), "five page-table levels", at: "P4D", remedy: "`PGD(x)`"),
        FaultCase(Sample.test("locations [x y exists (true)"), "expected `;`", at: "("),
        FaultCase(Sample.test("locations [fault(P0,x)] exists (true)"), "cannot list faults", at: "fault"),
        FaultCase(Sample.test("ensures (x=1)\nexists (true)"), "no register `x`", at: "x"),
        FaultCase(Sample.test("observed (x=1)"), "expected `exists`", at: "observed"),
        FaultCase(Sample.test("locations [x]\nensures (x=1)"), "no register `x`", at: "x"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
