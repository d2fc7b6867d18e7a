import Checker
import Diagnostics
import Foundation
import Generator
import Litmus
import Machine
import TestSupport

/// Runs random tests, or given ones, through every implementation of the machine and says where they differ.
@main
struct Differential {
    let arguments: Arguments
    let comparison: Comparison
    let profiles: [CPUProfile]
    private var tests = 0
    private var verdicts = 0
    private var differences = 0
    private var skipped = 0
    private var refused: [String: Int] = [:]
    private var oracleAgreements = 0
    /// How often each thing was seen to be possible: observations, and what happened in some final state.
    private var seen: [String: Int] = [:]
    private var oracleSkipped: [String: Int] = [:]
    private let start = Date()

    static func main() {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            if arguments.wantsHelp {
                print(Arguments.usage)
                exit(0)
            }
            var run = try Differential(arguments)
            if run.arguments.paths.isEmpty { run.runRandomTests() } else { run.runFiles() }
            print(run.summary)
            exit(run.differences == 0 ? 0 : 1)
        } catch {
            print("differential: \(error.message)\n\(Arguments.usage)")
            exit(2)
        }
    }

    init(_ arguments: Arguments) throws(Arguments.UsageError) {
        self.arguments = arguments
        comparison = Comparison(
            maxStates: arguments.maxStates, asksOracle: arguments.asksOracle, replays: arguments.replays,
            wantsShortest: arguments.wantsShortest)
        guard let name = arguments.profile else {
            profiles = CPUProfile.builtIn
            return
        }
        profiles = TestedProfiles.known.filter { $0.name == name }
        if profiles.isEmpty { throw Arguments.UsageError(message: "there is no profile \(name)") }
    }

    // MARK: Random tests

    private mutating func runRandomTests() {
        let size = TestGenerator.Size(cpus: arguments.cpus, fragments: arguments.fragments, twins: arguments.twins)
        for index in arguments.first..<arguments.first + arguments.count {
            let test = randomTest(index, size)
            if arguments.onlyPrints {
                print(test.text)
                continue
            }
            var sample = SeededNumbers(seed: arguments.seed ^ UInt64(index) << 20)
            let offered = offeredProfiles(for: test, &sample)
            tests += 1
            if let (profile, what) = runRandom(test, offered) {
                differences += 1
                reportRandom(test, profile, what)
                if !arguments.keepsGoing { break }
            }
            if (index + 1) % 1000 == 0 {
                print("... \(summary)")
                fflush(nil)
            }
        }
    }

    private func randomTest(_ index: Int, _ size: TestGenerator.Size) -> RandomTest {
        if arguments.isPlain { return PlainTestGenerator.test(seed: arguments.seed, index: index, size: size) }
        if arguments.hasLevels {
            return TableTestGenerator.test(
                seed: arguments.seed, index: index, size: size, generation: arguments.generation)
        }
        return TestGenerator.test(seed: arguments.seed, index: index, size: size)
    }

    /// The CPUs that a random test runs on.
    private func offeredProfiles(for test: RandomTest, _ sample: inout SeededNumbers) -> [CPUProfile] {
        if arguments.inventsProfiles {
            return [TestedProfiles.invented(&sample, isNew: arguments.hasLevels && arguments.generation != .tables)]
        }
        if arguments.profile != nil { return profiles }
        let all = TestedProfiles.profiles(
            for: test, levels: arguments.hasLevels ? arguments.generation : nil, &sample)
        return arguments.isSampling ? [sample.pick(all)] : all
    }

    /// The first difference, with the profile that shows it.
    private mutating func runRandom(_ random: RandomTest, _ offered: [CPUProfile]) -> (
        profile: CPUProfile?, what: String
    )? {
        let prepared = Self.prepare(random, offered)
        guard case .success(let (test, checker, assignments)) = prepared else {
            if case .failure(let error) = prepared {
                return (nil, "the test is refused: \(error.rendered(source: random.text))")
            }
            return nil
        }
        do {
            let again = try LitmusParser.parse(LitmusWriter.text(of: test))
            if !again.isSame(as: test) {
                return (nil, "the writer's text reads as another test:\n\(LitmusWriter.text(of: test))")
            }
        } catch { return (nil, "the writer's text is refused: \(error.message)\n\(LitmusWriter.text(of: test))") }
        for (label, profiles) in assignments {
            let outcome = comparison.compare(
                test, checker, label: label, profiles: profiles, names: Self.names(in: random.text))
            if let what = count(outcome) { return (offered.first { $0.name == label } ?? profiles.first, what) }
        }
        return nil
    }

    private static func prepare(
        _ random: RandomTest, _ offered: [CPUProfile]
    ) -> Result<(LitmusTest, TestChecker, [(label: String, profiles: [CPUProfile])]), Diagnostic> {
        do {
            // A random test has one condition.
            let test = try LitmusParser.parse(random.text)
            let checker = try TestChecker(test)
            return .success((test, checker, try checker.assignments(among: offered, known: TestedProfiles.known)))
        } catch { return .failure(error) }
    }

    /// The variables that a random test names.
    private static func names(in text: String) -> Set<String> {
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        return Set(words.map(String.init)).intersection(["desc", "v", "w", "x", "y", "z", "l", "done"])
    }

    private mutating func reportRandom(_ test: RandomTest, _ profile: CPUProfile?, _ what: String) {
        // Smaller tests must differ in the same way: its first line, numbers aside.
        func kind(_ text: String) -> String { String(text.prefix { $0 != "\n" && $0 != ":" && !$0.isNumber }) }
        let offered = profile.map { [$0] } ?? profiles
        let (comparison, arguments) = (comparison, arguments)
        func fails(_ smaller: RandomTest) -> String? {
            // Without an entry of its own, `child` would turn from an address space into a variable, and where the entries of
            // `mm` are not named, the two sides disagree on what is there.
            if arguments.hasLevels {
                if smaller.text.contains("child"), !smaller.text.contains("(child:x)] =") { return nil }
            } else if smaller.text.contains("child") {
                let entries = ["[PTE(child:x)] =", "[PTE(x)] ="] + (smaller.text.contains("(y)") ? ["[PTE(y)] ="] : [])
                if !entries.allSatisfy(smaller.text.contains) { return nil }
            }
            guard case .success(let (test, checker, assignments)) = Self.prepare(smaller, offered) else { return nil }
            for (label, profiles) in assignments {
                if case .difference(let found) = comparison.compare(
                    test, checker, label: label, profiles: profiles, names: Self.names(in: smaller.text)),
                    kind(found) == kind(what)
                {
                    return found
                }
            }
            return nil
        }
        var small = test
        if fails(test) != nil { small = TestShrinker { fails($0) != nil }.shrunk(test) }
        let found = fails(small) ?? what
        let report = """
            DIFFERENCE in \(test.name) on \(profile.map(TestedProfiles.description) ?? "-"): \(what)
            --- smallest form ---
            \(small.text)--- it differs like this ---
            \(found)
            --- as generated ---
            \(test.text)
            """
        print(report)
        fflush(nil)
        let path = arguments.output + "/\(test.name).txt"
        try? report.write(toFile: path, atomically: true, encoding: .utf8)
    }

    // MARK: Given tests

    private mutating func runFiles() {
        for path in arguments.paths.flatMap(Self.tests(below:)) {
            tests += 1
            do {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let test = try LitmusParser.parse(text, file: path)
                // Of a random test that was written down, values can be compared too.
                let isRandom = test.name.hasPrefix("random-") || test.name.hasPrefix("tables-")
                let names = isRandom ? Self.names(in: text) : nil
                for question in test.questions { try run(question, path, names) }
            } catch {
                differences += 1
                print("DIFFERENCE in \(path): it is refused: \(error)")
            }
        }
    }

    /// Compares on one condition of a test.
    private mutating func run(_ question: LitmusTest, _ path: String, _ names: Set<String>?) throws(Diagnostic) {
        let checker = try TestChecker(question, file: path)
        let which = question.conditionName.map { ", condition \($0)," } ?? ""
        for (label, profiles) in try checker.assignments(among: profiles, known: TestedProfiles.known) {
            let outcome = comparison.compare(question, checker, label: label, profiles: profiles, names: names)
            if let what = count(outcome) {
                differences += 1
                print("DIFFERENCE in \(path)\(which) on \(label): \(what)")
            }
        }
    }

    /// The tests below a folder that are written in assembly; those in C are a compiler's business.
    private static func tests(below path: String) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: path) else { return [path] }
        let files = all.compactMap { $0 as? String }.filter { $0.hasSuffix(".litmus") }
        if files.isEmpty { return [path] }
        return files.sorted().map { path + "/" + $0 }.filter { file in
            // Files with holes are problems, not tests.
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return false }
            return text.hasPrefix("X86_64") && !text.contains("??")
        }
    }

    // MARK: Counting

    private mutating func count(_ outcome: Outcome) -> String? {
        verdicts += 1
        switch outcome {
        case .difference(let what): return what
        case .skipped: skipped += 1
        case .refused(let why): refused[why, default: 0] += 1
        case .agreement(let verdict, let oracle):
            note(verdict)
            switch oracle {
            case .agreement: oracleAgreements += 1
            case .notAsked: break
            case .skipped: oracleSkipped["too many states", default: 0] += 1
            case .unsupported(let why): oracleSkipped[why, default: 0] += 1
            }
        }
        return nil
    }

    private mutating func note(_ verdict: Verdict) {
        seen[verdict.observation.rawValue, default: 0] += 1
        if verdict.witness != nil { seen["witness", default: 0] += 1 }
        let happened = verdict.states.flatMap(\.parts).filter { $0.hasSuffix("=true") }.map { $0.prefix { $0 != "(" } }
        for name in Set(happened) { seen[String(name), default: 0] += 1 }
    }

    private var summary: String {
        var text = "\(tests) tests, \(verdicts) verdicts, \(differences) differences, \(skipped) skipped"
        if !refused.isEmpty { text += ", refused: \(Self.list(refused))" }
        if arguments.asksOracle { text += ", oracle agrees \(oracleAgreements)" }
        if !oracleSkipped.isEmpty { text += ", oracle skips: \(Self.list(oracleSkipped))" }
        text += "\n    seen: \(Self.list(seen))"
        return text + String(format: " (%.0f s)", Date().timeIntervalSince(start))
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }.joined(separator: ", ")
    }
}
