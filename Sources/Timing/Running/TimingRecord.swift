import Synthesis

/// What the program has printed so far, as figures.
struct TimingRecord {
    let jobs: [TimedJob]
    private(set) var figures: [Int: MeasuredFigure] = [:]
    private(set) var nanoseconds: [CostSetting: Double] = [:]
    private(set) var cpu: Int?
    /// Whether the system would not keep the program on one CPU.
    private(set) var isUnpinned = false
    /// The job that was begun and not ended.
    private(set) var running: Int?
    /// The last job that the program has begun since it was started.
    private(set) var begun: Int?
    /// Whether the program has said that it is through.
    private(set) var hasEnded = false
    private var ticksPerSecond = 0.0

    init(_ jobs: [TimedJob]) { self.jobs = jobs }

    /// How many jobs have an answer.
    var finished: Int { figures.count }

    /// The program is started anew.
    mutating func restart() { (begun, running, hasEnded) = (nil, nil, false) }

    /// Takes note of a line.
    mutating func take(_ line: ProgramLine) {
        switch line {
        case .clock(let ticks): ticksPerSecond = ticks
        case .cpus(let first, _): (cpu, isUnpinned) = (first, first == nil)
        case .begin(let job): (running, begun) = (job, job)
        case .failed(let job, let reason): end(job, MeasuredFigure(failure: reason))
        case .done(let job, let times):
            guard jobs.indices.contains(job) else { return }
            end(job, MeasuredFigure(jobs[job], times))
            noteUnit(jobs[job], times)
        case .end: hasEnded = true
        }
    }

    /// The program was ended by a signal in the job that it was at.
    mutating func takeSignal(_ number: Int) {
        if let running { end(running, .unusable(.signal(number))) }
    }

    /// Why there is no figure of one job holds of another.
    mutating func copy(_ job: Int, to other: Int) {
        if figures[other] == nil, let figure = figures[job], !figure.isPrice { figures[other] = figure }
    }

    private mutating func end(_ job: Int, _ figure: MeasuredFigure) {
        guard jobs.indices.contains(job) else { return }
        // What was known of a job that is tried again stays, unless it is now known better.
        if figures[job] == nil || figure.isPrice { figures[job] = figure }
        running = nil
    }

    /// The jobs whose figures the machine's load may have spoilt.
    var spoilt: [Int] { jobs.indices.filter { figures[$0]?.mayBeSpoiltByLoad ?? false } }

    private mutating func noteUnit(_ job: TimedJob, _ times: JobTimes) {
        guard ticksPerSecond > 0, times.loops.count > 1, times.loops[1].spread <= MeasuredFigure.widestSpread else {
            return
        }
        // The unit is timed without the other CPU there, and in the small table here.
        let setting = job.setting == .contended || job.block.kind != .code ? CostSetting.small : job.setting
        let taken = (times.loops[1].minimum - times.loops[0].minimum) / ticksPerSecond * 1e9
        guard taken > 0 else { return }
        nanoseconds[setting] = min(taken, nanoseconds[setting] ?? .infinity)
    }
}
