import Checker
import Litmus
import Machine
import Report
import TestSupport

/// Tests whose findings the reports are made of, checked by the real checker with times set to zero.
enum Samples {
    static let lockAnd = Texts.lockAnd.replacing("lock-and+write+exposed", with: "lock-and+write")

    static let lockAndMakes = lockAnd.replacing("lock-and+write", with: "lock-and+makes")
        .replacing("Failure=exposes a shadow stack", with: "Failure=makes a shadow-stack entry")
        .replacing("cet=Sometimes strict=Never late=Never knl=Never shadowed=Never book=Never", with: "Sometimes")
        .replacing("shadow_stack_exposed(x)", with: "kernel_shadow_stack(x)")

    /// Compare-and-exchange that moves Dirty to SavedDirty; `asks` is the condition.
    static func exchange(_ name: String, _ header: String, _ result: String, asks condition: String) -> String {
        """
        X86_64 \(name)
        Sequence=compare-and-exchange with SavedDirty
        \(header)
        (* Result: \(result) *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                         | P1          ;
         movq (%rdi),%rax           | movl $1,(x) ;
         L0:                        |             ;
         movq %rax,%rdx             |             ;
         shrq $6,%rdx               |             ;
         andq $1,%rdx               |             ;
         shlq $58,%rdx              |             ;
         movq %rax,%rcx             |             ;
         andq $-67,%rcx             |             ;
         orq %rdx,%rcx              |             ;
         lock cmpxchgq %rcx,(%rdi)  |             ;
         jne L0                     |             ;
         call flush_tlb_page(x)     |             ;
        \(condition)
        """
    }

    static let storeBuffering = Texts.storeBuffering.replacing("(* Result: Sometimes *)\n", with: "")

    static let mixed = lockAnd.replacing("lock-and+write", with: "mixed").replacing(
        "Sequence=lock-and\nFailure=exposes a shadow stack", with: "CPU=P0:cet P1:late"
    ).replacing("cet=Sometimes strict=Never late=Never knl=Never shadowed=Never book=Never", with: "Sometimes")

    /// What is found of a test with one condition, with times set to zero.
    static func findings(
        _ text: String, file: String = "dir/test.litmus", profiles names: [String] = ["cet", "late"],
        options: CheckOptions = CheckOptions()
    ) throws -> TestFindings {
        let test = try LitmusParser.parse(text, file: file)
        guard test.furtherConditions.isEmpty else { throw Missing() }
        let checker = try TestChecker(test, file: file)
        let offered = CPUProfile.builtIn.filter { names.contains($0.name) }
        var findings: [Finding] = []
        for assignment in try checker.assignments(among: offered, known: CPUProfile.shipped) {
            var verdict = try checker.check(
                label: assignment.label, profiles: assignment.profiles, options: options)
            verdict.seconds = 0
            verdict.statistics.seconds = 0
            findings.append(Finding(verdict))
        }
        return TestFindings(test: test, file: file, findings: findings)
    }

    /// The first finding of a test.
    static func finding(_ text: String, profile: String = "cet", options: CheckOptions = CheckOptions()) throws
        -> Finding
    {
        guard let finding = try findings(text, profiles: [profile], options: options).findings.first else {
            throw Missing()
        }
        return finding
    }

    struct Missing: Error {}
}
