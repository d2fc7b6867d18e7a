/// What was measured on a machine: prices of building blocks, and of whole sequences.
package struct MachineMeasurement: Hashable, Sendable {
    /// The processor's name.
    package var machine: String
    /// The day, as `2026-11-29`.
    package var date: String
    /// The CPU that the blocks ran on; nil where that is not known.
    package var cpu: Int?
    /// Whether the program could not be kept on one CPU.
    package var isUnpinned = false
    /// The time of one `lock andb`, in nanoseconds.
    package var nanoseconds: [CostSetting: Double]
    /// What was asked, in the order in which it is told.
    package var rows: [MeasuredRow]
    /// Whether it was ended early, by Ctrl-C.
    package var isInterrupted: Bool

    /// Makes a measurement.
    package init(
        machine: String, date: String, cpu: Int? = nil, nanoseconds: [CostSetting: Double] = [:],
        rows: [MeasuredRow] = [], isInterrupted: Bool = false
    ) {
        self.machine = machine
        self.date = date
        self.cpu = cpu
        self.nanoseconds = nanoseconds
        self.rows = rows
        self.isInterrupted = isInterrupted
    }

    /// Prices that are known already, as rows.
    package init(_ costs: CostTable) {
        self.init(machine: costs.machine, date: costs.date, nanoseconds: costs.nanoseconds)
        for item in CostItem.allCases {
            var row = MeasuredRow(.item(item))
            for (setting, entries) in costs.prices {
                if let entry = entries[item] { row.figures[.setting(setting)] = .price(entry) }
            }
            if !row.figures.isEmpty { rows.append(row) }
        }
    }

    /// Whether nothing is missing for want of time; figures that cannot be used are not missing.
    package var isComplete: Bool {
        !isInterrupted && rows.allSatisfy { row in !row.figures.values.contains(.unusable(.notReached)) }
    }

    /// The prices that can be used.
    package var costs: CostTable {
        var table = CostTable(machine: machine, date: date, nanoseconds: nanoseconds, prices: [:])
        for row in rows {
            guard case .item(let item) = row.subject else { continue }
            for (column, figure) in row.figures {
                guard case .setting(let setting) = column, case .price(let entry) = figure else { continue }
                table.prices[setting, default: [:]][item] = entry
            }
        }
        return table
    }
}

/// A building block or a sequence, and what it costs.
package struct MeasuredRow: Hashable, Sendable {
    /// What it is about.
    package var subject: MeasuredSubject
    /// The figures that are known, or why there is none.
    package var figures: [MeasuredColumn: MeasuredFigure]
    /// Instructions of a sequence that were not run: calls of services, flushes.
    package var leftOut: [String]
    /// Other tests with the same sequence, by their names.
    package var sameIn: [String] = []

    /// Makes a row.
    package init(
        _ subject: MeasuredSubject, figures: [MeasuredColumn: MeasuredFigure] = [:], leftOut: [String] = []
    ) {
        self.subject = subject
        self.figures = figures
        self.leftOut = leftOut
    }
}

/// What is timed.
package enum MeasuredSubject: Hashable, Sendable {
    case item(CostItem)
    /// The column P0 of a test, by the test's name.
    case sequence(String)
}

/// Where it is timed.
package enum MeasuredColumn: Hashable, Sendable {
    case setting(CostSetting)
    /// On 512 entries of a kind.
    case start(EntryStart)
}

/// What entries are like before a sequence.
package enum EntryStart: String, CaseIterable, Hashable, Sendable {
    /// Accessed, not Dirty.
    case clean
    /// Accessed and Dirty.
    case dirty
    /// Dirty, not Accessed.
    case old
    /// Of all three kinds, at random.
    case mixed
}

/// A figure, or why there is none.
package enum MeasuredFigure: Hashable, Sendable {
    case price(CostEntry)
    case unusable(UnusableReason)
}

/// Why there is no figure.
package enum UnusableReason: Hashable, Sendable {
    /// The median lay so far above the minimum.
    case spread(Double)
    /// The same of `lock andb`.
    case unitSpread(Double)
    /// The hypervisor gave so much of the time to somebody else.
    case stolen(Double)
    /// Only so many passes counted.
    case samples(Int)
    /// There is no second CPU.
    case oneCPU
    /// The kernel refused a call.
    case systemCall
    /// The code does not end: it waits for somebody.
    case endless
    /// The code was ended by a signal.
    case signal(Int)
    /// It was not its turn before the time was over, or before Ctrl-C.
    case notReached
    /// The sequence cannot be run outside the kernel.
    case notRunnable(SequenceProblem)
}

/// Why a sequence cannot be run by a program.
package enum SequenceProblem: Error, Hashable, Sendable {
    /// It is in C or Swift.
    case notColumns
    /// There is no column P0.
    case noColumn
    /// No register has the address of an entry.
    case noEntry
    /// An instruction that only a kernel may execute.
    case instruction(String)
    /// An instruction that accesses something that is not an entry.
    case memory(String)
    /// It leaves no two registers for the loop around it.
    case registers
}
