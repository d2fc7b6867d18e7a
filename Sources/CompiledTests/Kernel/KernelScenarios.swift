/// One of the shipped kernel scenarios: a C test that uses the tree's own helpers.
package struct KernelScenario: Sendable, Hashable {
    /// The name, which is the test's as well.
    package var name: String
    /// The test's text.
    package var text: [UInt8]

    /// Names a scenario.
    package init(name: String, text: [UInt8]) {
        self.name = name
        self.text = text
    }
}

/// The sequences of core memory management that change live entries (facts.md A.4), each as a C test.
///
/// The same files run with Ptero's stand-ins (`Include=linux/pgtable-6.12.h`) and, with a tree, with the tree's helpers.
package enum KernelScenarios {
    /// All scenarios in the order in which tables show them.
    package static let all: [KernelScenario] = [
        KernelScenario(name: "wrprotect", text: PackageResources.wrprotect_litmus),
        KernelScenario(name: "fork", text: PackageResources.fork_litmus),
        KernelScenario(name: "ksm", text: PackageResources.ksm_litmus),
        KernelScenario(name: "writeback", text: PackageResources.writeback_litmus),
        KernelScenario(name: "mprotect", text: PackageResources.mprotect_litmus),
        KernelScenario(name: "reclaim", text: PackageResources.reclaim_litmus),
        KernelScenario(name: "zap", text: PackageResources.zap_litmus),
        KernelScenario(name: "munmap", text: PackageResources.munmap_litmus),
        KernelScenario(name: "lazy-tlb", text: PackageResources.lazy_tlb_litmus),
        KernelScenario(name: "gup-fast", text: PackageResources.gup_fast_litmus),
        KernelScenario(name: "mremap", text: PackageResources.mremap_litmus),
        KernelScenario(name: "thp-split", text: PackageResources.thp_split_litmus),
        KernelScenario(name: "thp-collapse", text: PackageResources.thp_collapse_litmus),
        KernelScenario(name: "soft-dirty", text: PackageResources.soft_dirty_litmus),
        KernelScenario(name: "uffd-wp", text: PackageResources.uffd_wp_litmus),
        KernelScenario(name: "access-flags", text: PackageResources.access_flags_litmus),
        KernelScenario(name: "reuse", text: PackageResources.reuse_litmus),
        KernelScenario(name: "shadow-stack", text: PackageResources.shadow_stack_litmus),
        KernelScenario(name: "shadow-stack-reuse", text: PackageResources.shadow_stack_reuse_litmus),
    ]
}
