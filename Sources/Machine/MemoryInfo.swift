/// What a word of memory is.
struct WordInfo {
    /// The leaf's number, or -1.
    var leaf: Int32 = -1
    /// The variable whose frame the word is part of, or -1.
    var frame: Int32 = -1
    /// Number of the initial content.
    var initial: Int32 = 0
    /// Its content is part of states; see `UnreadValues.swift`.
    var isKept: Bool

    init(_ word: Int, _ map: AddressMap, isKept: Bool) {
        self.isKept = isKept
        if let (page, space) = map.leaf(ofWord: word) {
            leaf = Int32(space * map.pages.count + page)
        } else if let variable = map.variable(ofWord: word) {
            frame = Int32(variable)
        }
    }
}

/// Where the data of a variable lies.
struct FrameInfo {
    var firstWord: Int
    var words: Int
}

/// A buffered store.
struct StoreInfo {
    /// The word it goes to.
    var word: Int32
    /// The leaf it was translated by, or -1.
    var leaf: Int32
    /// Number of the value, shifted to its place.
    var value: Int32
    /// The bytes, a bit each.
    var covered: UInt8
    /// The bits of the word.
    var mask: UInt64
}
