extension FramePool {
    /// What somebody did with a frame of a pool, or one that is none.
    public struct Misuse: Hashable, Sendable {
        /// What was done.
        public enum Kind: UInt64, Hashable, Sendable {
            /// A frame was released that is free already.
            case doubleRelease = 1
            /// A frame was released that the pool never gave away: another's, the pool's own, or one that is still new.
            case foreignRelease
            /// Data were accessed in a frame that is a table.
            case dataInTable
            /// Data were accessed in a frame that is free: through a translation that outlived its page.
            case dataInFreeFrame
        }

        /// What was done.
        public let kind: Kind
        /// The frame.
        public let frame: Frame

        init(_ kind: Kind, _ frame: Frame) {
            self.kind = kind
            self.frame = frame
        }
    }
}

extension FramePool.Misuse: CustomStringConvertible {
    /// What was done, with which frame.
    public var description: String {
        var bytes: [UInt8] = []
        spell { bytes.append($0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Spells the text of ``description`` byte by byte, in ASCII, without allocating anything.
    public func spell(_ put: (UInt8) -> Void) {
        emit(frame, put)
        switch kind {
        case .doubleRelease: emit(" was released, but is free already", put)
        case .foreignRelease: emit(" was released, but was never given away", put)
        case .dataInTable: emit(" holds a table, and was accessed as data", put)
        case .dataInFreeFrame: emit(" is free, and was accessed as data", put)
        }
    }
}
