import Synthesis

extension MeasuredFigure {
    /// Above this spread a minimum says little about the machine.
    static let widestSpread = 0.5
    /// So much of a second may the hypervisor take away.
    static let mostStolen = 0.2
    /// Jobs shorter than this are not asked for stolen time: the kernel counts it in hundredths of a second.
    private static let leastSecondsForStolen = 0.1
    /// So many passes must have counted.
    static let fewestSamples = 5

    /// The price of a block by what the program timed, or why that says nothing.
    init(_ job: TimedJob, _ times: JobTimes) {
        guard times.loops.count == job.block.loops.count else {
            self = .unusable(.samples(0))
            return
        }
        let stolen = times.stolen / max(times.seconds, 0.001)
        if times.seconds >= Self.leastSecondsForStolen, stolen > Self.mostStolen {
            self = .unusable(.stolen(stolen))
            return
        }
        let fewest = times.loops.map { $0.samples }.min() ?? 0
        guard fewest >= Self.fewestSamples else {
            self = .unusable(.samples(fewest))
            return
        }
        guard times.loops[1].spread <= Self.widestSpread else {
            self = .unusable(.unitSpread(times.loops[1].spread))
            return
        }
        let spread = times.loops[2].spread
        guard spread <= Self.widestSpread else {
            self = .unusable(.spread(spread))
            return
        }
        guard let price = job.block.price(times.loops.map { $0.minimum }) else {
            self = .unusable(.unitSpread(times.loops[1].spread))
            return
        }
        self = .price(CostEntry(minimum: price, spread: max(spread, times.loops[1].spread)))
    }

    /// What the program said in place of times.
    init(failure reason: String) {
        switch reason {
        case "onecpu": self = .unusable(.oneCPU)
        case "endless": self = .unusable(.endless)
        default: self = .unusable(.systemCall)
        }
    }

    /// Whether there is a figure.
    var isPrice: Bool {
        if case .price = self { true } else { false }
    }

    /// Whether another attempt may help.
    var mayBeSpoiltByLoad: Bool {
        switch self {
        case .unusable(.spread), .unusable(.unitSpread), .unusable(.stolen), .unusable(.samples): true
        default: false
        }
    }
}
