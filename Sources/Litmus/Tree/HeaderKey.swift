/// The keys of header lines that have a meaning; all others are kept and ignored.
enum HeaderKey: String, CaseIterable {
    case processors = "CPU"
    case fault = "Fault"
    case gate = "Gate"
    case translate = "Translate"
    case shadowStack = "ShadowStack"
    case region = "Region"
    case levels = "Levels"
    case userTables = "PTI"
    case processContexts = "Pcid"
    case sequence = "Sequence"
    case failure = "Failure"
    case remark = "Remark"
    case purpose = "Purpose"
    case role = "Role"
    case include = "Include"
    case source = "Source"
    case function = "Function"
    case stub = "Stub"
    case feature = "Feature"
    case staticKey = "StaticKey"
    case compilerFlags = "CFlags"
    case linux = "Linux"
    case without = "Without"

    /// Whether a line can be about one of several conditions: `Failure lost=loses a Dirty bit`.
    var isAboutCondition: Bool {
        switch self {
        case .failure, .remark, .purpose: true
        case .processors, .fault, .gate, .translate, .shadowStack, .region, .levels, .userTables, .processContexts,
            .sequence, .role,
            .include, .source, .function, .stub,
            .feature, .staticKey, .compilerFlags, .linux, .without:
            false
        }
    }

    /// What a value looks like.
    var example: String {
        switch self {
        case .processors: "cet late"
        case .fault: "P1:retry"
        case .gate: "trap"
        case .translate, .shadowStack: "x y"
        case .region: "x y | z || w"
        case .levels: "5"
        case .userTables: "on"
        case .processContexts: "mm:1 child:1"
        case .sequence, .failure, .remark, .purpose: "words"
        case .role: "P1:writes the page"
        case .include: "linux/pgtable-6.12.h"
        case .source: "mm/memory.c"
        case .function, .stub: "copy_present_ptes"
        case .feature: "shstk"
        case .staticKey: "vm_numa_stat_key"
        case .compilerFlags: "-DCONFIG_X=1"
        case .linux: "6.6.."
        case .without: "P0:12:lock:lock cmpxchgq %rcx,(%rdi)"
        }
    }
}
