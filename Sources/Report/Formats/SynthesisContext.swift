import Synthesis

/// What a report says besides the result.
public struct SynthesisContext: Sendable {
    /// The profiles.
    public var profiles: [String]
    /// Where the prices are from that rank answers.
    public var prices: Prices
    /// Where the others are from: those of ``AnswerPrice`` elsewhere, in that order.
    public var otherPrices: [Prices]
    /// How much each kind of entry counts.
    public var mix: [EntryKind: Double]

    /// Where prices are from.
    public struct Prices: Sendable {
        /// What `--costs` takes for them.
        public var name: String
        /// The machine.
        public var machine: String
        /// When they were measured; empty where they were not.
        public var date: String

        /// Names a table of prices.
        public init(name: String, _ table: CostTable) {
            self.name = name
            machine = table.machine
            date = table.date
        }
    }

    /// Makes a context.
    public init(profiles: [String], prices: Prices, otherPrices: [Prices] = [], mix: [EntryKind: Double]) {
        self.profiles = profiles
        self.prices = prices
        self.otherPrices = otherPrices
        self.mix = mix
    }
}
