import Litmus
import Machine
public func trial(_ longest: Int) {
    var contract = HoleContract()
    contract.scratch = [.rax, .rcx, .rdx]
    let fields: [StartEntries.Field] = [.init(name: .writable, value: 1), .init(name: .dirty, value: nil), .init(name: .accessed, value: nil), .init(name: .savedDirty, value: 0)]
    let clauses = [Ensured(subject: .entry(.leaf(page: "x", space: nil), [.init(field: .writable, value: .constant(0)), .init(field: .dirty, value: .constant(0)), .init(field: .savedDirty, value: .or(.old(.savedDirty), .old(.dirty)))]), span: nil)]
    let e = Expectation(clauses, scratch: contract.scratch)
    let starts = StartList.make(fields, e)
    let masks = Masks(fields.map { $0.name } + e.fields)
    let g = Grammar(contract, masks: masks, pointer: .rdi)
    print("templates", g.templates.count, "register", g.registerTemplates.count, "starts", starts.count)
    let s = ClassSearch(templates: g.templates, starts: starts, interference: Interference(CPUProfile.builtIn), prunes: true, accepts: { $0.accepts($1) }, namedRegisters: 0)
    let o = Enumerator(search: s, threads: 2).run(upTo: longest)
    for l in o.levels { print(l) }
    for a in o.accepted.prefix(40) { print(a.map { g.templates[Int($0)].text }.joined(separator: "; ")) }
}
