import Checker

extension Run {
    /// The run step by step as text, a column for each CPU and each page-table entry.
    public func text() -> String { WitnessText(self).rendered(replay: nil) }
}
