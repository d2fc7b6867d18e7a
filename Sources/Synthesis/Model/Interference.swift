import Machine

/// What hardware may do to the entry between two instructions of a sequence: set A, decide to set D and set it, and let a
/// buffered store reach memory.
///
/// At most one Dirty update is played. The set of profiles says which late ones there are.
struct Interference: Hashable, Sendable {
    /// Some CPU sets D although W is 0 by then.
    var setsWhenRevoked = false
    /// Some CPU sets D although P is 0 by then.
    var setsWhenAbsent = false

    /// That of a set of profiles.
    init(_ profiles: [CPUProfile]) {
        setsWhenRevoked = profiles.contains { $0.onWriteRevoked != .refault }
        setsWhenAbsent = profiles.contains { $0.onNotPresent != .refault }
    }

    /// Calls `found` with each state that one act of hardware leads to.
    @inline(__always)
    func each(after state: SequenceState, _ found: (SequenceState) -> Void) {
        if state.buffered > 0 { found(state.drained()) }
        let rights = state.entry & (EntryBits.present | EntryBits.writable | EntryBits.dirty)
        if state.entry & (EntryBits.present | EntryBits.accessed) == EntryBits.present {
            var next = state
            next.entry |= EntryBits.accessed
            next.past.insert(.accessed)
            found(next)
        }
        switch state.update {
        case .none where rights == EntryBits.present | EntryBits.writable:
            if setsWhenRevoked || setsWhenAbsent {
                var next = state
                next.update = .decided
                found(next)
            } else {
                found(state.dirtied(.set))
            }
        case .decided:
            if state.entry & EntryBits.present == 0 {
                if setsWhenAbsent {
                    found(state.dirtied(.setAbsent))
                    var both = state.dirtied(.setAbsent)
                    both.entry |= EntryBits.accessed
                    found(both)
                }
            } else if state.entry & EntryBits.writable == 0 {
                if setsWhenRevoked { found(state.dirtied(.setLate)) }
            } else {
                found(state.dirtied(.set))
            }
        default: break
        }
    }
}

extension SequenceState {
    /// After the oldest buffered store has reached memory.
    @inline(__always)
    func drained() -> SequenceState {
        var next = self
        next.write(buffer.values.0, buffer.masks.0)
        next.buffer.masks = (buffer.masks.1, buffer.masks.2, buffer.masks.3, 0)
        next.buffer.values = (buffer.values.1, buffer.values.2, buffer.values.3, 0)
        next.buffered -= 1
        return next
    }

    /// Software changes bytes of the entry in memory.
    @inline(__always)
    mutating func write(_ value: UInt64, _ mask: UInt64) {
        let before = entry
        entry = entry & ~mask | value
        if entry != before { history = StateSets.mix(history ^ entry) }
        if EntryBits.isShadowStack(entry) && !EntryBits.isShadowStack(before) { past.insert(.shadowStackEntry) }
        if entry & EntryBits.present == 0 { past.insert(.absent) }
    }

    /// After hardware has set D; it may have set A long before.
    @inline(__always)
    fileprivate func dirtied(_ update: DirtyProgress) -> SequenceState {
        var next = self
        next.entry |= EntryBits.dirty
        next.update = update
        return next
    }
}
