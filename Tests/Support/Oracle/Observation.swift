import Litmus
import X86

/// What a test can see of one final state: its named locations and atoms, and whether the proposition holds.
public struct ObservedState: Hashable, Sendable, Comparable {
    /// `0:rax=1; [x]=2;`, sorted by location.
    public var text: String
    /// The proposition of the condition, its quantifier aside.
    public var holds: Bool

    /// Orders by text.
    public static func < (left: ObservedState, right: ObservedState) -> Bool { left.text < right.text }
}

extension TestMachine {
    /// What a final state shows, or nil when the filter leaves it out.
    func observe(_ state: State) throws -> ObservedState? {
        if let filter = test.filter, try !holds(filter, state) { return nil }
        var shown: Set<String> = []
        for location in test.locations { shown.insert(try show(location, state)) }
        for atom in atoms(test.condition.proposition) {
            switch atom.kind {
            case .equal(let location, _), .identical(let location, _): shown.insert(try show(location, state))
            case .same(let left, let right):
                shown.insert(try show(left, state))
                shown.insert(try show(right, state))
            case .property(let property, let page):
                shown.insert("\(property.rawValue)(\(page))=\(try holds(atom, state))")
            case .tableProperty(let property, let table):
                shown.insert("\(property.rawValue)(\(table.text))=\(try holds(atom, state))")
            case .stuck(let cpu): shown.insert("stuck(P\(cpu))=\(try holds(atom, state))")
            case .wild(let cpu): shown.insert("wild(P\(cpu))=\(try holds(atom, state))")
            case .fault(let cpu, let label, let page):
                let at = label.map { ":\($0)" } ?? ""
                let of = page.map { ",\($0)" } ?? ""
                shown.insert("fault(P\(cpu)\(at)\(of))=\(try holds(atom, state))")
            default: break
            }
        }
        return ObservedState(
            text: shown.sorted().map { $0 + ";" }.joined(separator: " "),
            holds: try holds(test.condition.proposition, state))
    }

    private func atoms(_ proposition: Proposition) -> [Proposition] {
        var result: [Proposition] = []
        proposition.forEachAtom { result.append($0) }
        return result
    }

    private func show(_ location: Location, _ state: State) throws -> String {
        let bits = try value(location, state)
        switch location.kind {
        case .register(let cpu, let register):
            return "\(cpu):\(registerName(register))=\(Int64(bitPattern: bits))"
        case .setting(let cpu, let name): throw OracleError.unsupported("condition on \(cpu):\(name)")
        case .field(let name, let field): return "[\(text(name))].\(field)=\(bits)"
        case .memory(let name, let index):
            switch name {
            case .leaf, .upperEntry: return "[\(text(name))]=0x\(String(bits, radix: 16))"
            case .variable, .frame: break
            }
            let place = index == 0 ? "[\(text(name))]" : "\(text(name))[\(index)]"
            return "\(place)=\(type(of: name).text(bits))"
        }
    }

    private func text(_ name: MemoryName) -> String {
        switch name {
        case .variable(let name): name
        case .frame(let name): "PA(\(name))"
        case .leaf(let page, let space): entryText(.pte, page, space)
        case .upperEntry(let level, let page, let space): entryText(level, page, space)
        }
    }

    private func entryText(_ level: EntryLevel, _ page: String, _ space: String?) -> String {
        let prefix = space == nil || space == "mm" ? "" : "\(space ?? ""):"
        return "\(level.entrySpelling)(\(prefix)\(page))"
    }

    private func registerName(_ operand: RegisterOperand) -> String {
        let whole = "\(operand.register)"
        guard operand.width != .quad else { return whole }
        let isNew = operand.register.rawValue >= 8
        switch operand.width {
        case .long: return isNew ? whole + "d" : "e" + whole.dropFirst()
        case .word: return isNew ? whole + "w" : String(whole.dropFirst())
        default:
            if isNew { return whole + "b" }
            let short = whole.dropFirst()
            if operand.isHighByte { return "\(short.prefix(1))h" }
            return short.hasSuffix("x") ? "\(short.prefix(1))l" : "\(short)l"
        }
    }

    /// A location's bits, masked to its width.
    private func value(_ location: Location, _ state: State) throws -> UInt64 {
        switch location.kind {
        case .register(let cpu, let register):
            guard cpu < state.processors.count else { throw OracleError.unsupported("register of P\(cpu)") }
            return state.processors[cpu].registers[register]
        case .setting(let cpu, let name): throw OracleError.unsupported("condition on \(cpu):\(name)")
        case .memory(let name, let index): return try content(name, index, state, width: type(of: name).size)
        case .field(let name, let field):
            let (shift, bits) = try Entry.place(ofField: field)
            return (try content(name, 0, state, width: 8) >> shift) & ((1 << bits) - 1)
        }
    }

    private func content(_ name: MemoryName, _ index: Int, _ state: State, width: Int) throws -> UInt64 {
        let byte = try layout.byteOffset(index: index, of: type(of: name))
        let word = state.word(try layout.content(name) + (byte & ~7))
        return (word >> ((byte & 7) * 8)) & byteMask(offset: 0, width: width)
    }

    // MARK: Propositions

    func holds(_ proposition: Proposition, _ state: State) throws -> Bool {
        switch proposition.kind {
        case .constant(let value): return value
        case .not(let inner): return try !holds(inner, state)
        case .and(let parts): return try parts.allSatisfy { try holds($0, state) }
        case .or(let parts): return try parts.contains { try holds($0, state) }
        case .equal(let location, let value): return try equal(location, value, state, whole: false)
        case .identical(let location, let value): return try equal(location, value, state, whole: true)
        case .same(let left, let right): return try self.value(left, state) == self.value(right, state)
        case .stuck(let cpu):
            // Of a run that was cut short it is not known.
            return cpu < state.processors.count && state.processors[cpu].thread != .ended && state.wild == nil
        case .wild(let cpu): return state.wild == cpu
        case .fault(let cpu, let label, let page):
            guard cpu < state.processors.count else { return false }
            let wantedPage = try page.map { try layout.variable($0) }
            // A label is one of the main column.
            let wantedRip = label.map { programs[cpu].labels[$0] ?? -1 }
            return state.processors[cpu].faults.contains {
                (wantedPage == nil || $0.page == wantedPage) && (wantedRip == nil || $0.rip == wantedRip)
            }
        case .property(let property, let page):
            return try holds(property, layout.variable(page), state)
        case .tableProperty(let property, let table):
            guard property == .staleTable else { throw OracleError.unsupported("\(property.rawValue) of a table") }
            return state.ghosts.staleTable & bit(try layout.table(table)) != 0
        }
    }

    private func equal(_ location: Location, _ value: Value, _ state: State, whole: Bool) throws -> Bool {
        switch value.kind {
        case .integer(let wanted):
            let mask: UInt64
            switch location.kind {
            case .register(_, let register): mask = register.width.mask
            case .memory(let name, _): mask = byteMask(offset: 0, width: type(of: name).size)
            default: mask = ~0
            }
            return try self.value(location, state) == wanted & mask
        case .address(let name):
            return try wideValue(location, state) == layout.address(name)
        case .entry(let literal):
            var name: MemoryName?
            if case .memory(let entry, _) = location.kind { name = entry }
            let found = try wideValue(location, state)
            if whole { return try found == layout.value(value, in: name) }
            let (mask, named) = try Entry.named(in: literal) { try layout.frame(of: $0, in: name) }
            return found & mask == named
        }
    }

    /// All 64 bits of a location, whatever its type.
    private func wideValue(_ location: Location, _ state: State) throws -> UInt64 {
        if case .memory(let name, let index) = location.kind { return try content(name, index, state, width: 8) }
        return try value(location, state)
    }

    private func holds(_ property: Property, _ page: Int, _ state: State) throws -> Bool {
        let ghosts = state.ghosts
        switch property {
        case .lostDirty:
            if ghosts.lostDirty & bit(page) != 0 { return true }
            if ghosts.reclaimed & bit(page) != 0 || ghosts.written & bit(page) == 0 { return false }
            return state.softwareDirty & bit(page) == 0 && !isRecorded(page, state)
        case .kernelShadowStack: return ghosts.kernelShadowStack & bit(page) != 0
        case .shadowStackExposed: return ghosts.shadowStackExposed & bit(page) != 0
        case .staleWrite: return ghosts.staleWrite & bit(page) != 0
        case .staleFrame: return ghosts.staleFrame & bit(page) != 0
        case .strayPresent: return ghosts.strayPresent & bit(page) != 0
        case .sizeConflict: return ghosts.sizeConflict & bit(page) != 0
        case .sizeMismatch: return ghosts.sizeMismatch & bit(page) != 0
        case .staleTable: return false
        case .written: return ghosts.written & bit(page) != 0
        }
    }

    /// Whether some present leaf that maps a page's frame says that it was written.
    private func isRecorded(_ page: Int, _ state: State) -> Bool {
        for space in layout.spaces.indices {
            for (leaf, level) in reachableLeaves(state, space: space)
            where layout.maps(leaf, page, size: level) && (leaf.dirty || leaf.savedDirty) {
                return true
            }
        }
        return false
    }
}
