/// A line that the program prints (Resources/measure.c).
enum ProgramLine: Hashable {
    /// Ticks in a second.
    case clock(Double)
    /// The CPU that blocks run on and the other one; nil for one that there is not.
    case cpus(Int?, Int?)
    case begin(job: Int)
    case done(job: Int, JobTimes)
    case failed(job: Int, reason: String)
    case end

    /// Reads a line; nil for one that is none of the program's.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ").map { String($0) }
        switch (words.first, words.count) {
        case ("clock", 2):
            guard let ticks = Double(words[1]), ticks > 0 else { return nil }
            self = .clock(ticks)
        case ("cpu", 3):
            guard let first = Int(words[1]), let other = Int(words[2]) else { return nil }
            self = .cpus(first < 0 ? nil : first, other < 0 ? nil : other)
        case ("begin", 2):
            guard let job = Int(words[1]) else { return nil }
            self = .begin(job: job)
        case ("failed", 3):
            guard let job = Int(words[1]) else { return nil }
            self = .failed(job: job, reason: words[2])
        case ("end", 1): self = .end
        case ("job", 6...):
            guard let job = Int(words[1]), let times = JobTimes(words.dropFirst(2)) else { return nil }
            self = .done(job: job, times)
        default: return nil
        }
    }
}

/// What the program says of a job.
struct JobTimes: Hashable {
    /// Ticks per entry of one loop.
    struct Loop: Hashable {
        var minimum: Double
        var median: Double
        var samples: Int

        /// How far the median lies above the minimum, as a part of it.
        var spread: Double { minimum > 0 ? (median - minimum) / minimum : 0 }
    }

    /// How long the whole took, and how much of that the hypervisor gave to others.
    var seconds: Double
    var stolen: Double
    /// How often the kernel ran something else.
    var preemptions: Int
    var loops: [Loop]

    init(seconds: Double, stolen: Double, preemptions: Int, loops: [Loop]) {
        self.seconds = seconds
        self.stolen = stolen
        self.preemptions = preemptions
        self.loops = loops
    }

    /// Reads the words after the job's number.
    init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        guard words.count >= 4, let seconds = Double(words[0]), let stolen = Double(words[1]),
            let preemptions = Int(words[2]), let count = Int(words[3]), count >= 0, count <= 64,
            words.count == 4 + 3 * count
        else { return nil }
        var loops: [Loop] = []
        for number in 0..<count {
            let at = 4 + 3 * number
            guard let minimum = Double(words[at]), let median = Double(words[at + 1]), let samples = Int(words[at + 2]),
                minimum.isFinite, median.isFinite
            else { return nil }
            loops.append(Loop(minimum: minimum, median: median, samples: samples))
        }
        self.init(seconds: seconds, stolen: stolen, preemptions: preemptions, loops: loops)
    }
}
