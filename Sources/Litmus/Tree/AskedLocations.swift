import Diagnostics

extension Proposition {
    /// Calls `body` for this proposition and all its parts.
    package func visit(_ body: (Proposition) -> Void) {
        body(self)
        switch kind {
        case .not(let part): part.visit(body)
        case .and(let parts), .or(let parts): parts.forEach { $0.visit(body) }
        default: break
        }
    }

    /// The locations that it reads, in order.
    package var locations: [Location] {
        var locations: [Location] = []
        visit { part in
            switch part.kind {
            case .equal(let location, _), .identical(let location, _): locations.append(location)
            case .same(let first, let second): locations += [first, second]
            default: break
            }
        }
        return locations
    }
}

extension LitmusTest {
    /// The locations that `locations`, the filter and the condition read, in reading order.
    package var askedLocations: [Location] {
        locations + (filter?.locations ?? []) + condition.proposition.locations
    }

    /// The same for all conditions of the text.
    package var namedLocations: [Location] { locations + propositions.flatMap { $0.locations } }

    /// Where `locations`, the filter or the condition name a variable first.
    package func span(ofAsked variable: String) -> SourceSpan? {
        askedLocations.first { location in
            if case .memory(.variable(variable), _) = location.kind { true } else { false }
        }?.span
    }
}
