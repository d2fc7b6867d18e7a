/// The colours and letters of pictures: as a style sheet inside of a slide, or by the names of a page's own colours.
///
/// Every colour has 3 to 1 against what it lies on, texts 4.5 to 1 (`pictures.md`, *Visual vocabulary*); none carries a meaning
/// alone: boxes are software, pills hardware, dotted is a look, dashed a flush, a ring is harm.
enum PictureStyle {
    /// The palette.
    enum Theme: String, CaseIterable, Sendable {
        case light
        case dark
        case grey
    }

    /// The colours by the names that the sheet uses.
    enum Colour: String, CaseIterable {
        case bg, panel, ink, dim, cpu, mem, hair, hw, store, stale, flush, bar, edge, change, changeedge, bad, badbg,
            clear
        case sel, seledge
    }

    /// A colour of a theme.
    static func value(_ colour: Colour, _ theme: Theme) -> String {
        let (light, dark, grey) =
            switch colour {
            case .bg: ("#fbfbfa", "#14171b", "#fff")
            case .panel: ("#ffffff", "#1a1e23", "#fff")
            case .ink: ("#1a1f26", "#e7eaee", "#111")
            case .dim: ("#57606c", "#a3adb8", "#555")
            case .cpu: ("#f4f5f7", "#1f242a", "#f5f5f5")
            case .mem: ("#eaf0f8", "#1b2733", "#f0f0f0")
            case .hair: ("#dfe3e8", "#333a43", "#ddd")
            case .hw: ("#00665c", "#54cbb9", "#444")
            case .store: ("#0a5cab", "#7db8f5", "#222")
            case .stale: ("#8a4a00", "#f0b469", "#555")
            case .flush: ("#75369b", "#cfa3ee", "#333")
            case .bar: ("#c3d1e3", "#3a4c61", "#ccc")
            case .edge: ("#6b83a1", "#8aa2bd", "#777")
            case .change: ("#ffd277", "#7a5200", "#bbb")
            case .changeedge: ("#946200", "#e0ab3a", "#333")
            case .bad: ("#b3201a", "#ff8f84", "#000")
            case .badbg: ("#fdecea", "#3a1f1e", "#eee")
            case .clear: ("#717c89", "#8894a0", "#707070")
            case .sel: ("#fff7dc", "#2b2a1b", "#eee")
            case .seledge: ("#b07a00", "#d9a63a", "#000")
            }
        return theme == .light ? light : theme == .dark ? dark : grey
    }

    /// The colours of a theme as what a page's style sheet sets.
    static func properties(_ theme: Theme) -> String {
        Colour.allCases.map { "--\($0.rawValue):\(value($0, theme))" }.joined(separator: ";")
    }

    /// The style sheet of a slide.
    static func sheet(_ theme: Theme) -> String { "text{font:12px \(sans)}" + rules { value($0, theme) } }

    /// The style sheet of pictures on a page, which has the colours.
    static var pageRules: String { "svg.run text{font:12px \(sans)}" + rules { "var(--\($0.rawValue))" } }

    /// The hatch of what is stale, once for all pictures of a page.
    static let patterns =
        "<defs><pattern id=\"hatch\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        + "<path d=\"M0 0V9\" class=\"hatch\"/></pattern></defs>"

    /// Letters that every reader has one of.
    static let sans = "\"Segoe UI\",Roboto,\"Liberation Sans\",Arial,sans-serif"
    /// The same for code.
    static let mono = "\"Liberation Mono\",Menlo,Consolas,monospace"

    private static func rules(_ c: (Colour) -> String) -> String {
        "svg.run text{fill:\(c(.ink))}.page{fill:\(c(.panel))}.cpu{fill:\(c(.cpu))}.mem{fill:\(c(.mem))}.row{fill:none}"
            + ".hair{stroke:\(c(.hair))}.last{stroke:\(c(.bad));stroke-width:2}"
            + "svg.run .h1{font-size:16px;font-weight:650}svg.run .h2{font-size:13px;font-weight:650}svg.run .dim{fill:\(c(.dim))}"
            + "svg.run .cap{font-size:13px}svg.run .tiny,svg.run .staleword,svg.run .staletext{font-size:11px}"
            + "svg.run .code,svg.run .bit,svg.run .value{font-family:\(mono)}svg.run .bit,svg.run .value{font-size:13px}"
            + "svg.run .value{font-size:11px}svg.run .on{font-weight:700}svg.run .clear{fill:\(c(.clear))}"
            + ".bar{fill:\(c(.bar));stroke:\(c(.edge));stroke-width:.6}.low{stroke:\(c(.clear));stroke-dasharray:1 4;stroke-width:1.5}"
            + ".under{fill:\(c(.mem))}.label{fill:\(c(.panel))}"
            + ".change{fill:\(c(.change));stroke:\(c(.changeedge));stroke-width:1.2}"
            + ".disc{fill:\(c(.ink));stroke:\(c(.ink))}.other{fill:\(c(.panel));stroke:\(c(.clear))}"
            + "svg.run .num{font-weight:700;fill:\(c(.panel))}svg.run .numdim{font-weight:700;fill:\(c(.dim))}"
            + ".chip{fill:\(c(.panel));stroke:\(c(.ink));stroke-width:1.2}.pill{fill:\(c(.panel));stroke:\(c(.hw));stroke-width:1.5}"
            + ".flushed{stroke:\(c(.flush))}.tlb{fill:\(c(.panel));stroke:\(c(.hw));stroke-width:1.3}"
            + ".buffer{fill:\(c(.panel));stroke:\(c(.store));stroke-width:1.3}"
            + ".stale{fill:url(#hatch);stroke:\(c(.stale));stroke-width:1.6;stroke-dasharray:4 3}"
            + ".hatch{stroke:\(c(.stale));stroke-width:1.4;opacity:.55}"
            + "svg.run .staleword,svg.run .staletext{fill:\(c(.stale))}svg.run .staleword{font-weight:700}"
            + ".halo{stroke:\(c(.panel));stroke-width:5}.arrow{fill:none;stroke-width:1.8}"
            + ".arrow.store,.arrow.read{stroke:\(c(.store))}.arrow.hw,.arrow.look{stroke:\(c(.hw))}"
            + ".arrow.flush{stroke:\(c(.flush));stroke-dasharray:7 4}.arrow.read,.arrow.look{stroke-dasharray:2 4;stroke-width:2}"
            + ".head.store,.head.read{fill:\(c(.store))}.head.hw,.head.look{fill:\(c(.hw))}.head.flush{fill:\(c(.flush))}"
            + "svg.run .read{fill:\(c(.store))}svg.run .flushword{fill:\(c(.flush))}"
            + ".ring{fill:none;stroke:\(c(.bad));stroke-width:2.5}svg.run .wrong{fill:\(c(.bad));font-weight:700}"
            + "svg.run .bad{fill:\(c(.bad));font-weight:650;font-size:13px}"
    }
}
