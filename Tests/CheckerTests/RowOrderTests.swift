import Explorer
import Testing

@testable import Checker

/// Rows in the order of their columns, against Swift's own comparison of sequences.
@Suite struct RowOrderTests {
    /// Random rows whose values need few bits, exactly a word, and more than a word.
    @Test(arguments: [[1, 1, 2], [3, 0, 5], [20, 20, 24], [64, 0, 0], [20, 21, 24], [64, 64, 64], [64, 1, 0]])
    func orders(bits: [UInt64]) {
        let rows = RowSet(width: 3)
        var state: UInt64 = 1
        var written: [[UInt64]] = []
        for _ in 0..<500 {
            let row = bits.map { width -> UInt64 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return width == 0 ? 0 : (state ^ state >> 29) >> (64 - width)
            }
            if rows.insert(row).isNew { written.append(row) }
        }
        for columns in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let order = RowOrder(rows, columns: columns).sorted()
            let expected = written.indices.sorted { left, right in
                columns.map { written[left][$0] }.lexicographicallyPrecedes(columns.map { written[right][$0] })
            }
            #expect(order == expected)
        }
    }

    @Test func fewRows() {
        let rows = RowSet(width: 1)
        #expect(RowOrder(rows, columns: [0]).sorted().isEmpty)
        _ = rows.insert([7])
        #expect(RowOrder(rows, columns: [0]).sorted() == [0])
        #expect(RowOrder(rows, columns: []).sorted() == [0])
    }
}
