import CFront
import Machine
import Report

/// A command line that the front can answer by itself: `check` with tests by name and what most people ask for.
///
/// Everything else, wrong command lines included, is left to the whole program, which alone knows all options and has words
/// for what is wrong.
struct FrontRequest {
    /// More tests than this are for several processors.
    private static let mostFiles = 8

    private(set) var files: [String] = []
    private(set) var profiles: [CPUProfile] = []
    private(set) var options = CheckReport.Options(format: .table)

    /// Reads the arguments behind the program's name; nil for all that is not the front's.
    init?(_ arguments: [String]) {
        guard arguments.first == "check" else { return nil }
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            let (name, value) = Self.parts(argument)
            switch (name, value) {
            case ("--json", nil):
                guard options.format == .table else { return nil }
                options.format = .json
            case ("--verbose", nil), ("-v", nil):
                guard options.format == .table else { return nil }
                options.format = .blocks
            case ("--witness", nil): options.showsWitnesses = true
            case ("--statistics", nil): options.showsStatistics = true
            case ("--profile", _):
                guard let name = value ?? rest.popFirst(), add(profile: name) else { return nil }
            case ("--jobs", _):
                guard let count = (value ?? rest.popFirst()).flatMap({ Int($0) }), (1...1024).contains(count) else {
                    return nil
                }
            default:
                guard !argument.isEmpty, !argument.hasPrefix("-"), files.count < Self.mostFiles else { return nil }
                files.append(argument)
            }
        }
        if files.isEmpty { return nil }
        if profiles.isEmpty { profiles = CPUProfile.builtIn }
    }

    /// Whether every built-in profile was asked for.
    var isEverybody: Bool { profiles.count == CPUProfile.builtIn.count }

    /// `--name=value` in two; others whole.
    private static func parts(_ argument: String) -> (name: String, value: String?) {
        guard argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") else { return (argument, nil) }
        return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }

    private mutating func add(profile name: String) -> Bool {
        guard let profile = CPUProfile.builtIn.first(where: { $0.name == name }) else { return false }
        if !profiles.contains(where: { $0.name == name }) { profiles.append(profile) }
        return true
    }
}
