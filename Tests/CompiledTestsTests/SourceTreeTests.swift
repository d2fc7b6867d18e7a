import Checker
import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Machine
import Testing

/// The way from a tree's build to a verdict, on trees of a few lines, and on real ones where `PTERO_KERNEL_TREES` says so.
@Suite struct SourceTreeTests {
    private static let source = """
        DEFINE_STATIC_KEY_FALSE(off_key);
        static DEFINE_STATIC_KEY_TRUE(on_key);
        DECLARE_STATIC_KEY_TRUE(declared_key);
        DECLARE_STATIC_KEY_TRUE(array_of_keys[2]);
        int outside(int);
        __attribute__((noinline)) static int protect(pte_t *p)
        {
        	DECLARE_STATIC_KEY_FALSE(inner_key);

        	ptep_set_wrprotect(0, 0, p);
        	return static_branch_unlikely(&off_key) + 2 * static_branch_unlikely(&on_key)
        		+ 4 * static_branch_unlikely(&declared_key) + 8 * static_branch_unlikely(&inner_key);
        }
        static inline int inlined(pte_t *p)
        {
        	ptep_set_wrprotect(0, 0, p);
        	return outside(1);
        }
        static inline int unused(pte_t *p)
        {
        	return 1;
        }
        int feature(void)
        {
        	return boot_cpu_has(X86_FEATURE_PCID) + 2 * boot_cpu_has(X86_FEATURE_SHSTK);
        }
        #ifdef CONFIG_NOT_SET
        int left_out(int a) { return a; }
        #endif
        static inline void odd(void)
        {
        	__asm__ __volatile__("vzeroupper");
        }
        """

    private static let command =
        "savedcmd_mm/small.o := gcc \(MiniatureTree.flags) -O2 -fconserve-stack -fno-such-flag -mnone=1\n"

    private func tree() throws -> MiniatureTree {
        try MiniatureTree(["mm/small.c": Self.source, "mm/.small.o.cmd": Self.command])
    }

    private func test(_ body: String, head: String = "", condition: String = "exists (kernel_shadow_stack(x))")
        -> String
    {
        "C small\nSource=mm/small.c\n\(head){ [PTE(x)] = (oa:PA(x), rw:1, d:0); }\n"
            + "P0(pte_t *pte_x, int *x) { \(body) }\nP1(int *x) { WRITE_ONCE(*x, 1); }\n\(condition)\n"
    }

    private func compile(_ text: String) async throws -> CompiledTest {
        let tree = try tree()
        defer { tree.remove() }
        return try await Sample.compile(text, tree: try tree.kernel())
    }

    private func fault(_ text: String) async throws -> Diagnostic? {
        do {
            _ = try await compile(text)
            return nil
        } catch let fault as Diagnostic {
            return fault
        }
    }

    @Test func functionsOfATreeAreExploredWithTheFlagsOfItsBuild() async throws {
        let compiled = try await compile(test("int r = protect(pte_x);", head: "Function=protect\n"))
        #expect(compiled.flags == "the flags of mm/.small.o.cmd, made for gcc")
        #expect(compiled.reached[0].contains("protect"))
        #expect(try Sample.verdict(of: compiled.test).observation == .sometimes)
        #expect(
            compiled.assumptions.contains(
                "static keys are as declared (StaticKey= sets them): declared_key on, inner_key off, off_key off, on_key on"
            ))
    }

    @Test(arguments: [("", 6), ("StaticKey=off_key -on_key\n", 5), ("StaticKey=-declared_key inner_key\n", 10)])
    func staticKeysAreSettings(_ head: String, _ value: Int) async throws {
        let text = test("int r = protect(pte_x);", head: head, condition: "forall (0:r=\(value))")
        #expect(try Sample.verdict(of: try await compile(text).test).observation == .always)
    }

    @Test(arguments: [
        ("", "cet", 2), ("", "late", 0), ("Feature=pcid -shstk\n", "cet", 1), ("Feature=X86_FEATURE_PCID\n", "cet", 3),
    ]) func featuresAreThoseOfTheTree(_ head: String, _ profile: String, _ value: Int) async throws {
        let text = test("int r = feature();", head: head, condition: "forall (0:r=\(value))")
        #expect(try Sample.verdict(of: try await compile(text).test, profile: profile).observation == .always)
    }

    @Test func inlinedFunctionsCountAsExplored() async throws {
        let compiled = try await compile(test("int r = inlined(pte_x);", head: "Function=inlined\nStub=outside\n"))
        #expect(!compiled.reached[0].contains("inlined"))
        #expect(compiled.assumptions == ["returns 0 instead of running: outside"])
    }

    @Test(arguments: [
        ("inlined(pte_x);", "Function=protect\nStub=outside\n", "no code of `protect` is explored"),
        ("unused(pte_x);", "Function=unused\n", "no code of `unused` is explored"),
        ("protect(pte_x);", "Function=protect\nStub=protect\n", "is named in `Function=` and in `Stub=`"),
        ("int left_out(int); left_out(1);", "Function=left_out\nStub=*\n", "`left_out` is called and not compiled"),
        ("protect(pte_x);", "Function=outside\n", "there is no function `outside`"),
        ("inlined(pte_x);", "", "P0 calls outside, which is not defined"),
        ("odd();", "", "in P0 (mm/small.c:32): unknown instruction \"vzeroupper\""),
        ("protect(pte_x);", "StaticKey=of_key\n", "no header or source of this test declares a static key `of_key`"),
        ("feature();", "Feature=pcdi\n", "there is no feature `pcdi` in Linux 6.12.3"),
    ]) func slipsAreExplained(_ body: String, _ head: String, _ message: String) async throws {
        let fault = try await fault(test(body, head: head))
        #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
    }

    @Test func placesAreWhereTheTestCallsWhatWasInlined() async throws {
        let fault = try await fault(test("WRITE_ONCE(*x, 1); odd();"))
        #expect(fault?.place?.line == 4)
        #expect(fault?.place?.column == 47)
    }

    @Test func remediesNameWhatIsNear() async throws {
        #expect(
            try await fault(test("protect(pte_x);", head: "StaticKey=of_key\n"))?.remedy == "did you mean `off_key`?")
        #expect(try await fault(test("feature();", head: "Feature=pcdi\n"))?.remedy == "did you mean `pcid`?")
        let key = await Sample.diagnostic("C k\nStaticKey=a\n{ }\nP0(int *x) { *x = 1; }\nexists (true)\n")
        #expect(key?.message == "`StaticKey=` needs a kernel, whose keys it sets")
        let function = await Sample.diagnostic("C k\nFunction=a\n{ }\nP0(int *x) { *x = 1; }\nexists (true)\n")
        #expect(function?.message.contains("there is no `Source=`") == true)
    }

    @Test func aFeatureThatNobodyAsksForIsSaid() async throws {
        let compiled = try await compile(test("protect(pte_x);", head: "Feature=pcid\n"))
        #expect(compiled.assumptions.contains("Feature= changes nothing: the code asks for no feature of the CPU"))
    }

    @Test func ownFunctionsOfATreeReplaceStandIns() async throws {
        let tree = try MiniatureTree([
            "arch/x86/mm/pgtable.c": """
            __attribute__((noinline)) int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long a, pte_t *p, pte_t e, int dirty)
            {
            	return 42;
            }
            """
        ])
        defer { tree.remove() }
        let text = """
            C own
            { [PTE(x)] = (oa:PA(x)); }
            P0(pte_t *pte_x, int *x) { int r = ptep_set_access_flags(0, 0, pte_x, (pte_t){ 1 }, 1); }
            forall (0:r=42)
            """
        let own = try await Sample.compile(text, tree: try tree.kernel())
        #expect(try Sample.verdict(of: own.test).observation == .always)
        #expect(own.assumptions.isEmpty)
        // Without the .c files the tree is what a header package is.
        try FileManager.default.removeItem(atPath: tree.path + "/mm/memory.c")
        let standIn = try await Sample.compile(text, tree: try tree.kernel())
        #expect(try Sample.verdict(of: standIn.test).observation == .never)
        #expect(standIn.assumptions.first?.hasSuffix("a header package lacks: ptep_set_access_flags") == true)
    }

    @Test(.enabled(if: !Sample.preparedTrees.isEmpty), arguments: Sample.preparedTrees)
    func realTreesGiveTheVerdictsOfTheirVersion(_ path: String) async throws {
        let tree = try KernelTree(path)
        #expect(tree.hasSources)
        #expect(tree.buildCommand() != nil)
        let isOld = tree.versionNumbers.starts(with: [6, 1])
        for name in ["page_vma_mkclean_one", "ptep_clear_flush", "do_wp_page", "change_pte_range"] {
            let compiled = try await Sample.compile(try Sample.corpus("sources/\(name).litmus"), tree: tree)
            #expect(compiled.flags?.hasPrefix("the flags of ") == true)
            for verdict in try Sample.verdicts(of: compiled.test) {
                let expected = isOld && name == "change_pte_range" ? Observation.sometimes : verdict.expected
                #expect(verdict.observation == expected, "\(name) on \(verdict.profile)")
            }
        }
        let wrprotect = try await Sample.compile(try Sample.corpus("wrprotect.litmus"), tree: tree)
        #expect(try Sample.verdict(of: wrprotect.test).observation == (isOld ? .sometimes : .never))
        #expect(wrprotect.assumptions.isEmpty)
    }
}
