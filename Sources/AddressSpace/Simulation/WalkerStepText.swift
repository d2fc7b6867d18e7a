import PageTable

extension WalkerStep: CustomStringConvertible {
    /// The step as a line, without its end.
    public var description: String {
        var bytes: [UInt8] = []
        spell { bytes.append($0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Spells the line of ``description`` byte by byte, in ASCII, without allocating anything: for a serial port.
    public func spell(_ put: (UInt8) -> Void) {
        switch self {
        case .loadedRoot(let root):
            emit("cr3: root table in ", put)
            emit(root, put)
            emit(", the TLB is empty", put)
        case .becameLazy: emit("lazy: runs no user code, is not asked by every shootdown", put)
        case .read(let address, let level, let entry): spellWalk(address, level, entry, "", put)
        case .setAccessed(let address, let level, let entry): spellWalk(address, level, entry, " -> sets A", put)
        case .setDirty(let address, let level, let entry):
            spellWalk(address, level, entry, Self.dirtyText(entry), put)
        case .hit(let address, let frame):
            emit("tlb  ", address, ": has ", put)
            emit(frame, put)
        case .filled(let address, let level, let frame):
            emit("tlb  ", address, ": keeps ", put)
            emit(frame, put)
            emit(" of a ", put)
            emit(level.pageSize, put)
            emit(" page", put)
        case .dropped(let address, let cause):
            if let address { emit("tlb  ", address, ": dropped by ", put) } else { emit("tlb: emptied by ", put) }
            emit(cause.name, put)
        case .accessed(let access, let address, let physical, let count):
            emit(access.name, put)
            emit(" ", address, ": ", put)
            emit(decimal: count, put)
            emit(count == 1 ? " byte" : " bytes", put)
            emit(" at physical ", physical, "", put)
        case .faulted(let fault):
            emit("fault ", fault.address, ": ", put)
            emit(fault, put)
        case .misused(let misuse):
            emit("misuse: ", put)
            misuse.spell(put)
        }
    }

    private func spellWalk(
        _ address: UInt64, _ level: TableLevel, _ entry: PageTableEntry, _ end: StaticString, _ put: (UInt8) -> Void
    ) {
        emit("walk ", address, ": ", put)
        emit(level.name, put)
        emit(" ", put)
        emit(entry, level, put)
        emit(end, put)
    }

    /// What a Dirty update is, by the entry that it found.
    private static func dirtyText(_ entry: PageTableEntry) -> StaticString {
        if !entry.isPresent { return " -> sets D in an entry with P=0" }
        return entry.isWritable ? " -> sets D" : " -> sets D late, in an entry with W=0"
    }
}

extension WalkerStep.Cause {
    fileprivate var name: StaticString {
        switch self {
        case .shootdown: "a shootdown"
        case .fault: "the fault"
        case .endOfLaziness: "the end of laziness"
        }
    }
}

// MARK: - Words of lines

/// Spells a text of ASCII.
func emit(_ text: StaticString, _ put: (UInt8) -> Void) { text.withUTF8Buffer { for byte in $0 { put(byte) } } }

/// Spells a number in hexadecimal between two texts.
func emit(_ before: StaticString, _ number: UInt64, _ after: StaticString, _ put: (UInt8) -> Void) {
    emit(before, put)
    emit("0x", put)
    var shift = number == 0 ? 0 : 60 - UInt64(number.leadingZeroBitCount) / 4 * 4
    while true {
        let digit = UInt8(truncatingIfNeeded: number >> shift & 15)
        put(digit < 10 ? 48 + digit : 87 + digit)
        if shift == 0 { break }
        shift -= 4
    }
    emit(after, put)
}

/// Spells a number below 100.
private func emit(decimal number: Int, _ put: (UInt8) -> Void) {
    if number >= 10 { put(48 + UInt8(truncatingIfNeeded: number / 10 % 10)) }
    put(48 + UInt8(truncatingIfNeeded: number % 10))
}

/// Spells a frame by its number.
func emit(_ frame: Frame, _ put: (UInt8) -> Void) { emit("frame ", frame.number, "", put) }

/// Spells the columns of an entry, with `PS` and `NX` where they are set.
private func emit(_ entry: PageTableEntry, _ level: TableLevel, _ put: (UInt8) -> Void) {
    entry.spellColumns(put)
    if level != .pte && entry.isLargePage { emit(" PS", put) }
    if entry.isNoExecute { emit(" NX", put) }
}

/// Spells the error code of a fault, and what it says.
private func emit(_ fault: PageFault, _ put: (UInt8) -> Void) {
    func has(_ bit: UInt32) -> Bool { fault.errorCode >> bit & 1 == 1 }
    emit("error code ", UInt64(fault.errorCode), ": ", put)
    emit(has(2) ? "user " : "supervisor ", put)
    if has(6) { emit("shadow-stack ", put) }
    emit(has(1) ? "write" : has(4) ? "fetch" : "read", put)
    emit(has(3) ? ", a reserved bit is set" : has(0) ? ", not permitted" : ", not present", put)
}
