import AddressSpace
import Boot

/// The frames of RAM, each with the number of its users; found in the loader's memory map.
///
/// One CPU, and no interrupts: nothing needs a lock.
struct Memory {
    /// Where the direct map begins: one GByte, made by boot.S.
    static var directMap: UInt64 { 0xFFFF_8000_0000_0000 }
    /// Where the kernel's addresses begin; its code lies at the same places without it.
    static var kernelOffset: UInt64 { 0xFFFF_FFFF_8000_0000 }

    /// The number of the first frame that can be given away.
    private var first = 0
    /// How many there are.
    private var count = 0
    /// Where the search for a free one begins.
    private var next = 0
    /// How many users each has, 0 for a free one.
    private var users: UnsafeMutablePointer<UInt16>?
    /// How many are free.
    private(set) var freeCount = 0

    /// All the memory there is.
    nonisolated(unsafe) static var all = Memory()

    /// Takes all RAM after the kernel, in the region in which the kernel lies.
    /// - Returns: false if the loader left no memory map that can be understood.
    mutating func takeRAM() -> Bool {
        let kernelEnd = place_of_kernel_end() - Self.kernelOffset
        guard let region = Self.region(around: kernelEnd) else { return false }
        let last = Int(min(region.address + region.size, 1 << 30) / 4096)
        // The table of users comes first, two bytes for each frame that is left.
        let table = Int((kernelEnd + 4095) / 4096)
        let tableFrames = ((last - table) * 2 + 4095) / 4096
        users = UnsafeMutablePointer(bitPattern: UInt(Self.directMap) + UInt(table) * 4096)
        first = table + tableFrames
        count = last - first
        freeCount = count
        for position in 0..<count { users?[position] = 0 }
        return count > 0
    }

    /// The region of RAM with an address in it, according to the loader.
    private static func region(around address: UInt64) -> hvm_memory_map_entry? {
        let place = UnsafePointer<UInt64>(bitPattern: UInt(place_of_start_info()))
        guard let place, let info = inDirectMap(place.pointee, as: hvm_start_info.self)?.pointee,
            info.magic == 0x336E_C578, info.version >= 1,
            let map = inDirectMap(info.memory_map, as: hvm_memory_map_entry.self)
        else { return nil }
        for index in 0..<Int(info.memory_map_count) {
            let entry = map[index]
            if entry.type == 1, entry.address <= address, address < entry.address + entry.size { return entry }
        }
        return nil
    }

    /// Something at a physical address.
    static func inDirectMap<Value>(_ address: UInt64, as type: Value.Type) -> UnsafeMutablePointer<Value>? {
        address < 1 << 30 ? UnsafeMutablePointer(bitPattern: UInt(directMap + address)) : nil
    }

    /// Gives away a frame that nobody uses, by its number; nil if there is none.
    mutating func allocate() -> UInt64? {
        guard let users, freeCount > 0 else { return nil }
        while users[next] != 0 { next = (next + 1) % count }
        users[next] = 1
        freeCount -= 1
        return UInt64(first + next)
    }

    /// Gives away 512 frames side by side from a multiple of 512, for a page of 2 MByte; nil if there are none.
    mutating func allocateLarge() -> Frame? {
        guard let users else { return nil }
        var start = (512 - first % 512) % 512
        while start + 512 <= count {
            var position = start
            while position < start + 512, users[position] == 0 { position += 1 }
            if position == start + 512 {
                for position in start..<start + 512 { users[position] = 1 }
                freeCount -= 512
                return try? Frame(number: UInt64(first + start))
            }
            start += 512
        }
        return nil
    }

    /// One more address space has a page.
    mutating func share(_ page: Translation) {
        for frame in 0..<UInt64(page.size.frameCount) { users?[Int(page.frame.number + frame) - first] += 1 }
    }

    /// One less address space has a page.
    mutating func release(_ page: UnmappedPage) {
        for frame in 0..<UInt64(page.size.frameCount) { release(page.frame.number + frame) }
    }

    /// One less uses a frame; it is free when nobody does.
    mutating func release(_ number: UInt64) {
        users?[Int(number) - first] -= 1
        if userCount(of: number) == 0 { freeCount += 1 }
    }

    /// How many use a frame.
    func userCount(of number: UInt64) -> Int { Int(users?[Int(number) - first] ?? 0) }
}

// MARK: - What is in frames

extension Memory {
    /// A new frame for data.
    static func newFrame(filledWith value: UInt64) throws(AddressSpaceError) -> Frame {
        let frames = DirectMappedFrames()
        guard let frame = frames.allocate(), let words = frames.words(of: frame) else { throw .outOfFrames }
        for index in 0..<512 { words[index] = value }
        return frame
    }

    /// A copy of a frame; nil if no frame is left.
    static func copy(_ frame: Frame) -> Frame? {
        let frames = DirectMappedFrames()
        guard let copy = frames.allocate(), let to = frames.words(of: copy), let from = frames.words(of: frame) else {
            return nil
        }
        to.update(from: from, count: 512)
        return copy
    }

    /// Puts a value into the first bytes of a frame of its own.
    static func place<Value: ~Copyable>(_ value: consuming Value) throws(AddressSpaceError)
        -> UnsafeMutablePointer<Value>
    {
        guard let number = all.allocate(), let bytes = inDirectMap(number << 12, as: UInt8.self) else {
            throw .outOfFrames
        }
        let place = UnsafeMutableRawPointer(bytes).bindMemory(to: Value.self, capacity: 1)
        place.initialize(to: value)
        return place
    }

    /// Gives back the frame of a value that is gone.
    static func release<Value: ~Copyable>(at place: UnsafeMutablePointer<Value>) {
        all.release((UInt64(UInt(bitPattern: place)) - directMap) / Frame.byteCount)
    }
}
