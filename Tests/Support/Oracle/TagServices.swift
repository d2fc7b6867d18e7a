import X86

/// Services that are one instruction: `invpcid` or `invlpgb`, with operands by their names, and ordered as that instruction is.
extension TestMachine {
    /// - Returns: nil for all other services.
    func tagService(
        _ state: State, _ cpu: Int, _ instruction: Instruction, _ service: KernelService, _ arguments: [String]
    ) throws -> [State]? {
        switch service {
        case .invalidateOne:
            let (tag, page) = try operand(state, cpu, arguments)
            return invalidate(state, cpu, instruction, type: 0, tag, layout.place(page))
        case .invalidateContext:
            let (tag, _) = try operand(state, cpu, arguments)
            return invalidate(state, cpu, instruction, type: 1, tag, Place(indices: []))
        case .invalidateAll: return invalidate(state, cpu, instruction, type: 2, 0, Place(indices: []))
        case .invalidateNonglobal: return invalidate(state, cpu, instruction, type: 3, 0, Place(indices: []))
        case .broadcastInvalidate:
            guard profiles[cpu].broadcastInvalidate else { return [ended(state, cpu)] }
            let words = ["final", "global"]
            let named = arguments.filter { !words.contains($0) }
            let (tag, page) = named.isEmpty ? (nil, nil) : try operand(state, cpu, named)
            let next = broadcast(
                state, cpu, instruction, pages: page.map { [$0] }, tag: tag, isFinalOnly: arguments.contains("final"),
                includesGlobal: arguments.contains("global"))
            return next.map { [$0] } ?? []
        default: return nil
        }
    }

    /// The tag and the page that `x`, `child:x` or `child` means; `x` is one of the loaded tag.
    private func operand(_ state: State, _ cpu: Int, _ arguments: [String]) throws -> (tag: Int?, page: Int?) {
        guard let name = arguments.first else { throw OracleError.unsupported("a service without an operand") }
        if let space = layout.spaces.firstIndex(of: name) { return (layout.tag(space), nil) }
        guard let colon = name.lastIndex(of: ":") else {
            return (layout.tag(state.processors[cpu].space), try layout.variable(name))
        }
        let space = try layout.space(String(name[..<colon]))
        return (layout.tag(space), try layout.variable(String(name[name.index(after: colon)...])))
    }

    private func invalidate(
        _ state: State, _ cpu: Int, _ instruction: Instruction, type: UInt64, _ tag: Int?, _ place: Place
    ) -> [State] {
        guard profiles[cpu].invpcid else { return [ended(state, cpu)] }
        if profiles[cpu].invpcidSerialises, !state.processors[cpu].buffer.isEmpty { return [] }
        var next = state
        _ = dropContext(&next, cpu, type: type, tag ?? 0, place)
        return [finish(next, cpu, instruction, loaded: 0)]
    }
}
