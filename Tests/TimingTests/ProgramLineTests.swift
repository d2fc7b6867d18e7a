import Synthesis
import Testing

@testable import Timing

/// What the program prints, and what becomes of it.
@Suite struct ProgramLineTests {
    @Test func linesAreRead() {
        #expect(ProgramLine("clock 2600000000") == .clock(2.6e9))
        #expect(ProgramLine("cpu 1 -1") == .cpus(1, nil))
        #expect(ProgramLine("begin 7") == .begin(job: 7))
        #expect(ProgramLine("failed 7 onecpu") == .failed(job: 7, reason: "onecpu"))
        #expect(ProgramLine("end") == .end)
        let times = JobTimes(
            seconds: 0.5, stolen: 0.25, preemptions: 3,
            loops: [.init(minimum: 1, median: 2, samples: 4), .init(minimum: 3, median: 3, samples: 9)])
        #expect(ProgramLine("job 2 0.5 0.25 3 2 1.0 2.0 4 3 3 9") == .done(job: 2, times))
    }

    @Test(arguments: [
        "", "clock", "clock 0", "clock x", "cpu 1", "job 1", "job 1 0.5 0.2 3 2 1 2 4", "job 1 0.5 0.2 3 -1",
        "job 1 0.5 0.2 3 1 nan 2 4", "job 1 0.5 0.2 3 99999999999", "begin x", "failed 1", "end end", "other",
    ])
    func otherTextIsNone(_ text: String) { #expect(ProgramLine(text) == nil) }

    private static let job = TimedJob(row: 0, column: .setting(.small), block: TimedBlock(.mfence))

    private static func times(
        _ unit: (Double, Double) = (21, 21.5), _ text: (Double, Double) = (41, 42), samples: Int = 100,
        stolen: Double = 0
    ) -> JobTimes {
        JobTimes(
            seconds: 1, stolen: stolen, preemptions: 0,
            loops: [
                .init(minimum: 1, median: 1, samples: samples),
                .init(minimum: unit.0, median: unit.1, samples: samples),
                .init(minimum: text.0, median: text.1, samples: samples),
            ])
    }

    @Test func aFigureIsTheRatioOfMinimaWithoutTheLoop() {
        guard case .price(let entry) = MeasuredFigure(Self.job, Self.times()) else {
            Issue.record("no price")
            return
        }
        #expect(entry.minimum == 2)
        #expect(entry.spread > 0.023 && entry.spread < 0.025)
    }

    @Test func whatLoadHasSpoiltIsNoFigure() {
        func reason(_ times: JobTimes) -> UnusableReason? {
            guard case .unusable(let reason) = MeasuredFigure(Self.job, times) else { return nil }
            return reason
        }
        #expect(reason(Self.times((21, 42))) == .unitSpread(1))
        #expect(reason(Self.times((21, 21), (40, 80))) == .spread(1))
        #expect(reason(Self.times(samples: 4)) == .samples(4))
        #expect(reason(Self.times(stolen: 0.5)) == .stolen(0.5))
        #expect(reason(Self.times((1, 1))) == .unitSpread(0))
        #expect(reason(JobTimes(seconds: 1, stolen: 0, preemptions: 0, loops: [])) == .samples(0))
        #expect(MeasuredFigure(failure: "onecpu") == .unusable(.oneCPU))
        #expect(MeasuredFigure(failure: "endless") == .unusable(.endless))
        #expect(MeasuredFigure(failure: "call") == .unusable(.systemCall))
    }

    @Test func anExtraIsWhatTwoTogetherTakeMoreThanEachAlone() {
        let block = TimedBlock(.readBack1to8)
        // Empty loop, unit, both, the first alone, the second alone.
        #expect(block.price([1, 21, 45, 21, 2]) == 1.15)
        #expect(block.price([1, 21, 20, 21, 2]) == 0)
        #expect(block.price([1, 1, 45, 21, 2]) == nil && block.price([1]) == nil)
        #expect(TimedBlock(.pageFault).price([1, 21, 4000]) == 200)
    }

    @Test func aRecordKeepsWhatIsKnownAndRetriesWhatIsSpoilt() {
        var record = TimingRecord([Self.job, Self.job, Self.job])
        record.take(.clock(1e9))
        record.take(.cpus(3, 0))
        record.take(.begin(job: 0))
        record.take(.done(job: 0, Self.times()))
        record.take(.begin(job: 1))
        record.take(.done(job: 1, Self.times((21, 21), (40, 80))))
        #expect(record.spoilt == [1] && record.finished == 2 && record.cpu == 3 && record.nanoseconds == [.small: 20])
        record.take(.done(job: 0, Self.times(samples: 1)))
        #expect(record.spoilt == [1])
        record.take(.done(job: 1, Self.times()))
        #expect(record.spoilt.isEmpty)
        record.take(.begin(job: 2))
        record.takeSignal(11)
        #expect(record.figures[2] == .unusable(.signal(11)) && record.begun == 2 && record.running == nil)
        record.take(.done(job: 99, Self.times()))
        record.take(.failed(job: -1, reason: "call"))
        #expect(record.finished == 3)
    }
}
