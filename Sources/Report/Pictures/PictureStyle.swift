/// The colours and letters of pictures, as a style sheet inside of them.
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

    /// The colours of a theme, by the names that the sheet uses.
    private struct Palette {
        var page = "#fff", ink = "#1a1f26", dim = "#57606c", cpu = "#f4f5f7", mem = "#eaf0f8", hair = "#d5dae0"
        var hardware = "#00665c", store = "#0a5cab", stale = "#8a4a00", flush = "#75369b", bar = "#c3d1e3",
            edge = "#6b83a1"
        var change = "#ffd277", changeEdge = "#946200", bad = "#b3201a", clear = "#717c89"

        static let dark = Palette(
            page: "#14171b", ink: "#e7eaee", dim: "#a3adb8", cpu: "#1f242a", mem: "#1b2733", hair: "#39414a",
            hardware: "#54cbb9", store: "#7db8f5", stale: "#f0b469", flush: "#cfa3ee", bar: "#3a4c61", edge: "#8aa2bd",
            change: "#7a5200", changeEdge: "#e0ab3a", bad: "#ff8f84", clear: "#8894a0")
        static let grey = Palette(
            mem: "#f0f0f0", hardware: "#444", store: "#222", stale: "#555", flush: "#333", bar: "#ccc", edge: "#777",
            change: "#bbb", changeEdge: "#333", bad: "#000", clear: "#707070")
    }

    /// The style sheet of a theme.
    static func sheet(_ theme: Theme) -> String {
        let colours = theme == .light ? Palette() : theme == .dark ? Palette.dark : Palette.grey
        return rules(colours)
    }

    private static func rules(_ c: Palette) -> String {
        "text{font:12px \"Segoe UI\",Roboto,\"Liberation Sans\",Arial,sans-serif;fill:\(c.ink)}"
            + ".page{fill:\(c.page)}.cpu{fill:\(c.cpu)}.mem{fill:\(c.mem)}.hair{stroke:\(c.hair)}"
            + ".h1{font-size:16px;font-weight:650}.h2{font-size:13px;font-weight:600}.dim{fill:\(c.dim)}.cap{font-size:13.5px}"
            + ".code,.bit{font-family:\"Liberation Mono\",Menlo,Consolas,monospace}.code{font-size:11.5px}.bit{font-size:13px}"
            + ".on{font-weight:700}.clear{fill:\(c.clear)}.bar{fill:\(c.bar);stroke:\(c.edge);stroke-width:.6}"
            + ".low{stroke:\(c.clear);stroke-dasharray:1 4;stroke-width:1.5}"
            + ".change{fill:\(c.change);stroke:\(c.changeEdge);stroke-width:1.2}"
            + ".disc{fill:\(c.ink);stroke:\(c.ink)}.other{fill:\(c.page);stroke:\(c.clear)}.num{font-weight:700;fill:\(c.page)}"
            + ".numdim{font-weight:700;fill:\(c.dim)}.chip{fill:\(c.page);stroke:\(c.ink);stroke-width:1.2}"
            + ".pill{fill:\(c.page);stroke:\(c.hardware);stroke-width:1.5}"
            + ".tlb{fill:\(c.page);stroke:\(c.hardware);stroke-width:1.3}.buffer{fill:\(c.page);stroke:\(c.store);stroke-width:1.3}"
            + ".stale{fill:none;stroke:\(c.stale);stroke-width:1.6;stroke-dasharray:4 3}.hatch{stroke:\(c.stale);stroke-width:1.4;opacity:.6}"
            + ".staleword{fill:\(c.stale);font-weight:700;font-size:11px}.tiny{font-size:11px}.arrow{fill:none;stroke-width:1.8}"
            + ".arrow.store,.arrow.read{stroke:\(c.store)}.arrow.hw,.arrow.look{stroke:\(c.hardware)}.arrow.flush{stroke:\(c.flush);stroke-dasharray:7 4}"
            + ".arrow.read,.arrow.look{stroke-dasharray:2 4;stroke-width:2}"
            + ".head.store,.head.read{fill:\(c.store)}.head.hw,.head.look{fill:\(c.hardware)}.head.flush{fill:\(c.flush)}"
            + ".ring{fill:none;stroke:\(c.bad);stroke-width:2.5}.bad{fill:\(c.bad);font-weight:650;font-size:13.5px}"
    }
}
