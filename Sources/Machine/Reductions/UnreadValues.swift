/// What is stored where nobody reads it is not kept.
///
/// A word of data that no CPU loads, updates or waits for, and that the question does not show, can hold anything: two
/// states that differ in it alone have the same steps and the same answers. So its content is no part of states, and
/// stores to it are all alike; that they happen still counts (`written`, stale writes). Which words are read is not
/// known beforehand: the first read of such a word makes the machine be built again with the word kept. Page-table
/// entries are always kept, because walkers read them.
extension MachinePlan {
    /// Whether the content of a word is part of states.
    static func keeps(_ word: Int, _ scenario: Scenario, _ widths: FieldWidths) -> Bool {
        !scenario.reductions.contains(.unreadValues) || scenario.map.isEntry(word)
            || scenario.watches.words.contains(word) || widths.readWords.contains(word)
    }
}

extension Machine {
    /// A CPU reads a word: notes that the word has to be kept where it is not.
    func keep(_ word: Int) {
        if !words[word].isKept { fail(.outgrown(.reading(word))) }
    }
}
