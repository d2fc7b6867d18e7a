import Testing

@testable import Explorer

/// State storage.
@Suite struct StorageTests {
    @Test func statesKeepTheirPlaceAndTheirNumberWhileTheArenaGrows() {
        var arena = StateArena(stride: 3)
        for number in 0..<40_000 {
            var words = [UInt64(number), UInt64(number) &* 7, ~UInt64(number)]
            words.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { arena.append(UnsafePointer(base), parent: number / 2) }
            }
        }
        #expect(arena.count == 40_000)
        for number in [0, 1, 16_383, 16_384, 39_999] {
            #expect(arena[number][0] == UInt64(number))
            #expect(arena[number][1] == UInt64(number) &* 7)
            #expect(arena[number][2] == ~UInt64(number))
            #expect(arena.parent(of: number) == number / 2)
        }
        #expect(arena.bytes >= 40_000 * 24)
    }

    @Test func rowsAreNumberedOnceEach() {
        let rows = RowSet(width: 2)
        var numbers: [Int] = []
        for round in 0..<2 {
            for key in 0..<5000 {
                let row: [UInt64] = [UInt64(key % 70), UInt64(key / 70)]
                let (number, isNew) = row.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map(rows.insert) ?? (-1, false)
                }
                #expect(isNew == (round == 0))
                if round == 0 { numbers.append(number) } else { #expect(numbers[key] == number) }
            }
        }
        #expect(rows.count == 5000)
        #expect(numbers == Array(0..<5000))
        #expect(rows[4999][0] == UInt64(4999 % 70))
    }

    @Test func hashesOfNearStatesDiffer() {
        var seen: Set<UInt64> = []
        for word in 0..<3 {
            for bit in 0..<64 {
                var state: [UInt64] = [0, 0, 0]
                state[word] = 1 << UInt64(bit)
                state.withUnsafeBufferPointer { buffer in
                    if let base = buffer.baseAddress { seen.insert(VisitedSet.hash(base, 3)) }
                }
            }
        }
        #expect(seen.count == 192)
    }
}
