/// What a word of memory is.
struct WordInfo {
    /// The entry's number, which is the leaf's in a test without upper levels, or -1.
    var entry: Int32 = -1
    /// The variable whose frame the word is part of, or -1.
    var frame: Int32 = -1
    /// Number of the initial content.
    var initial: Int32 = 0
    /// Its content is part of states; see `UnreadValues.swift`.
    var isKept = true
    /// Stores to it never wait in a buffer; see `UnseenStores.swift`.
    var isUnseen = false
}

extension MachinePlan {
    /// What each word of a scenario's memory is; and the values that it holds at the start, in the order of their numbers.
    static func words(_ needs: ScenarioNeeds) -> (infos: UnsafeMutablePointer<WordInfo>, initialValues: [UInt64]) {
        let (scenario, map) = (needs.scenario, needs.scenario.map)
        let words = UnsafeMutablePointer<WordInfo>.allocate(capacity: max(1, map.wordCount))
        for variable in map.variables.indices {
            let isQuiet = isQuiet(variable, needs)
            let first = map.dataWord(ofVariable: variable)
            for word in first..<first + map.variables[variable].words {
                let isKept = keeps(word, scenario, needs.widths)
                (words + word).initialize(
                    to: WordInfo(frame: Int32(variable), isKept: isKept, isUnseen: isQuiet && !isKept))
            }
        }
        for entry in 0..<map.entryCount {
            (words + map.firstLeaf + entry).initialize(to: WordInfo(entry: Int32(entry)))
        }
        var values: [UInt64] = [0]
        var numbers: [UInt64: Int32] = [0: 0]
        // In the order of words: numbers are part of states, and states must be the same on every run.
        for (word, content) in scenario.contents.sorted(by: { $0.key < $1.key }) {
            if numbers[content] == nil {
                numbers[content] = Int32(values.count)
                values.append(content)
            }
            words[word].initial = numbers[content] ?? 0
        }
        return (words, values)
    }
}

/// Where the data of a variable lies.
struct FrameInfo {
    var firstWord: Int
    var words: Int
}

/// What a store was translated by.
struct StoreOrigin {
    /// 0 for none; else 1 and the leaf's number, and 64 more if the translation did not permit writing.
    private(set) var code: UInt8 = 0

    /// A store through the direct map or to plain memory.
    static var direct: StoreOrigin { StoreOrigin() }

    /// A store through a translation of a leaf (less than ``ScenarioLimits/mostLeaves``).
    static func through(_ leaf: Int, isWritable: Bool) -> StoreOrigin {
        StoreOrigin(code: UInt8(truncatingIfNeeded: leaf + (isWritable ? 1 : 65)))
    }

    /// The leaf, or -1.
    @inline(__always) var leaf: Int { code == 0 ? -1 : Int(code - 1) & 63 }
    /// Whether the translation permitted writing; others are shadow-stack stores and those with CR0.WP=0.
    @inline(__always) var isWritable: Bool { code <= 64 }
}

/// A buffered store.
struct StoreInfo {
    /// The word it goes to.
    var word: Int32
    /// What it was translated by.
    var origin: StoreOrigin
    /// Number of the value, shifted to its place.
    var value: Int32
    /// The bytes, a bit each.
    var covered: UInt8
    /// The bits of the word.
    var mask: UInt64
}
