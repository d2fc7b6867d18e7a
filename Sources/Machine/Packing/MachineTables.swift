/// What the numbers in packed states stand for, as far as a search has come.
///
/// One machine, the leader, writes them, and only while its followers do not run; those read.
final class MachineTables {
    /// Values of words, and buffered stores.
    let numbers: UnsafeMutablePointer<NumberTables>
    /// By CPU, the states of its thread; interchangeable CPUs number theirs alike, so they share a table.
    let threads: [ThreadTable]
    /// By CPU, the records of ``threads``, where they lie now.
    let records: UnsafeMutablePointer<UnsafeMutablePointer<ThreadRecord>>
    /// By CPU, what requests that read something have come to.
    let answers: UnsafeMutablePointer<AnswerTable>
    /// By leaf, the translations seen in it.
    let translations: UnsafeMutablePointer<TranslationTable>
    /// By leaf, the late walks seen for it (`LateAccessed.swift`).
    let lateWalks: UnsafeMutablePointer<LateWalkTable>
    private let leafCount: Int

    /// The numbers that are there from the start.
    init(_ plan: MachinePlan) {
        let scenario = plan.scenario
        var threads: [ThreadTable] = []
        for (cpu, processor) in scenario.cpus.enumerated() {
            let first = plan.interchangeable.first(for: cpu)
            threads.append(
                first < cpu
                    ? threads[first]
                    : ThreadTable(cpu: cpu, processor: processor, map: scenario.map, watches: scenario.watches))
        }
        self.threads = threads
        leafCount = plan.leafCount
        numbers = .allocate(capacity: 1)
        numbers.initialize(to: NumberTables())
        for value in plan.initialValues { _ = numbers.pointee.values.number(of: value) }
        records = .allocate(capacity: max(1, threads.count))
        answers = .allocate(capacity: max(1, threads.count))
        for cpu in threads.indices {
            (records + cpu).initialize(to: threads[cpu].records)
            (answers + cpu).initialize(to: AnswerTable())
        }
        translations = .allocate(capacity: max(1, leafCount))
        for leaf in 0..<leafCount {
            (translations + leaf).initialize(to: TranslationTable(capacity: plan.widths.translations))
        }
        lateWalks = .allocate(capacity: max(1, leafCount))
        for leaf in 0..<leafCount {
            (lateWalks + leaf).initialize(to: LateWalkTable(capacity: plan.widths.lateWalks))
        }
    }

    deinit {
        numbers.deinitialize(count: 1)
        numbers.deallocate()
        records.deallocate()
        answers.deinitialize(count: threads.count)
        answers.deallocate()
        for leaf in 0..<leafCount {
            translations[leaf].deallocate()
            lateWalks[leaf].deallocate()
        }
        translations.deallocate()
        lateWalks.deallocate()
    }

    /// Bytes held, as far as they grow.
    var bytes: Int {
        threads.indices.reduce(numbers.pointee.bytes) { $0 + answers[$1].bytes + threads[$1].bytes }
    }

    /// Takes over a thread table's records after they have moved.
    func refreshRecords(of table: ThreadTable) {
        for cpu in threads.indices where threads[cpu] === table { records[cpu] = table.records }
    }
}
