import Generator

/// What the command line asks for.
struct Arguments {
    /// How many random tests.
    var count = 1000
    /// Where the random tests begin.
    var seed: UInt64 = 1
    /// The number of the first test, to repeat one.
    var first = 0
    /// One profile for all, or nil for all profiles.
    var profile: String?
    /// One profile at random for each test instead of all.
    var isSampling = false
    /// Tests with more eager states are skipped.
    var maxStates = 20_000
    /// Also ask the oracle.
    var asksOracle = false
    /// Whether witnesses are replayed.
    var replays = true
    /// Random profiles of no real CPU instead of the built-in ones.
    var inventsProfiles = false
    /// Whether the fast witness must be as short as the reference's.
    var wantsShortest = true
    /// Tests without page tables.
    var isPlain = false
    /// Tests with entries above the leaf, every other one with large pages.
    var hasLevels = false
    /// Which random tests with levels a number means.
    var generation = TableTestGenerator.Generation.who
    /// Go on after a difference.
    var keepsGoing = false
    /// Print tests instead of running them.
    var onlyPrints = false
    /// Where differing tests are written.
    var output = "."
    /// Largest number of fragments and CPUs.
    var fragments = 6
    var cpus = 3
    /// Of a hundred tests, how many have CPUs that do the same.
    var twins = 0
    /// Files and folders to run instead of random tests.
    var paths: [String] = []

    /// Whether the usage is asked for.
    var wantsHelp = false

    static let usage = """
        differential [--count N] [--seed S] [--first I] [--profile NAME | --sample | --invented] [--max-states M] [--oracle]
                     [--fragments F] [--cpus C] [--twins PERCENT] [--plain] [--levels] [--generation G] [--no-replay] [--no-shortest] [--keep-going] [--print] [--output DIR] [FILE or DIR ...]

        Compares the fast search, the reference search and (with --oracle) the oracle on random tests, or on the
        given ones. Exit status: 0 no difference, 1 a difference, 2 bad usage.

        A random test runs on the six built-in profiles; on herd7, adl and k8 where it has what they differ in; where it has
        invlpgb or a flush, on cet with broadcastInvalidate (`broadcast`) and without broadcastDrains (`undrained`); and on a
        built-in profile with some rarer fields changed (`variant`), which the test's number determines. With --levels it runs
        on amd and amd-broadcast too, and the variants differ in what they keep of upper levels. --profile NAME is
        one of these by name, --sample one of them at random for each test, --invented a CPU with every field at random.
        Given tests run on the built-in profiles, or on the one of --profile, unless they name their own.

        --count N      how many tests (1000)          --seed S, --first I   where they begin (1, 0)
        --fragments F  how long they are (6)          --cpus C              how many CPUs at most (3)
        --twins P      P of 100 have equal CPUs       --plain               tests without page tables
        --max-states M larger tests are skipped       --keep-going          go on after a difference
        --levels       tests with upper levels,       --print               write tests, run nothing
                       every third about who is flushed, half of the others with pages of several sizes
        --generation G 1: the tests and profiles that --levels drew before there were lazy CPUs, second roots, shared tags,
                       handlers of interrupts and five levels, for seeds of then; 2, the default: with these
        --output DIR   where differing tests are written
        --no-replay, --no-shortest                    do not replay witnesses, allow longer ones
        """

    struct UsageError: Error { var message: String }

    init(_ words: [String]) throws(UsageError) {
        var rest = words[...]
        func value(_ name: String) throws(UsageError) -> String {
            guard let value = rest.popFirst() else { throw UsageError(message: "\(name) needs a value") }
            return value
        }
        func number(_ name: String) throws(UsageError) -> Int {
            let text = try value(name)
            guard let number = Int(text), number >= 0 else {
                throw UsageError(message: "\(name) needs a number, not \(text)")
            }
            return number
        }
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": wantsHelp = true
            case "--count": count = try number(word)
            case "--seed": seed = UInt64(try number(word))
            case "--first": first = try number(word)
            case "--profile": profile = try value(word)
            case "--sample": isSampling = true
            case "--max-states": maxStates = try number(word)
            case "--oracle": asksOracle = true
            case "--no-replay": replays = false
            case "--plain": isPlain = true
            case "--levels": hasLevels = true
            case "--generation":
                guard let known = TableTestGenerator.Generation(rawValue: try number(word)) else {
                    throw UsageError(message: "there are generations 1 and 2")
                }
                generation = known
            case "--no-shortest": wantsShortest = false
            case "--invented": inventsProfiles = true
            case "--keep-going": keepsGoing = true
            case "--print": onlyPrints = true
            case "--output": output = try value(word)
            case "--fragments": fragments = max(1, try number(word))
            case "--twins": twins = min(100, try number(word))
            case "--cpus": cpus = max(1, try number(word))
            default:
                guard !word.hasPrefix("-") else { throw UsageError(message: "there is no option \(word)") }
                paths.append(word)
            }
        }
    }
}
