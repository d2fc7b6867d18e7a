import Checker
import Diagnostics
import Litmus
import Machine
import Oracle

/// What comparing the searches on one test and one set of CPUs came to.
enum Outcome {
    /// All agree.
    case agreement(Verdict, oracle: OracleOutcome)
    /// The test is too large for the reference.
    case skipped
    /// All refuse the test, for whatever reason.
    case refused(String)
    /// Somebody is wrong.
    case difference(String)
}

/// What the oracle had to say.
enum OracleOutcome {
    case agreement
    case notAsked
    case skipped
    /// It leaves out something that the test needs.
    case unsupported(String)
}

/// Compares the fast search, the reference search and the oracle.
struct Comparison {
    var maxStates: Int
    var asksOracle: Bool
    var replays = true
    var wantsShortest = true

    /// Checks a test on CPUs of these profiles, one for each, in every way there is.
    func compare(
        _ test: LitmusTest, _ checker: TestChecker, label: String, profiles: [CPUProfile], names: Set<String>?
    ) -> Outcome {
        var options = CheckOptions()
        options.limits.maxStates = maxStates
        let fast = Result { () throws(Diagnostic) in
            try checker.check(label: label, profiles: profiles, options: options)
        }
        options.usesReference = true
        let slow = Result { () throws(Diagnostic) in
            try checker.check(label: label, profiles: profiles, options: options)
        }
        switch (fast, slow) {
        case (.failure(let error), .failure): return .refused(error.message)
        case (.failure(let error), .success(let verdict)):
            if verdict.end != .complete { return .skipped }
            return .difference("the fast search refuses the test, the reference does not: \(error.message)")
        case (.success(let verdict), .failure(let error)):
            if verdict.end != .complete { return .skipped }
            return .difference("the reference refuses the test, the fast search does not: \(error.message)")
        case (.success(let fast), .success(let slow)):
            if slow.end != .complete { return .skipped }
            if let difference = difference(fast, slow, checker, profiles, canLoop: Self.canLoop(test)) {
                return .difference(difference)
            }
            return compareWithOracle(test, slow, profiles, names)
        }
    }

    /// Whether runs may go round in circles.
    ///
    /// A state on a circle counts as an end, and the lazy machine, whose TLBs are full from the start, may need more
    /// steps to get there than the eager one.
    private static func canLoop(_ test: LitmusTest) -> Bool {
        !test.handlers.isEmpty || test.threads.contains { !$0.program.labels.isEmpty }
    }

    private func difference(
        _ fast: Verdict, _ slow: Verdict, _ checker: TestChecker, _ profiles: [CPUProfile], canLoop: Bool
    ) -> String? {
        if fast.end != .complete {
            return "the fast search hits a limit (\(fast.end)), the reference does not"
        }
        let (left, right) = (Set(fast.states), Set(slow.states))
        if left != right {
            return "final states differ\n" + Self.list("only fast", left.subtracting(right).map(\.text))
                + Self.list("only reference", right.subtracting(left).map(\.text))
        }
        if left.count != fast.states.count { return "the fast search lists a final state twice" }
        if fast.observation != slow.observation {
            return "observations differ: \(fast.observation) and \(slow.observation)"
        }
        if fast.statistics.states > slow.statistics.states {
            return
                "the fast search has more states (\(fast.statistics.states)) than the reference (\(slow.statistics.states))"
        }
        switch (fast.witness, slow.witness) {
        case (nil, nil): return nil
        case (let own?, nil): return "only the fast search has a witness: \(own.replay)"
        case (nil, let other?): return "only the reference has a witness: \(other.replay)"
        case (let own?, let other?):
            if wantsShortest && !canLoop && own.steps.count > other.steps.count {
                return "the fast witness \(own.replay) is longer than the reference's \(other.replay)"
            }
            guard replays else { return nil }
            return replayDifference(own, fast, checker, profiles, isEager: false)
                ?? replayDifference(other, slow, checker, profiles, isEager: true)
        }
    }

    /// Replays a witness: it must tell the same run, and the run must show what the condition asks about.
    private func replayDifference(
        _ witness: Run, _ verdict: Verdict, _ checker: TestChecker, _ profiles: [CPUProfile], isEager: Bool
    ) -> String? {
        let which = isEager ? "reference" : "fast"
        let replayed: Run
        do {
            replayed = try checker.replay(witness.replay, profiles: profiles, isEager: isEager)
        } catch { return "the \(which) witness \(witness.replay) cannot be replayed: \(error.message)" }
        guard replayed.steps == witness.steps, replayed.ending == witness.ending,
            replayed.isComplete == witness.isComplete
        else { return "the \(which) witness \(witness.replay) is told differently when it is replayed" }
        if witness.ending.harms.isEmpty && witness.isComplete {
            let wanted = verdict.quantifier != .forall
            let ends = verdict.states.filter { $0.isPositive == wanted }.map(\.parts)
            if !ends.contains(witness.ending.values) {
                return "the \(which) witness \(witness.replay) ends in no state that answers the condition"
            }
        }
        return nil
    }

    private func compareWithOracle(
        _ test: LitmusTest, _ verdict: Verdict, _ profiles: [CPUProfile], _ names: Set<String>?
    ) -> Outcome {
        guard asksOracle else { return .agreement(verdict, oracle: .notAsked) }
        let result: OracleResult
        do {
            result = try Oracle.explore(test, profiles: profiles.map(TestedProfiles.forOracle), maxStates: maxStates)
        } catch OracleError.unsupported(let what) {
            return .agreement(verdict, oracle: .unsupported(what))
        } catch { return .difference("the oracle refuses the test: \(error)") }
        guard result.isComplete else { return .agreement(verdict, oracle: .skipped) }
        if let reader = reader(test, names) {
            let ours = Set(verdict.states.map { reader.state($0.parts, isPositive: $0.isPositive) })
            let theirs = Set(result.finals.map { reader.state(ofOracle: $0.text, isPositive: $0.holds) })
            if ours != theirs {
                return .difference(
                    "the oracle's final states differ\n" + Self.list("only checker", ours.subtracting(theirs))
                        + Self.list("only oracle", theirs.subtracting(ours)))
            }
        }
        if result.observation != verdict.observation || result.positive != verdict.positive
            || result.negative != verdict.negative
        {
            return .difference(
                "the oracle says \(result.observation) \(result.positive) \(result.negative), "
                    + "the checker \(verdict.observation) \(verdict.positive) \(verdict.negative)")
        }
        return .agreement(verdict, oracle: .agreement)
    }

    /// How values are read; nil where they are not compared.
    private func reader(_ test: LitmusTest, _ names: Set<String>?) -> ValueReader? {
        guard let names else { return nil }
        if test.hasUpperLevels || test.name.hasPrefix("tables-"), let addresses = try? OracleAddresses(test) {
            return ValueReader(addresses)
        }
        return ValueReader(names)
    }

    private static func list(_ title: String, _ lines: some Sequence<String>) -> String {
        lines.sorted().map { "  \(title): \($0)\n" }.joined()
    }
}

extension Result {
    /// Keeps the type of the error, which the standard initialiser does from Swift 6 on only for some closures.
    fileprivate init(_ body: () throws(Failure) -> Success) {
        do { self = .success(try body()) } catch { self = .failure(error) }
    }
}
