import CFrontMemory
import Testing

/// Copying, filling and comparing, against the same done byte by byte.
@Suite struct BytesTests {
    /// Every length about the edges between the ways of copying, at many distances forward and backward.
    @Test(arguments: Array(0...70) + [127, 128, 129, 255, 256, 257, 1000])
    func movesMayOverlap(length: Int) {
        let distances = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 257]
        for distance in distances.map({ -$0 }) + distances {
            var bytes = (0..<2048).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) }
            var expected = bytes
            for index in 0..<length { expected[512 + distance + index] = bytes[512 + index] }
            bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                _ = front_move(base + 512 + distance, base + 512, length)
            }
            #expect(bytes == expected, "\(length) bytes by \(distance)")
        }
    }

    @Test func copies() {
        for length in 0...300 {
            let source = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
            var target = [UInt8](repeating: 0xff, count: length + 32)
            let isTarget = target.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return false }
                return front_copy(base + 16, source, length) == base + 16
            }
            #expect(isTarget)
            #expect(target == Array(repeating: 0xff, count: 16) + source + Array(repeating: 0xff, count: 16))
        }
    }

    @Test func fills() {
        for length in 0...300 {
            var target = [UInt8](repeating: 0xff, count: length + 32)
            target.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                // As memset has it, the lowest byte counts.
                _ = front_fill(base + 16, 0x1234, length)
            }
            let edge = [UInt8](repeating: 0xff, count: 16)
            #expect(target == edge + Array(repeating: 0x34, count: length) + edge)
        }
    }

    /// Bytes compare without a sign, the first that differs decides.
    @Test func comparisons() {
        for length in 1...40 {
            let one = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            #expect(front_compare(one, one, length) == 0)
            for place in 0..<length {
                var other = one
                other[place] = 0x80
                if place + 1 < length { other[place + 1] = 0 }
                #expect(front_compare(one, other, length) < 0)
                #expect(front_compare(other, one, length) > 0)
                #expect(front_compare(one, other, place) == 0)
            }
        }
        #expect(front_compare([UInt8](), [UInt8](), 0) == 0)
    }
}
