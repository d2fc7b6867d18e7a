import X86

/// Services that are one instruction, `invpcid` or `invlpgb`, with what its operands mean by name.
///
/// | call | instruction |
/// |---|---|
/// | `invpcid_flush_one(child:x)` | `invpcid` 0 with the PCID of child; of the loaded address space without a name |
/// | `invpcid_flush_single_context(child)` | `invpcid` 1 |
/// | `invpcid_flush_all()`, `invpcid_flush_all_nonglobals()` | `invpcid` 2, 3 |
/// | `invlpgb(x)`, `invlpgb(child:x)` | `invlpgb` with the page and the PCID of an address space, as above |
/// | `invlpgb(child)`, `invlpgb()` | with the PCID and no page; with neither |
///
/// `invlpgb` takes two more words: `final` for RAX[4], final translations alone; `global` for RAX[3], global ones too. They order
/// what the instructions order: neither needs an empty store buffer, unless the profile says so.
extension ServiceRequest {
    func dropTag(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.endsWalks = true
        if service == .broadcastInvalidate { return try broadcast(&record) }
        record.kind = .invalidateContext
        switch service {
        case .invalidateOne:
            let (target, page) = try takePageOfSpace(arguments[0], &record, unnamed: loaded)
            let named = machine.named(page: page, space: target)
            record.leaves = named.leaves
            (record.points, record.pathPoints) = (named.points, named.pathPoints)
        case .invalidateContext:
            record.operand = 1
            let target = try space(named: arguments[0].text)
            record.leaves = machine.leafSet(ofTag: target)
            record.dropsWalks(ofTag: target, machine)
        default:
            record.operand = service == .invalidateAll ? 2 : 3
            record.leaves = machine.allLeaves
            if service == .invalidateAll { record.globalLeaves = machine.allLeaves }
            record.dropsAllWalks(machine)
        }
    }

    /// The words after what `invlpgb` is about.
    private enum Word: String, CaseIterable {
        case final, global
    }

    /// Whether a call of `invlpgb` may be about final translations alone.
    static func namesFinal(_ arguments: [String]) -> Bool { arguments.contains(Word.final.rawValue) }

    private func broadcast(_ record: inout ThreadRecord) throws(RequestRefusal) {
        var rest = arguments.map { $0.text }
        func takes(_ word: Word) -> Bool {
            guard let place = rest.lastIndex(of: word.rawValue), map.variable(named: word.rawValue) == nil,
                !map.spaces.contains(word.rawValue)
            else { return false }
            rest.remove(at: place)
            return true
        }
        var operands = BroadcastInvalidation(isFinalOnly: takes(.final), includesGlobal: takes(.global))
        guard rest.count < 2 else {
            let words = Word.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw RequestRefusal(
                message: "\(service.name) takes a page or an address space, and words: \(words)",
                remedy: "as in \(service.name)(x, final)")
        }
        if let name = rest.first {
            var target: Int
            if map.spaces.contains(name) {
                target = try space(named: name)
            } else {
                let page: Int
                (target, page) = try takePageOfSpace(.written(name), &record, unnamed: loaded)
                operands.hasAddress = true
                operands.address = map.address(ofVariable: map.pages[page])
            }
            operands.hasTag = true
            operands.tag = UInt64(map.tags.contexts[target])
        }
        table.broadcast(operands, &record, machine)
    }
}
