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
        if info.entry >= 0 {
            writeEntry(state, Int(info.entry), content, covered, origin)
        } else {
            if info.isKept { setContent(state, word, content) }
            noteWrite(state, frame: Int(info.frame), origin: origin)
        }
    }

    @inline(never)
    private func writeEntry(
        _ state: UnsafeMutablePointer<UInt64>, _ entry: Int, _ content: Int, _ covered: UInt8, _ origin: StoreOrigin
    ) {
        if walks.hasUpperLevels {
            let frame = Int32(TableFrame.code(ofTable: walks.tablesOfEntries[entry]))
            noteStaleWrite(state, frame: frame, origin: origin)
            writeTableEntry(state, entry, content, covered)
            return
        }
        let leaf = entry
        let info = leaves[leaf]
        let before = inMemory(state, info.word)
        setContent(state, info.word, content)
        // What has not changed everybody has seen before.
        if content != before { changes.noteWrite(entry: leaf) }
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

    /// The same where a test has several levels.
    @inline(never)
    private func writeTableEntry(
        _ state: UnsafeMutablePointer<UInt64>, _ entry: Int, _ content: Int, _ covered: UInt8
    ) {
        let word = walks.firstEntry + entry
        let table = walks.tablesOfEntries[entry]
        let before = inMemory(state, word)
        setContent(state, word, content)
        if content != before { changes.noteWrite(entry: entry) }
        let level = walks.levels[table]
        if isShadowStackLeaf(content, level: level), !isShadowStackLeaf(before, level: level) {
            // A large page is one of all its pages.
            var pages = plan.entryPages[entry] & ~plan.shadowStackPages
            while pages != 0 {
                ghost.kernelShadowStack[pages.trailingZeroBitCount].write(1, state)
                pages &= pages &- 1
            }
        }
        if covered & 1 != 0 { ghost.stray[entry].write(0, state) }
        noteUse(state, ofTable: table)
        noteTables(state)
    }

    /// Whether an entry is a leaf with P=1, W=0, D=1; above leaves bit 6 says nothing.
    private func isShadowStackLeaf(_ content: Int, level: Int) -> Bool {
        Self.isShadowStack(value(content)) && isLeaf(content, level: level)
    }

    /// The walker's A or D update reaches memory.
    func writeByHardware(_ state: UnsafeMutablePointer<UInt64>, entry: Int, _ content: Int) {
        let word = walks.hasUpperLevels ? walks.firstEntry + entry : leaves[entry].word
        if content == inMemory(state, word) { return }
        if !isPresent(content) { ghost.stray[entry].write(1, state) }
        setContent(state, word, content)
        changes.noteWrite(entry: entry)
        if walks.hasUpperLevels {
            noteUse(state, ofTable: walks.tablesOfEntries[entry])
            noteTables(state)
        } else {
            noteExposure(state, leaf: entry)
        }
    }
}
