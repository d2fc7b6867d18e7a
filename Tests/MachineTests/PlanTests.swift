import Diagnostics
import Testing
import X86

@testable import Machine

/// What is settled before the first step, and what machines of several threads share.
@Suite struct PlanTests {
    @Test("a scenario that is too large is refused, and the limit is told")
    func limits() throws {
        func message(of scenario: Scenario) -> String? {
            do throws(MachineFailure) { _ = try MachinePlan(scenario, widths: FieldWidths()) } catch {
                if case .invalid(let diagnostic) = error { return diagnostic.message }
            }
            return nil
        }
        let bench = try Bench("movl $1,(a)")
        var scenario = try bench.scenario(isEager: false)
        #expect(message(of: scenario) == nil)
        scenario.cpus = [Processor](repeating: scenario.cpus[0], count: ScenarioLimits.mostCPUs + 1)
        #expect(message(of: scenario) == "the test has 33 CPUs, more than 32")
        scenario.cpus.removeLast()
        #expect(message(of: scenario) == nil)

        let pages = (0..<64).map { AddressMap.Variable(name: "v\($0)", isTranslated: true) }
        scenario.map = AddressMap(variables: pages, spaces: ["mm"])
        #expect(message(of: scenario) == "the test has 64 page-table entries, more than 63")
        let long = AddressMap.Variable(name: "a", isTranslated: false, words: (1 << 21) + 1)
        scenario.map = AddressMap(variables: [long], spaces: ["mm"])
        #expect(message(of: scenario) == "the test has 2097153 words of memory, more than 2097152")
        let plain = (0..<65).map { AddressMap.Variable(name: "v\($0)", isTranslated: false) }
        scenario.map = AddressMap(variables: plain, spaces: ["mm"])
        scenario.watches.subjects[.staleWrite] = [0]
        #expect(message(of: scenario) == "stale_write is asked in a test with more than 64 variables and tables")
    }

    @Test("more initial values than have numbers make the machine be built again with more bits")
    func initialValues() throws {
        let names = (0..<40).map { "v\($0)" }
        var scenario = try Bench("nop").scenario(isEager: false)
        scenario.map = AddressMap(
            variables: names.map { AddressMap.Variable(name: $0, isTranslated: false) }, spaces: ["mm"])
        scenario.contents = Dictionary(uniqueKeysWithValues: (0..<40).map { ($0, UInt64($0 + 1)) })
        #expect(try Machine(scenario).outgrown == [.values])
        var widths = FieldWidths()
        widths.values = 6
        #expect(try Machine(scenario, widths: widths).failure == nil)
    }

    @Test("a follower computes what its leader knows, and is at a loss where a number is missing")
    func followers() throws {
        let leader = try Machine(Bench("movl $1,(x); movl (y),%eax", "andb $-3,(%rdi)").scenario(isEager: false))
        let follower = leader.follower()
        var state = [UInt64](repeating: 0, count: leader.stateWords)
        state.withUnsafeMutableBufferPointer { $0.baseAddress.map(leader.writeInitialState) }
        func successors(_ machine: Machine) -> (states: [UInt64], labels: [UInt32], isFinal: Bool) {
            let isFinal = state.withUnsafeBufferPointer { $0.baseAddress.map(machine.computeSteps) ?? false }
            let words = machine.successorCount * machine.stateWords
            return (
                Array(UnsafeBufferPointer(start: machine.successorStates, count: words)),
                Array(UnsafeBufferPointer(start: machine.successorLabels, count: machine.successorCount)), isFinal
            )
        }
        _ = successors(follower)
        #expect(follower.isAtALoss)
        #expect(follower.failure == nil)
        let known = successors(leader)
        #expect(!leader.isAtALoss)
        #expect(!known.states.isEmpty)
        follower.isAtALoss = false
        #expect(successors(follower) == known)
        #expect(!follower.isAtALoss)
        #expect(follower.tableBytes < leader.tableBytes)
    }

    @Test("a thread that computes for longer than the limit ends the search")
    func longestLocalRun() throws {
        var scenario = try Bench("movl $5000,%ecx; L: decl %ecx; jne L; movl $1,(a)").scenario(isEager: false)
        func outgrown() throws -> Set<FieldWidths.Part> {
            let machine = try Machine(scenario)
            var state = [UInt64](repeating: 0, count: machine.stateWords)
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map(machine.writeInitialState) }
            return machine.outgrown
        }
        scenario.longestLocalRun = 20_000
        #expect(try outgrown() == [])
        scenario.longestLocalRun = 5_000
        #expect(try outgrown() == [.localRun])
    }

    @Test("a label gives back what it was made of", arguments: StepKind.allCases)
    func labels(_ kind: StepKind) {
        for (cpu, operand) in [(0, 0), (1, 63), (31, 0xffff)] {
            let label = StepLabel(rawValue: StepLabel(cpu: cpu, kind: kind, operand: operand).rawValue)
            #expect(label.cpu == cpu)
            #expect(label.kind == kind)
            #expect(label.operand == operand)
        }
    }
}
