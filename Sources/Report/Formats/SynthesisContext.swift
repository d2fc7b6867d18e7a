import Synthesis

/// What a report says besides the result.
package struct SynthesisContext: Sendable {
    /// The profiles.
    package var profiles: [String]
    /// Where the prices are from that rank answers.
    package var prices: Prices
    /// Where the others are from: those of ``AnswerPrice`` elsewhere, in that order.
    package var otherPrices: [Prices]
    /// How much each kind of entry counts.
    package var mix: [EntryKind: Double]

    /// Where prices are from.
    package struct Prices: Sendable {
        /// What `--costs` takes for them.
        package var name: String
        /// The machine.
        package var machine: String
        /// When they were measured; empty where they were not.
        package var date: String

        /// Names a table of prices.
        package init(name: String, _ table: CostTable) {
            self.name = name
            machine = table.machine
            date = table.date
        }
    }

    /// Makes a context.
    package init(profiles: [String], prices: Prices, otherPrices: [Prices] = [], mix: [EntryKind: Double]) {
        self.profiles = profiles
        self.prices = prices
        self.otherPrices = otherPrices
        self.mix = mix
    }
}
