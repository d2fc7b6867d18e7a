import Diagnostics
import Litmus
import Testing
import X86

/// `Levels=`, `PTI=`, `Pcid=`, and the names that they give a meaning.
@Suite struct AddressSpaceHeaderTests {
    private func parsed(_ text: String) throws -> LitmusTest { try LitmusParser.parse(text) }

    @Test func whatIsNotSaidIsAsBefore() throws {
        let test = try parsed(Sample.test(state: "[PGD(x)] = (table:PDPT(x));"))
        #expect(test.levels == 4 && !test.hasUserRoots && test.processContexts.isEmpty)
        #expect(test.initializations[0].location == .memory(.upperEntry(.pgd, page: "x", space: nil), index: 0))
    }

    @Test func fiveLevelsHaveAnotherRoot() throws {
        let state = "[PGD(x)] = (table:PML4(x)); [P4D(child:x)] = (table:PDPT(x)); 0:rdi = P4D(x);"
        let test = try parsed(Sample.test(head: "Levels=5", state: state))
        #expect(test.levels == 5)
        #expect(test.initializations[0].location == .memory(.upperEntry(.fifth, page: "x", space: nil), index: 0))
        #expect(test.initializations[1].location == .memory(.upperEntry(.p4d, page: "x", space: "child"), index: 0))
        let text = LitmusWriter.text(of: test)
        #expect(text.contains("[PGD(x)]=(table:PML4(x))") && text.contains("0:rdi=P4D(x)"))
        #expect(try parsed(text).isSame(as: test))
    }

    @Test func rootsForUserMode() throws {
        let test = try parsed(
            Sample.test(head: "PTI=on", state: "0:rax = mm:user; 0:mm = child:user; [PGD(mm:user:x)] = (p:0);"))
        #expect(test.hasUserRoots)
        #expect(test.initializations[0].values == [.address(.variable("mm:user"))])
        #expect(test.initializations[2].location == .memory(.upperEntry(.pgd, page: "x", space: "mm:user"), index: 0))
        #expect(try parsed(LitmusWriter.text(of: test)).isSame(as: test))
        #expect(SpaceName.owner("child:user") == "child" && SpaceName.owner(ofUser: "child") == nil)
    }

    @Test func contexts() throws {
        let test = try parsed(Sample.test(head: "PTI=on\nPcid=mm:1 child:1, mm:user:4095"))
        #expect(test.processContexts == ["mm": 1, "child": 1, "mm:user": 4095])
    }

    @Test func theyChangeTheMeaning() throws {
        let plain = try parsed(Sample.test())
        for head in ["Levels=5", "PTI=on", "Pcid=mm:3"] {
            #expect(try parsed(Sample.test(head: head)).testHash != plain.testHash, "\(head)")
        }
    }

    @Test func servicesTakeNamesOfTags() throws {
        let program = " P0 ;\n call invlpgb(x, final) ;\n call invpcid_flush_one(mm:user:x) ;\n call invlpgb() ;\n"
        let test = try parsed(Sample.test(head: "PTI=on", program: program))
        let arguments = test.threads[0].program.instructions.compactMap { instruction in
            if case .service(_, let arguments) = instruction.request(RegisterFile()) { arguments } else { nil }
        }
        #expect(arguments == [["x", "final"], ["mm:user:x"], []])
    }

    @Test(arguments: [
        FaultCase(Sample.test(head: "Levels=3"), "is not a number of levels", at: "3", remedy: "Levels=5"),
        FaultCase(Sample.test(head: "PTI=yes"), "neither on nor off", at: "yes", remedy: "PTI=on"),
        FaultCase(Sample.test(head: "Pcid=mm"), "not an address space and its PCID", at: "mm", remedy: "mm:1 child:1"),
        FaultCase(Sample.test(head: "Pcid=mm:4096"), "not an address space and its PCID", at: "mm:4096"),
        FaultCase(Sample.test(head: "Pcid=mm:1 mm:2"), "given two PCIDs", at: "mm:2"),
        FaultCase(Sample.test(head: "Pcid=mm:user:2"), "a root for user mode", at: "mm:user", remedy: "PTI=on"),
        FaultCase(
            Sample.test(state: "0:rax = mm:user;"), "a root for user mode", at: "mm:user", remedy: "add that line"),
        FaultCase(
            Sample.test(head: "PTI=on", state: "[PTE(mm:user:x)] = (p:0);"), "is no other entry than", at: "PTE",
            remedy: "share all tables"),
        FaultCase(
            Sample.test(head: "Levels=5", state: "[P4D(x)] = (oa:PA(x), ps:1);"), "`ps` is reserved",
            at: "(oa:PA(x), ps:1)"),
        FaultCase(
            Sample.test(head: "Levels=5", state: "[PGD(x)] = (table:PDPT(x));"), "cannot point to",
            at: "(table:PDPT(x))",
            remedy: "table:PML4(x)"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
