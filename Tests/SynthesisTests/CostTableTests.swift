import Testing

@testable import Synthesis

/// Prices of building blocks.
@Suite struct CostTableTests {
    @Test func nominalPricesAreThereForAllAndTheUnitIsOne() {
        let table = CostTable.nominal
        #expect(table.unknownItems.isEmpty)
        #expect(table[.unit]?.minimum == 1)
        #expect(CostItem.allCases.allSatisfy { table.ratio($0) > 0 })
    }

    @Test func widthsLeadToItems() {
        #expect([1, 2, 4, 8].map { CostItem.load($0) } == [.load1, .load2, .load4, .load8])
        #expect([1, 2, 4, 8].map { CostItem.store($0) } == [.store1, .store2, .store4, .store8])
        #expect([1, 2, 4, 8].map { CostItem.update($0) } == [.update1, .update2, .update4, .update8])
        #expect([1, 2, 4, 8].map { CostItem.locked($0) } == [.locked1, .locked2, .locked4, .locked8])
        #expect([1, 2, 4, 8].map { CostItem.xchg($0) } == [.xchg1, .xchg2, .xchg4, .xchg8])
        #expect(CostItem.load(3) == nil && CostItem.readBack(written: 8, read: 1) == nil)
        for (written, read) in [(1, 2), (1, 4), (1, 8), (2, 4), (2, 8), (4, 8), (8, 8)] {
            #expect(CostItem.readBack(written: written, read: read)?.rawValue == "readBack\(written)to\(read)")
            #expect(
                CostItem.storeReadBack(written: written, read: read)?.rawValue == "storeReadBack\(written)to\(read)")
        }
    }

    @Test func whatIsNotKnownIsNominal() {
        var table = CostTable(machine: "mine", date: "2026-11-29", prices: [:])
        #expect(table.ratio(.mfence) == CostTable.nominal.ratio(.mfence))
        table[.mfence] = CostEntry(minimum: 3, spread: 0.5)
        #expect(table.ratio(.mfence) == 3 && table.ratio(.mfence, in: .large) == 3 && table.widestSpread == 0.5)
        table.prices[.large] = [.mfence: CostEntry(minimum: 2, spread: 0.1)]
        #expect(table.ratio(.mfence, in: .large) == 2 && table.price(.mfence, in: .medium) == nil)
        #expect(!table.unknownItems.contains(.mfence) && table.unknownItems.contains(.load1))
    }

    @Test func whatNeedsNoTableHasOnePrice() {
        #expect(CostTable.nominal.price(.pageFault, in: .large) == CostTable.nominal.price(.pageFault))
        #expect(CostItem.pageFault.isStandIn && !CostItem.locked1.isStandIn)
        #expect(CostItem.readBack1to8.isExtra && !CostItem.cmpxchgLoop.isExtra)
    }
}
