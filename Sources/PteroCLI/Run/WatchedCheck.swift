import Diagnostics
import Explorer
import Report

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `ptero check --watch`: the check again whenever a file changes that it rests on.
struct WatchedCheck {
    private let check: Check
    /// The files and folders that are watched.
    private let arguments: [String]

    /// The check that somebody asked to repeat.
    /// - Throws: `Diagnostic` where nothing is named and the corpus is nowhere.
    init(_ check: Check, _ surroundings: Surroundings) throws(Diagnostic) {
        let swift = check.kernel.swift.swift
        var arguments =
            check.files + swift + [check.expect, check.costs].compactMap { $0 }.filter { $0 != check.writeExpect }
        // Names of profiles are no files, and are passed over like files that are not there yet.
        arguments += check.profile.flatMap { $0.split(separator: ",").map { String($0.prefix { $0 != ":" }) } }
        if check.files.isEmpty && swift.isEmpty && check.expect == nil {
            arguments.append(try CorpusLocation(surroundings: surroundings).find())
        }
        self.arguments = arguments
        self.check = {
            var once = check
            once.watch = false
            return once
        }()
    }

    /// Checks until somebody ends it, by Ctrl-C or by closing the output.
    ///
    /// - Parameter wait: lets some time pass; false ends the watch.
    /// - Returns: how the last check ended.
    func run(in surroundings: Surroundings, wait: () -> Bool = Self.pause) -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        while true {
            let files = WatchedFiles(arguments, surroundings)
            // Taken before the check: what changes meanwhile is checked, too.
            let versions = files.versions()
            let status = CommandLineInterface.ending(of: surroundings) { try check.execute(in: surroundings) }
            guard !Interruption.isRequested, !surroundings.output.hasFailed else { return status }
            surroundings.errors.write("watching \(Figures.count(versions.count, "file")); Ctrl-C ends\n")
            var seen = versions
            while true {
                guard wait(), !Interruption.isRequested else { return status }
                let now = files.versions()
                // A file that is still being written changes from look to look.
                if now != versions && now == seen { break }
                seen = now
            }
            surroundings.output.write("\n")
        }
    }

    /// A fifth of a second, or until a signal comes.
    private static func pause() -> Bool {
        var time = timespec(tv_sec: 0, tv_nsec: 200_000_000)
        nanosleep(&time, nil)
        return true
    }
}
