/// The store buffer of x86-TSO: a FIFO per CPU between its stores and memory.
///
/// A store enters at the end; the oldest leaves to memory at any time. The own loads and the own walker see buffered
/// bytes first. Source: Owens, Sarkar, Sewell, "A better x86 memory model: x86-TSO", TPHOLs 2009.
extension Machine {
    /// Whether nothing is buffered.
    @inline(__always)
    func isDrained(_ state: UnsafePointer<UInt64>, _ cpu: Int) -> Bool {
        cpus[cpu].storeCapacity == 0 || cpus[cpu].stores[0].read(state) == 0
    }

    /// The number of the value of a word as the CPU sees it: its own buffered bytes, then memory.
    @inline(__always)
    func view(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int) -> Int {
        let content = inMemory(state, word)
        return isDrained(state, cpu) ? content : overlay(state, cpu, word: word, on: content)
    }

    private func overlay(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int, on content: Int) -> Int {
        var content = content
        for place in 0..<cpus[cpu].storeCapacity {
            let number = cpus[cpu].stores[place].read(state)
            if number == 0 { break }
            let info = store(number)
            if Int(info.word) == word { content = merge(info, into: content) }
        }
        return content
    }

    /// The number of a word's value after a store to some of its bytes.
    @inline(__always)
    func merge(_ info: StoreInfo, into content: Int) -> Int {
        if info.covered == .max { return Int(info.value) }
        return number(ofValue: (value(content) & ~info.mask) | value(Int(info.value)))
    }

    /// Whether a byte of the word is buffered.
    @inline(__always)
    func buffers(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int) -> Bool {
        for place in 0..<cpus[cpu].storeCapacity {
            let number = cpus[cpu].stores[place].read(state)
            if number == 0 { return false }
            if Int(store(number).word) == word { return true }
        }
        return false
    }

    /// Whether every buffered byte of the word that a load of `mask` would read comes from memory.
    func readsMemory(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int, mask: UInt8) -> Bool {
        for place in 0..<cpus[cpu].storeCapacity {
            let number = cpus[cpu].stores[place].read(state)
            if number == 0 { return true }
            let info = store(number)
            if Int(info.word) == word && info.covered & mask != 0 { return false }
        }
        return true
    }

    /// A store leaves the instruction: into the buffer, or to memory where stores are not buffered.
    @inline(__always)
    func push(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ number: Int) {
        let info = store(number)
        let word = Int(info.word)
        guard traits[cpu].buffersStores && !words[word].isUnseen else {
            write(
                state, word: word, merge(info, into: inMemory(state, word)), covered: info.covered, origin: info.origin
            )
            return
        }
        for place in 0..<cpus[cpu].storeCapacity where cpus[cpu].stores[place].read(state) == 0 {
            cpus[cpu].stores[place].write(number, state)
            if words[word].entry >= 0 { changes.noteView(cpu) }
            return
        }
        let isLeftOut = cpus[cpu].storeCapacity == 0
        fail(.outgrown(isLeftOut ? .storing(cpu: plan.interchangeable.first(for: cpu)) : .storeBuffer))
    }

    /// The oldest buffered store reaches memory.
    func drain(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        let info = store(cpus[cpu].stores[0].read(state))
        let last = cpus[cpu].storeCapacity - 1
        for place in 0..<last { cpus[cpu].stores[place].write(cpus[cpu].stores[place + 1].read(state), state) }
        cpus[cpu].stores[last].write(0, state)
        let word = Int(info.word)
        write(state, word: word, merge(info, into: inMemory(state, word)), covered: info.covered, origin: info.origin)
    }

    /// Everything buffered reaches memory, in order.
    func drainAll(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        while !isDrained(state, cpu) { drain(state, cpu) }
    }
}
