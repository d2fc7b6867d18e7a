import Explorer

/// The order in which rows are shown: by one column after the other.
///
/// Most columns hold small numbers. Where a row's numbers fit into one word side by side, that word is its place, and
/// hundreds of thousands of final states are sorted without looking at the rows again.
struct RowOrder {
    private let rows: RowSet
    private let columns: [Int]

    init(_ rows: RowSet, columns: [Int]) {
        self.rows = rows
        self.columns = columns
    }

    /// The rows' numbers in ascending order.
    func sorted() -> [Int] {
        guard let keys = keys() else { return (0..<rows.count).sorted(by: isLess) }
        return keys.sorted { $0.key < $1.key }.map { $0.row }
    }

    /// The rows' numbers side by side, the first column's in the highest bits; nil where they need more than a word.
    private func keys() -> [(key: UInt64, row: Int)]? {
        var used = [UInt64](repeating: 0, count: columns.count)
        for row in 0..<rows.count {
            let words = rows[row]
            for place in columns.indices { used[place] |= words[columns[place]] }
        }
        let widths = used.map { UInt64(UInt64.bitWidth - $0.leadingZeroBitCount) }
        guard widths.reduce(0, +) <= 64 else { return nil }
        return (0..<rows.count).map { row in
            let words = rows[row]
            var key: UInt64 = 0
            for place in columns.indices { key = key << widths[place] | words[columns[place]] }
            return (key, row)
        }
    }

    private func isLess(_ first: Int, _ second: Int) -> Bool {
        let (left, right) = (rows[first], rows[second])
        for column in columns where left[column] != right[column] { return left[column] < right[column] }
        return false
    }
}
