/// `Region=x y | z || w`: which variables lie in one region of 2 MByte, and which regions in one range of 1 GByte.
public struct Regions: Hashable, Sendable {
    /// Range by range, region by region, the variables in the order of their places.
    public var ranges: [[[String]]]

    /// Makes a layout.
    public init(ranges: [[[String]]]) { self.ranges = ranges }

    /// Where a page lies: its index in its PTE table, PMD table and PUD table.
    public struct Coordinates: Hashable, Sendable {
        /// The page's index in its region.
        public var pte: Int
        /// The region's index in its range.
        public var pmd: Int
        /// The range's index.
        public var pud: Int

        /// The index of all pages in the PGD table: that of the addresses of tests, from 1 << 44 on.
        public static let pgd = 32
        /// The index of all pages in the root of five levels: that of the same addresses.
        public static let fifth = 0

        /// Makes coordinates.
        public init(pte: Int, pmd: Int, pud: Int) {
            self.pte = pte
            self.pmd = pmd
            self.pud = pud
        }

        /// The index in a table of entries of a level.
        public func index(_ level: EntryLevel) -> Int {
            switch level {
            case .pte: pte
            case .pmd: pmd
            case .pud: pud
            case .pgd, .p4d: Self.pgd
            case .fifth: Self.fifth
            }
        }
    }

    /// All names in order.
    public var names: [String] { ranges.flatMap { $0.flatMap { $0 } } }

    /// Where pages lie, by their names: those that are not listed come alone in a region of the first range, after the listed
    /// regions, in the order given.
    public static func coordinates(of pages: [String], in regions: Regions?) -> [String: Coordinates] {
        var places: [String: Coordinates] = [:]
        for (pud, range) in (regions?.ranges ?? []).enumerated() {
            for (pmd, region) in range.enumerated() {
                for (pte, name) in region.enumerated() { places[name] = Coordinates(pte: pte, pmd: pmd, pud: pud) }
            }
        }
        var next = regions?.ranges.first?.count ?? 0
        for page in pages where places[page] == nil {
            places[page] = Coordinates(pte: 0, pmd: next, pud: 0)
            next += 1
        }
        return places
    }
}
