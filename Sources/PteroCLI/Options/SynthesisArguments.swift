import ArgumentParser
import Synthesis

/// What `--allow` takes.
enum AllowedAct: String, CaseIterable {
    case fault, flush, loop

    /// Reads the acts of an option, with commas between.
    ///
    /// - Throws: `ValidationError` for another word.
    static func allowance(_ text: String?) throws -> Allowance {
        var allowance = Allowance()
        for word in (text ?? "").split(separator: ",") {
            switch AllowedAct(rawValue: String(word)) {
            case .fault: allowance.fault = true
            case .flush: allowance.flush = true
            case .loop: allowance.loop = true
            case nil:
                let acts = allCases.map { $0.rawValue }.joined(separator: ", ")
                throw ValidationError("--allow takes \(acts), not \(word).")
            }
        }
        return allowance
    }
}

/// What `--mix` takes.
enum MixArgument {
    /// Reads how many entries are of each kind, with commas between.
    ///
    /// - Throws: `ValidationError` for a word that is not a kind and a number.
    static func shares(_ text: String?) throws -> [EntryKind: Double] {
        var shares: [EntryKind: Double] = [:]
        for word in (text ?? "").split(separator: ",") {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let kind = EntryKind(rawValue: String(parts[0])), let share = Double(parts[1]),
                share >= 0, share.isFinite
            else {
                let kinds = EntryKind.allCases.map { $0.rawValue }.joined(separator: ", ")
                throw ValidationError("--mix takes kind=number with commas between; kinds are \(kinds).")
            }
            shares[kind] = share
        }
        return shares
    }
}

/// What `--shard` takes: `1/4`.
struct ShardArgument: ExpressibleByArgument {
    /// The part.
    var shard: Shard

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count <= 10_000, index >= 1, index <= count
        else { return nil }
        shard = Shard(index: index, count: count)
    }
}
