/// Memory: the words that stores, locked operations and the walker's updates change.
///
/// Every change of a page-table entry passes through here, so that ghost state sees it.
extension Machine {
    /// The number of a word's content in memory.
    @inline(__always)
    func inMemory(_ state: UnsafePointer<UInt64>, _ word: Int) -> Int {
        memory[word].isPresent ? memory[word].read(state) : Int(words[word].initial)
    }

    @inline(__always)
    func inMemory(_ state: UnsafeMutablePointer<UInt64>, _ word: Int) -> Int {
        inMemory(UnsafePointer(state), word)
    }

    @inline(__always)
    private func setContent(_ state: UnsafeMutablePointer<UInt64>, _ word: Int, _ number: Int) {
        if memory[word].isPresent {
            memory[word].write(number, state)
        } else if number != Int(words[word].initial) {
            // Nobody was known to change this word: build the machine again with the word in its states.
            fail(.outgrown(.word(word)))
        }
    }

    /// Software's store or locked operation on the bytes in `covered` reaches memory; `origin` is what the access was
    /// translated by.
    @inline(__always)
    func write(_ state: UnsafeMutablePointer<UInt64>, word: Int, _ content: Int, covered: UInt8, origin: StoreOrigin) {
        let info = words[word]
        if info.leaf >= 0 {
            writeLeaf(state, Int(info.leaf), content, covered)
        } else {
            if info.isKept { setContent(state, word, content) }
            noteWrite(state, frame: Int(info.frame), origin: origin)
        }
    }

    private func writeLeaf(_ state: UnsafeMutablePointer<UInt64>, _ leaf: Int, _ content: Int, _ covered: UInt8) {
        let info = leaves[leaf]
        let before = inMemory(state, info.word)
        setContent(state, info.word, content)
        // What has not changed everybody has seen before.
        if content != before { changes.noteWrite(leaf: leaf) }
        if Self.isShadowStack(value(content)) && !Self.isShadowStack(value(before)),
            plan.shadowStackPages & (1 << UInt64(info.page)) == 0
        {
            ghost.kernelShadowStack[info.page].write(1, state)
        }
        // Only the byte that holds A and D says that software knows what it put there.
        if covered & 1 != 0 { ghost.stray[leaf].write(0, state) }
        noteExposure(state, leaf: leaf)
        noteRights(state, leaf: leaf, content)
    }

    /// The walker's A or D update reaches memory.
    func writeByHardware(_ state: UnsafeMutablePointer<UInt64>, leaf: Int, _ content: Int) {
        let word = leaves[leaf].word
        if content == inMemory(state, word) { return }
        if !isPresent(content) { ghost.stray[leaf].write(1, state) }
        setContent(state, word, content)
        changes.noteWrite(leaf: leaf)
        noteExposure(state, leaf: leaf)
    }
}
