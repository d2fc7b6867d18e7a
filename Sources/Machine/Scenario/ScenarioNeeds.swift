import X86

/// What a scenario's code can need of packed states, and what reductions can make of it.
struct ScenarioNeeds {
    let scenario: Scenario
    /// The widths asked for, with the words that the code is known to read and to change.
    let widths: FieldWidths
    /// By CPU, what its code can need.
    let cpus: [CPUNeeds]
    /// The kernel services that some CPU calls.
    let services: [KernelService]
    /// By CPU, what it can still touch; empty when partial-order reduction does not apply.
    let forecasts: [AccessForecast]
    let interchangeable: InterchangeableCPUs
    /// By CPU, the pages whose translations are kept, a bit each.
    let keptTranslations: [UInt64]

    init(_ scenario: Scenario, _ widths: FieldWidths) {
        let cpus = scenario.cpus.map { CPUNeeds($0, scenario) }
        var widths = widths
        for cpu in cpus {
            widths.readWords.formUnion(cpu.readWords)
            widths.changingWords.formUnion(cpu.changedWords)
        }
        self.scenario = scenario
        self.widths = widths
        self.cpus = cpus
        services = KernelService.allCases.filter { service in cpus.contains { $0.services.contains(service) } }
        forecasts = AccessForecast.all(scenario, cpus)
        interchangeable =
            forecasts.isEmpty ? InterchangeableCPUs(scenario, widths) : InterchangeableCPUs(classes: [])
        keptTranslations = MachinePlan.keptTranslations(scenario, cpus, interchangeable, widths)
    }

    /// The CPUs of which something holds, a bit each.
    func cpuSet(where isMember: (CPUNeeds) -> Bool) -> UInt64 {
        cpus.enumerated().reduce(0) { isMember($1.element) ? $0 | 1 << UInt64($1.offset) : $0 }
    }
}
