import Machine

// Read from files of profiles.
extension LateDirty: Decodable {}
extension StoreOrder: Decodable {}
extension CPUProfile: Decodable {
    /// Reads a profile; fields that came later than the first files of profiles have a default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func flag(_ key: CodingKeys, or standard: Bool) throws -> Bool {
            try fields.decodeIfPresent(Bool.self, forKey: key) ?? standard
        }
        self.init(
            name: try fields.decode(String.self, forKey: .name),
            source: try fields.decode(String.self, forKey: .source),
            onWriteRevoked: try fields.decode(LateDirty.self, forKey: .onWriteRevoked),
            onNotPresent: try fields.decode(LateDirty.self, forKey: .onNotPresent),
            onFrameChanged: try fields.decodeIfPresent(LateDirty.self, forKey: .onFrameChanged) ?? .refault,
            accessedOnNotPresent: try fields.decode(Bool.self, forKey: .accessedOnNotPresent),
            spuriousFaults: try fields.decode(Bool.self, forKey: .spuriousFaults),
            speculativeFills: try fields.decode(Bool.self, forKey: .speculativeFills),
            shadowStack: try fields.decode(Bool.self, forKey: .shadowStack),
            storeBuffer: try fields.decode(StoreOrder.self, forKey: .storeBuffer),
            failedCompareStores: try flag(.failedCompareStores, or: true),
            broadcastInvalidate: try fields.decode(Bool.self, forKey: .broadcastInvalidate),
            invlpgbOrdered: try flag(.invlpgbOrdered, or: false),
            broadcastDrains: try flag(.broadcastDrains, or: true),
            invpcidSerialises: try flag(.invpcidSerialises, or: false),
            invlpgKeepsGlobal: try flag(.invlpgKeepsGlobal, or: false),
            cr3FlushFilter: try flag(.cr3FlushFilter, or: false),
            pagingStructureCache: try flag(.pagingStructureCache, or: true))
    }

    /// The names of all fields, for messages about others.
    static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, source, onWriteRevoked, onNotPresent, onFrameChanged, accessedOnNotPresent, spuriousFaults
        case speculativeFills, shadowStack, storeBuffer, failedCompareStores, broadcastInvalidate, invlpgbOrdered
        case broadcastDrains, invpcidSerialises, invlpgKeepsGlobal, cr3FlushFilter, pagingStructureCache
    }
}
