import Litmus
import PageTable
import Synthesis

/// What `ptero synth` found, as one JSON object on a line.
package enum SynthesisJSON {
    /// The line, with a newline at the end.
    package static func text(
        _ problem: SynthesisProblem, _ result: SynthesisResult, _ context: SynthesisContext
    ) -> String {
        JSONText.object([
            RecordSchema.synth.member,
            .init("hole", .string(problem.hole)),
            .init("problem", .string(problem.hash)),
            .init("files", .array(problem.files.map { .optional($0.places.file ?? $0.name) })),
            .init("profiles", .array(context.profiles.map(JSONText.string))),
            .init("machine", .string(context.prices.machine)),
            .init("date", .string(context.prices.date)),
            .init("otherMachines", .array(context.otherPrices.map(machine))),
            .init("answers", .array(result.answers.map { answer($0, context) })),
            .init("nearMisses", .array(result.nearMisses.map(nearMiss))),
            .init("shortfalls", .array(result.shortfalls.map(shortfall))),
            .init("counts", .array(result.counts.map(count))),
            .init("judged", .integer(result.judged)),
            .init("right", .integer(result.right)),
            .init("rightWithoutJump", .integer(result.rightStraight)),
            .init("inconclusive", .integer(result.inconclusive)),
            .init("inconclusiveWithoutJump", .integer(result.inconclusiveStraight)),
            .init("kills", .array(result.kills.map(kill))),
            .init("lengthWithoutJump", .integer(result.straightLength)),
            .init("complete", .bool(result.isComplete)),
            .init("cut", .bool(result.isCut)),
        ]).text + "\n"
    }

    /// What a shard says at its end: which part of the work it was, where that is kept, and whether all of it is done.
    package static func shard(_ shard: Shard, checkpoint: String, isComplete: Bool) -> String {
        JSONText.object([
            RecordSchema.synth.member,
            .init("shard", .integer(shard.index)), .init("shards", .integer(shard.count)),
            .init("checkpoint", .string(checkpoint)), .init("complete", .bool(isComplete)),
        ]).text + "\n"
    }

    private static func lines(_ lines: [String]) -> JSONText { .array(lines.map(JSONText.string)) }

    private static func price(_ price: Double) -> JSONText { .decimal(price, decimals: 4) }

    private static func prices(_ costs: [EntryKind: Double]) -> JSONText {
        .object(EntryKind.allCases.compactMap { kind in costs[kind].map { .init(kind.rawValue, price($0)) } })
    }

    private static func machine(_ prices: SynthesisContext.Prices) -> JSONText {
        .object([
            .init("name", .string(prices.name)), .init("machine", .string(prices.machine)),
            .init("date", .string(prices.date)),
        ])
    }

    private static func members(_ price: AnswerPrice) -> [JSONText.Member] {
        [
            .init("costs", prices(price.costs)),
            .init("raced", price.raced.map(self.price) ?? .null),
            .init("readBack", self.price(price.readBack)),
            .init("mean", self.price(price.ranking)),
        ]
    }

    private static func answer(_ answer: SynthesisResult.Answer, _ context: SynthesisContext) -> JSONText {
        let elsewhere = zip(context.otherPrices, answer.elsewhere).map { other, price in
            JSONText.object([.init("name", .string(other.name))] + members(price))
        }
        return .object(
            [.init("lines", lines(answer.lines))] + members(answer.price) + [
                .init("elsewhere", .array(elsewhere)),
                .init("storesPlainly", .bool(answer.storesPlainly)),
                .init("needsPageTableLock", .bool(answer.needsPageTableLock)),
                .init("flushes", .bool(answer.flushes)),
                .init("confirmed", .bool(answer.isConfirmed)),
            ])
    }

    private static func nearMiss(_ miss: SynthesisResult.NearMiss) -> JSONText {
        .object([
            .init("lines", lines(miss.lines)),
            .init("mean", price(miss.ranking)),
            .init("test", .optional(miss.penalty?.test)),
            .init("profile", .optional(miss.penalty?.profile)),
            .init("penalises", .optional(miss.penalty.map { $0.failure ?? $0.condition })),
            .init("witness", .optional(miss.penalty?.replay)),
        ])
    }

    private static func shortfall(_ shortfall: SynthesisResult.Shortfall) -> JSONText {
        let wrong = EntryKind.allCases.compactMap { kind in
            shortfall.wrong[kind].map { fields in
                JSONText.Member(kind.rawValue, .array(fields.map { .string($0.spelling) }))
            }
        }
        return .object([
            .init("lines", lines(shortfall.lines)), .init("mean", price(shortfall.ranking)),
            .init("wrong", .object(wrong)),
        ])
    }

    private static func count(_ count: SynthesisResult.Count) -> JSONText {
        let shape: String
        switch count.shape {
        case .straight: shape = "straight"
        case .term(let width): shape = "loop\(width)"
        case .branch(let mask, let needsAll, let isFirst, let isLoop):
            shape =
                "\(isFirst ? "first" : "second")\(isLoop ? "Loop" : "Way") \(needsAll ? "all" : "any") \(mask)"
        }
        return .object([
            .init("shape", .string(shape)), .init("length", .integer(count.length)),
            .init("templates", .integer(count.templates)), .init("sequences", .decimal(count.sequences, decimals: 0)),
            .init("run", .integer(count.run)), .init("pruned", .integer(count.pruned)),
            .init("classes", .integer(count.classes)), .init("rightAlone", .integer(count.rightAlone)),
        ])
    }

    private static func kill(_ kill: SynthesisResult.Kill) -> JSONText {
        .object([
            .init("test", .string(kill.test)), .init("profile", .string(kill.profile)),
            .init("count", .integer(kill.count)),
        ])
    }
}
