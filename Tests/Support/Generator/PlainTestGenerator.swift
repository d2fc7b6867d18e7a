import TestSupport

/// Makes random tests without page tables: two to four CPUs, plain variables, every width, locks and waits.
///
/// They are the only tests that the partial-order reduction works on.
public struct PlainTestGenerator: Sendable {
    private var numbers: SeededNumbers
    private var test: RandomTest
    private static let variables = ["x", "y", "w"]

    /// Makes test number `index` of a seed; independent of all others.
    public static func test(seed: UInt64, index: Int, size: TestGenerator.Size = TestGenerator.Size()) -> RandomTest {
        var numbers = SeededNumbers(seed: ~seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(index))
        let own = numbers.next()
        var generator = PlainTestGenerator(
            numbers: SeededNumbers(seed: own), test: RandomTest(name: "plain-\(seed)-\(index)"))
        generator.build(size)
        return generator.test
    }

    private mutating func build(_ size: TestGenerator.Size) {
        let cpus = numbers.pick(weighted: [(1, 1), (6, 2), (5, 3), (2, 4)])
        test.columns = [[String]](repeating: [], count: cpus)
        for name in Self.variables {
            let type = numbers.pick(weighted: [(6, ""), (3, "uint64_t "), (1, "char "), (1, "short ")])
            if numbers.chance(15) {
                test.assignments.append("int \(name)[4] = {0, 1, 0, 2}")
            } else {
                test.assignments.append("\(type)\(name) = \(numbers.chance(75) ? 0 : numbers.below(4))")
            }
        }
        for cpu in test.columns.indices {
            if numbers.chance(40) { test.assignments.append("\(cpu):rdi = \(numbers.pick(Self.variables))") }
            if numbers.chance(20) { test.assignments.append("\(cpu):rbx = \(numbers.below(3))") }
            if numbers.chance(5) { test.assignments.append("\(cpu):if = 0") }
            let points = test.assignments.contains { $0.hasPrefix("\(cpu):rdi") }
            let count = 1 + numbers.below(max(2, size.fragments - cpus + 1))
            for _ in 0..<count { test.columns[cpu] += fragment(cpu, pointsSomewhere: points) }
        }
        if numbers.chance(20) {
            test.assignments.append("l = 0")
            for cpu in test.columns.indices where numbers.chance(75) {
                test.columns[cpu].insert("call spin_lock(l)", at: 0)
                if numbers.chance(90) { test.columns[cpu].append("call spin_unlock(l)") }
            }
        }
        addCondition()
    }

    private mutating func place(_ pointsSomewhere: Bool) -> String {
        if pointsSomewhere && numbers.chance(30) { return numbers.chance(80) ? "(%rdi)" : "4(%rdi)" }
        return "(\(numbers.pick(Self.variables)))"
    }

    private mutating func fragment(_ cpu: Int, pointsSomewhere: Bool) -> [String] {
        let place = place(pointsSomewhere)
        let wide = place.hasPrefix("4") ? "l" : numbers.pick(weighted: [(7, "l"), (2, "q"), (1, "w"), (2, "b")])
        let register = numbers.pick(["a", "b", "c", "d"])
        let name =
            ["l": "%e\(register)x", "q": "%r\(register)x", "w": "%\(register)x", "b": "%\(register)l"][wide] ?? "%eax"
        let number = 1 + numbers.below(3)
        switch numbers.pick(weighted: [
            (8, 0), (8, 1), (2, 2), (3, 3), (2, 4), (2, 5), (2, 6), (1, 7), (1, 8), (1, 9), (1, 10),
        ]) {
        case 0: return ["mov\(wide) $\(number),\(place)"]
        case 1: return ["mov\(wide) \(place),\(name)"]
        case 2: return ["mov\(wide) \(name),\(place)"]
        case 3:
            return [
                "\(numbers.chance(60) ? "lock " : "")\(numbers.pick(["add", "xor", "or", "sub"]))\(wide) $\(number),\(place)"
            ]
        case 4: return ["xchg\(wide) \(name),\(place)"]
        case 5: return ["mfence"]
        case 6: return ["\(numbers.chance(70) ? "lock " : "")cmpxchg\(wide) \(name),\(place)"]
        case 7: return ["call wait_for(\(numbers.pick(Self.variables)),\(numbers.below(3)))"]
        case 8:
            // A branch forward over an access.
            let label = "S\(test.columns[cpu].count)"
            return [
                "test\(wide) \(name),\(name)", "\(numbers.pick(["je", "jne"])) \(label)",
                "mov\(wide) $\(number),\(place)", "\(label): nop",
            ]
        case 9:
            guard numbers.chance(60) else { return [numbers.pick(["cli", "sti", "cpuid", "hlt", "incl (x)"])] }
            let service = numbers.pick(["page_dirty", "set_page_dirty", "clear_page_dirty", "free_frame", "page_dirty"])
            return ["call \(service)(\(numbers.pick(Self.variables)))"]
        default:
            guard numbers.chance(30) else { return ["lock inc\(wide) \(place)"] }
            let label = "B\(test.columns[cpu].count)"
            return ["\(label): movl (x),%edx", "testl %edx,%edx", "\(numbers.pick(["je", "jne"])) \(label)"]
        }
    }

    private mutating func addCondition() {
        for name in Self.variables where numbers.chance(70) { test.locations.append("[\(name)]") }
        for cpu in test.columns.indices {
            for register in ["rax", "ebx", "rcx", "dl"] where numbers.chance(50) {
                test.locations.append("\(cpu):\(register)")
            }
        }
        for _ in 0..<1 + numbers.below(3) {
            let cpu = numbers.below(test.columns.count)
            let atom = numbers.pick(weighted: [
                (4, "\(numbers.pick(Self.variables))=\(numbers.below(4))"),
                (4, "\(cpu):\(numbers.pick(["rax", "rbx", "rcx", "rdx"]))=\(numbers.below(4))"), (2, "stuck(P\(cpu))"),
                (1, "stale_frame(\(numbers.pick(Self.variables)))"),
            ])
            test.atoms.append(numbers.chance(20) ? "~(\(atom))" : atom)
        }
        test.isConjunction = numbers.chance(50)
        test.quantifier = numbers.pick(weighted: [(7, "exists"), (1, "~exists"), (2, "forall")])
        if numbers.chance(5) { test.filter = "\(numbers.pick(Self.variables))=\(numbers.below(2))" }
    }
}
