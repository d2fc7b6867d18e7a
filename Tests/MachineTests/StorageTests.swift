import Testing

@testable import Machine

/// Packed states.
@Suite struct StorageTests {
    @Test func numbersAreGivenInOrderAndForGood() {
        var table = InternTable()
        let keys = (0..<5000).map { UInt64($0) &* 0x9e37_79b9_7f4a_7c15 ^ 0x55 }
        for (number, key) in keys.enumerated() {
            #expect(table.find(key) == nil)
            let given = table.number(of: key)
            #expect(given == number)
        }
        #expect(table.count == 5000)
        for (number, key) in keys.enumerated() {
            let given = table.number(of: key)
            #expect(given == number)
            #expect(table.find(key) == number)
            #expect(table[number] == key)
        }
        #expect(table.find(1) == nil)
        #expect(table.count == 5000)
    }

    @Test func zeroAndAllOnesAreKeysLikeOthers() {
        var table = InternTable()
        let numbers = [table.number(of: 0), table.number(of: .max)]
        #expect(numbers == [0, 1])
        #expect(table.find(0) == 0)
        #expect(table.find(.max) == 1)
    }

    @Test func aFieldChangesItsOwnBitsOnly() {
        var allocator = FieldAllocator()
        let widths = [7, 1, 64, 28, 0, 33, 5, 60, 3, 2]
        let fields = widths.map { allocator.field(bits: $0) }
        var state = [UInt64](repeating: 0, count: allocator.words)
        func check(_ expected: [UInt64]) {
            state.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                for (field, value) in zip(fields, expected) { #expect(field.readBits(base) == value) }
            }
        }
        var expected = [UInt64](repeating: 0, count: fields.count)
        for (number, field) in fields.enumerated() {
            expected[number] = field.mask
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map { field.writeBits(.max, $0) } }
            check(expected)
        }
        for (number, field) in fields.enumerated() where field.isPresent {
            expected[number] = field.mask & ~1
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map { field.remove(1, $0) } }
            check(expected)
            expected[number] = field.mask
            state.withUnsafeMutableBufferPointer { $0.baseAddress.map { field.insert(1, $0) } }
            check(expected)
        }
        #expect(!fields[4].isPresent)
        #expect(fields[4].mask == 0)
    }

    @Test func noFieldLiesAcrossTheBorderOfAWordAndGapsAreFilled() {
        var allocator = FieldAllocator()
        let fields = (1...64).map { allocator.field(bits: $0) }
        for (bits, field) in zip(1...64, fields) { #expect(Int(field.shift) + bits <= 64) }
        // 1 + ... + 64 = 2080 bits need 33 words at least.
        #expect(allocator.words >= 33)
        #expect(allocator.words <= 50)
        let before = allocator.words
        _ = allocator.field(bits: 1)
        #expect(allocator.words == before)
        #expect(FieldAllocator().words == 1)
    }

    @Test func valuesAreNumberedInTheOrderOfWords() throws {
        var bench = try Bench("movl $1,(a)")
        bench.entries = ["x": 0x1027, "y": 0x2067]
        var scenario = try bench.scenario(isEager: false)
        for word in 0..<scenario.map.wordCount { scenario.contents[word] = 0x77 + 5 * UInt64(word) }
        let machine = try Machine(scenario)
        let numbers = (0..<scenario.map.wordCount).map { machine.words[$0].initial }
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
    }

    @Test func partsGrowUntilTheyAreAsLargeAsTheyCanBe() {
        for part: FieldWidths.Part in [.threads, .values, .stores, .translations, .storeBuffer] {
            var widths = FieldWidths()
            var rounds = 0
            while widths.grow([part]) { rounds += 1 }
            #expect(rounds >= 2)
            #expect(rounds <= 8)
            #expect(widths.extraThreadBits <= 28 && widths.values <= 28 && widths.stores <= 28)
            #expect(widths.translations <= 64 && widths.storeBuffer <= 64)
        }
        var widths = FieldWidths()
        let didGrow = widths.grow([.word(3), .values])
        #expect(didGrow)
        #expect(widths.changingWords == [3])
        #expect(widths.values == 10)
        let grewAgain = widths.grow([.word(3)])
        #expect(!grewAgain, "a word that is in the state already cannot be what was missing")
    }
}
