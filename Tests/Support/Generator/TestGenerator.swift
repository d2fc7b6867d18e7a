import TestSupport

/// Makes random page-table tests: two or three CPUs, one or two pages, a handful of instructions each.
///
/// The tests are meant to be small enough to be explored completely by a machine that speculates eagerly, and to touch
/// every mechanism: entries are changed in all the ways that kernels change them, pages are reached through every kind
/// of access, and conditions ask for every property.
public struct TestGenerator: Sendable {
    /// How large the tests are.
    public struct Size: Sendable, Hashable {
        /// The largest number of CPUs.
        public var cpus: Int
        /// The largest number of fragments (one to eight instructions each) of all columns together.
        public var fragments: Int
        /// Of a hundred tests, how many have CPUs that do the same.
        public var twins: Int

        /// Sizes that keep an eager search below some ten thousand states mostly.
        public init(cpus: Int = 3, fragments: Int = 6, twins: Int = 0) {
            self.cpus = cpus
            self.fragments = fragments
            self.twins = twins
        }
    }

    /// Names of profiles that `CPU=` may mix: those that ship.
    static let profiles = ["cet", "strict", "late", "knl", "shadowed", "book", "herd7", "adl", "k8"]

    /// The name of the one profile besides them that tests may name: `cet` with `broadcastInvalidate`, which whoever runs
    /// such tests has to offer.
    public static let broadcastProfile = "broadcast"

    var numbers: SeededNumbers
    let size: Size
    var test: RandomTest
    /// The translated pages.
    var pages: [String] = []
    var hasChild = false
    /// Global entries, and what drops or spares them.
    var usesGlobals = false
    /// `invlpgb` and `tlbsync`; without them the test is for processors without them too.
    var usesBroadcasts = false
    /// The second PCID and the page of the descriptors that `invpcid` reads.
    var descriptor: (tag: Int, page: String)?
    /// Variables that are plain memory and are used somewhere.
    var flags: Set<String> = []
    /// Labels used so far.
    var labels = 0

    /// Makes test number `index` of a seed; independent of all others.
    public static func test(seed: UInt64, index: Int, size: Size = Size()) -> RandomTest {
        var numbers = SeededNumbers(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(index))
        // The first number of nearby seeds is thrown away, so that streams do not overlap.
        let own = numbers.next()
        var generator = TestGenerator(
            numbers: SeededNumbers(seed: own), size: size, test: RandomTest(name: "random-\(seed)-\(index)"))
        generator.build()
        return generator.test
    }

    private mutating func build() {
        let theme = numbers.chance(50) ? numbers.pick(Self.themes) : nil
        var cpus = numbers.pick(weighted: [(1, 1), (7, 2), (size.cpus > 2 ? 3 : 0, 3)])
        if theme != nil { cpus = 2 }
        pages = numbers.chance(theme == .freedFrame || theme == .handler ? 50 : 25) ? ["x", "y"] : ["x"]
        hasChild = numbers.chance(20) || theme.map(Self.needsChild) ?? false
        usesGlobals = numbers.chance(hasChild || theme.map(Self.needsGlobals) ?? false ? 45 : 12)
        usesBroadcasts = numbers.chance(theme == .freedFrame ? 60 : 10)
        test.columns = [[String]](repeating: [], count: cpus)
        addEntries()
        addRegisters()
        addHeaders()
        if let theme { addTheme(theme) } else { addCode() }
        addHandlers()
        addCondition()
        if size.twins > 0 && numbers.chance(size.twins) { addTwins() }
        if let descriptor {
            test.assignments.append("uint64_t desc[4] = {0, x, \(descriptor.tag), \(descriptor.page)}")
            for cpu in test.columns.indices { test.assignments.append("\(cpu):r14 = desc") }
        }
        for flag in flags.sorted() where !test.assignments.contains(where: { $0.hasPrefix("uint64_t \(flag) =") }) {
            let isZero = theme != nil || flag == "l" || numbers.chance(85)
            test.assignments.append("\(flag) = \(isZero ? 0 : 1)")
        }
    }

    // MARK: Initial state

    private mutating func addEntries() {
        for page in pages {
            if numbers.chance(20) { test.assignments.append("uint64_t \(page) = \(numbers.below(3))") }
            test.assignments.append("[PTE(\(page))] = \(entry(of: page))")
            if hasChild && (page == "x" || numbers.chance(50)) {
                test.assignments.append("[PTE(child:\(page))] = \(numbers.chance(15) ? "(p:0)" : entry(of: page))")
            }
        }
    }

    /// An entry with random fields, rather alive than dead.
    mutating func entry(of page: String) -> String {
        var frame = page
        if numbers.chance(20) {
            // The frame of the other page, or one that no entry maps otherwise.
            frame = pages.count > 1 ? pages[page == "x" ? 1 : 0] : "z"
            if frame == "z" { flags.insert("z") }
        }
        var fields = ["oa:PA(\(frame))"]
        func field(_ name: String, _ percent: Int, usual: Int) {
            let value = numbers.chance(percent) ? 1 - usual : usual
            if value != usual || numbers.chance(10) { fields.append("\(name):\(value)") }
        }
        field("p", 8, usual: 1)
        field("rw", 20, usual: 1)
        field("us", 12, usual: 1)
        field("a", 20, usual: 1)
        field("d", 60, usual: 1)
        field("sd", 12, usual: 0)
        field("g", usesGlobals ? 60 : 5, usual: 0)
        return "(" + fields.joined(separator: ", ") + ")"
    }

    private mutating func addRegisters() {
        for cpu in test.columns.indices {
            test.assignments.append("\(cpu):rdi = PTE(x)")
            if pages.count > 1 { test.assignments.append("\(cpu):rsi = PTE(y)") }
            if hasChild {
                test.assignments += [
                    "\(cpu):r11 = PTE(child:x)", "\(cpu):r12 = mm", "\(cpu):r13 = child",
                    "\(cpu):r15 = 0x8000000000000000",
                ]
                if numbers.chance(25) { test.assignments.append("\(cpu):mm = child") }
            }
            test.assignments.append("\(cpu):r8 = \(entry(of: "x"))")
            test.assignments.append("\(cpu):r9 = \(numbers.chance(20) ? "0" : entry(of: "x"))")
            test.assignments.append("\(cpu):r10 = PA(\(numbers.pick(pages)))")
            if numbers.chance(20) { test.assignments.append("\(cpu):cpl = 3") }
            if numbers.chance(6) { test.assignments.append("\(cpu):if = 0") }
            if numbers.chance(10) { test.assignments.append("\(cpu):cr0.wp = 0") }
        }
    }

    private mutating func addHeaders() {
        let cpus = test.columns.indices
        let policies = cpus.map { cpu in
            let policy = numbers.pick(weighted: [(5, "stop"), (4, "retry"), (2, "handler")])
            if policy == "handler" { test.handlers[cpu] = [] }
            return policy
        }
        let given = cpus.filter { policies[$0] == "retry" }.map { "P\($0):retry" }
        if !given.isEmpty { test.headers.append("Fault=" + given.joined(separator: " ")) }
        if numbers.chance(10) { test.headers.append("ShadowStack=\(numbers.pick(pages))") }
        if !test.handlers.isEmpty && numbers.chance(40) { test.headers.append("Gate=trap") }
        if numbers.chance(15) {
            let offered = Self.profiles + (usesBroadcasts ? [Self.broadcastProfile] : []) + [Self.broadcastProfile]
            let mixed = cpus.map { "P\($0):\(numbers.pick(offered))" }
            test.headers.append("CPU=" + mixed.joined(separator: " "))
        }
    }
}
