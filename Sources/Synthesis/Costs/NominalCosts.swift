// Prices of no machine, for where nobody has measured: rounded from the manuals' and from what processors have in common.
extension CostTable {
    /// Rounded prices of a usual processor, not measured.
    package static let nominal = CostTable(
        machine: "nominal", date: "",
        prices: [
            .small: Dictionary(
                uniqueKeysWithValues: CostItem.allCases.map { item in
                    (item, CostEntry(minimum: nominalRatio(item), spread: 0))
                })
        ])

    /// A rounded price; `lock andb` takes about 20 cycles.
    static func nominalRatio(_ item: CostItem) -> Double {
        switch item {
        case .load1, .load2, .load4, .load8, .store1, .store2, .store4, .store8: 0.05
        case .update1, .update2, .update4, .update8: 0.05
        case .locked1, .locked2, .locked4, .locked8, .lockedExchangeAdd8, .lockedBit8: 1
        case .xchg1, .xchg2, .xchg4, .xchg8: 1
        case .cmpxchgSucceeds, .cmpxchgFails, .cmpxchgLoop: 1.1
        case .cmpxchgLoopRetried: 2.2
        case .register, .branchNotTaken, .branchTaken: 0.05
        case .branchMispredicted: 0.8
        case .mfence: 1.8
        case .lfence, .sfence: 0.3
        case .readBack1to1, .readBack8to8: 0.2
        case .readBack1to2, .readBack1to4, .readBack1to8, .readBack2to4, .readBack2to8, .readBack4to8: 1
        case .storeReadBack1to2, .storeReadBack1to4, .storeReadBack1to8, .storeReadBack2to4, .storeReadBack2to8: 0.7
        case .storeReadBack4to8: 0.7
        case .storeReadBack8to8: 0.2
        case .storeThenLocked: 0.4
        case .splitClean, .splitDirty: 1.1
        case .splitMixed: 1.6
        case .pageFault: 200
        case .shootdown: 400
        case .shootdownByMembarrier: 300
        }
    }
}
