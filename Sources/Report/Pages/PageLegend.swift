/// What the marks of a picture mean, once for a page.
enum PageLegend {
    /// The legend.
    static var html: String {
        let marks: [(svg: String, width: Int, words: String)] = [
            ("<rect x=\"1\" y=\"3\" width=\"30\" height=\"14\" rx=\"2\" class=\"chip\"/>", 32, "instruction"),
            ("<rect x=\"1\" y=\"3\" width=\"30\" height=\"14\" rx=\"7\" class=\"pill\"/>", 32, "hardware by itself"),
            (arrow("store"), 36, "writes"), (arrow("read"), 36, "reads"), (arrow("hw"), 36, "walker"),
            (arrow("look"), 36, "looks"), (arrow("flush"), 36, "flush"),
            ("<rect x=\"1\" y=\"1\" width=\"18\" height=\"18\" class=\"bar\"/>", 20, "bit is set"),
            ("<rect x=\"1\" y=\"1\" width=\"18\" height=\"18\" rx=\"3\" class=\"change\"/>", 20, "changes"),
            ("<rect x=\"1\" y=\"1\" width=\"30\" height=\"18\" rx=\"3\" class=\"stale\"/>", 32, "stale translation"),
            ("<rect x=\"2\" y=\"2\" width=\"28\" height=\"16\" rx=\"4\" class=\"ring\"/>", 32, "harm"),
        ]
        var text = "<ul class=\"legend\" aria-label=\"legend\">"
        for mark in marks {
            text +=
                "<li><svg class=\"run\" aria-hidden=\"true\" width=\"\(mark.width)\" height=\"20\">\(mark.svg)</svg> \(mark.words)</li>"
        }
        text += "<li><a class=\"d\">3</a> step that matters</li><li><a class=\"d o\">4</a> other step</li>"
        text += "<li><b>P</b>resent <b>W</b>ritable <b>U</b>ser <b>A</b>ccessed <b>D</b>irty <b>S</b>avedDirty; "
        return text + "a dash: clear</li></ul>"
    }

    private static func arrow(_ style: String) -> String {
        var svg = SVGText()
        svg.arrow(from: 1, to: 33, at: 10, style)
        return svg.body
    }
}
