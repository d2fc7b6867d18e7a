/// The style sheet of a page: light, dark, print and forced colours.
enum PageStyle {
    /// All of it.
    static var text: String {
        ":root{\(PictureStyle.properties(.light));color-scheme:light dark}"
            + "@media(prefers-color-scheme:dark){:root:not([data-theme=light]){\(PictureStyle.properties(.dark))}}"
            + ":root[data-theme=dark]{\(PictureStyle.properties(.dark));color-scheme:dark}:root[data-theme=light]{color-scheme:light}"
            + PictureStyle.pageRules + page + matrix + sections + frames + listings + media
    }

    private static let page = """
        *{box-sizing:border-box}html{scroll-padding-top:1rem}
        body{margin:0 auto;max-width:1900px;padding:1.5rem;background:var(--bg);color:var(--ink);font:14px/1.45 \(PictureStyle.sans)}
        header{display:flex;gap:1rem;align-items:start;justify-content:space-between}header>div{min-width:0}.tools{flex:none;text-align:right;color:var(--dim)}.tools[hidden]{display:none}
        h1{font-size:24px;margin:0}h2{font-size:19px;margin:0 0 .4rem}h3{font-size:14px;margin:1.2rem 0 .4rem}h4{font-size:12px;margin:0 0 .3rem;color:var(--dim)}
        p{margin:.3rem 0}pre,code,.source td+td+td{font-family:\(PictureStyle.mono)}header p,.dim,.hint{color:var(--dim)}.bad{color:var(--bad)}
        pre{font-size:12px;background:var(--cpu);padding:.5rem .7rem;margin:.4rem 0;overflow-x:auto;border-radius:4px;max-width:100%}
        button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--edge);border-radius:5px;padding:.3rem .8rem;cursor:pointer;white-space:nowrap}
        a{color:var(--store)}:focus-visible{outline:2px solid var(--seledge);outline-offset:2px}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .d{display:inline-block;min-width:19px;height:19px;border-radius:10px;padding:0 4px;background:var(--ink);color:var(--panel);border:1px solid var(--ink);font:700 11px/17px \(PictureStyle.sans);text-align:center;text-decoration:none}
        .d.o{background:var(--panel);color:var(--dim);border-color:var(--clear)}

        """
    private static let matrix = """
        .matrix{margin:2rem 0}.scroll{overflow-x:auto;max-height:80vh;overflow-y:auto;background:var(--bg)}
        .matrix table{border-collapse:collapse;width:100%}.matrix th,.matrix td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--hair);white-space:nowrap}
        .matrix th{font-weight:400;position:sticky;left:0;background:var(--bg);max-width:22rem;white-space:normal;overflow-wrap:anywhere;z-index:1}
        .matrix th:first-child{min-width:9.5rem}.matrix thead th{white-space:nowrap;font-weight:650;top:0;z-index:2}.matrix thead th:first-child{z-index:3}.matrix .group{color:var(--dim);font-size:12px;padding-top:1rem}
        .matrix td{color:var(--dim)}.matrix td.bad,.matrix td.bad a{color:var(--bad);font-weight:650}.matrix td.bad{background:var(--badbg)}
        .why th{text-align:left;vertical-align:top;font-weight:400;padding:.15rem .8rem .15rem 0;white-space:pre}.why td{padding:.15rem 0}.why td p{margin:0}
        .matrix td.un{border-left:4px solid var(--bad)}

        """
    private static let sections = """
        .fail{border-top:1px solid var(--hair);padding-top:1.2rem;margin-top:2rem}.name{overflow-wrap:anywhere}.name i{font-weight:400;font-style:normal;color:var(--dim)}
        .tag{display:inline-block;font-size:12px;font-weight:650;border:1px solid var(--edge);border-radius:99px;padding:0 .6rem;margin-left:.5rem;vertical-align:2px}
        .tag.wrong{color:var(--bad);border-color:var(--bad);background:var(--badbg)}.quote{color:var(--dim);max-width:62rem;overflow-wrap:anywhere}
        .story{border-left:4px solid var(--edge);background:var(--cpu);padding:.6rem 1rem;border-radius:0 5px 5px 0;max-width:62rem;margin:.7rem 0;overflow-wrap:anywhere}
        .story.wrong{border-color:var(--bad);background:var(--badbg)}.lead{font-weight:650}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;padding:0;margin:1.5rem 0 0;font-size:12px;color:var(--dim)}.legend svg{vertical-align:middle}
        details.fail{margin-top:.6rem;padding-top:.6rem}details.fail summary{cursor:pointer}.text{max-width:62rem}.text li{color:var(--dim);overflow-wrap:anywhere}.text .m{color:var(--ink)}.text .m::marker{font-weight:700}

        """
    private static let frames = """
        .pick{margin:.8rem 0}.lv{position:absolute;opacity:0;width:1px;height:1px;margin:0}.pick label{display:inline-block;border:1px solid var(--edge);padding:.25rem .7rem;margin-right:-1px;cursor:pointer;background:var(--panel)}
        .lv:checked+label{background:var(--ink);color:var(--panel)}.lv:focus-visible+label{outline:2px solid var(--seledge);outline-offset:2px}
        .hint{display:inline-block;margin-left:.8rem;font-size:12px;overflow-wrap:anywhere}
        .frame{display:none;margin-top:.6rem;border:1px solid var(--hair);border-radius:6px;background:var(--panel);overflow-x:auto;max-width:100%;position:relative}
        .lv[value=matters]:checked~.frame[data-l=matters],.lv[value=all]:checked~.frame[data-l=all],.lv[value=whole]:checked~.frame[data-l=whole]{display:flex}
        .frame>svg{flex:none;display:block}.caps{flex:none;width:356px;margin:0;padding:0 0 8px;list-style:none;position:sticky;left:0;background:var(--panel);z-index:1;border-right:1px solid var(--hair)}
        .caps>li{position:relative;padding:9px 8px 0 44px;border-top:1px solid var(--hair);border-left:4px solid transparent;font-size:13px;line-height:19px;overflow-wrap:anywhere}
        .caps p{margin:0}.caps>li>.d{position:absolute;left:10px;top:9px}.caps .why{font-size:12px;line-height:17px;color:var(--dim)}.why .d{min-width:16px;height:16px;font-size:10px;line-height:14px;padding:0 3px}
        .caps code{display:block;font-size:11px;line-height:16px;margin-top:2px;color:var(--dim)}.caps .fold{padding-top:3px;color:var(--dim);font-size:12px}
        .caps .end{border-top:2px solid var(--bad)}.caps .wrong{color:var(--bad);font-weight:650;background:var(--badbg)}
        .fold summary{cursor:pointer}.fold ul{list-style:none;margin:0;padding:0;font:11px/16px \(PictureStyle.mono)}
        .frame:not([data-l=whole]) .fold details[open] ul{position:absolute;left:40px;width:560px;max-height:320px;overflow:auto;padding:.5rem;background:var(--panel);border:1px solid var(--edge);border-radius:5px;z-index:5}
        .sheets{display:none}.sheet{display:flex;zoom:var(--z);break-inside:avoid;margin-top:8px}.sheet>svg{flex:none}.sheet>ol{flex:none;width:356px;margin:0;padding:0;list-style:none;font-size:13px;line-height:19px}
        .sheet li{box-sizing:border-box;position:relative;padding:9px 8px 0 44px;border-top:1px solid var(--hair);overflow-wrap:anywhere}.sheet .d{position:absolute;left:10px;top:9px}
        .caps .on{background:var(--sel);border-left-color:var(--seledge)}.row.on{fill:var(--sel);opacity:.75}

        """
    private static let listings = """
        .sources{display:flex;flex-wrap:wrap;gap:.8rem}.source{background:var(--panel);border:1px solid var(--hair);border-radius:6px;padding:.5rem .8rem;overflow-x:auto;max-width:100%;flex:1 1 22rem}
        .source td{padding:0 .6rem 0 0;font-size:12px;white-space:pre;vertical-align:top}.source td:first-child .d{margin-right:2px}.source td+td{color:var(--dim);text-align:right}.source td+td+td{color:var(--ink);text-align:left}
        .source .on td{background:var(--sel)}.again{max-width:100%}

        """
    private static let media = """
        @media(min-width:621px){.gut{display:none}}
        @media(max-width:620px){body{padding:.8rem}.frame{flex-direction:column}.frame>svg{margin-top:.5rem}.caps{position:static;width:auto;border:0;padding-top:0!important}.caps>li{height:auto!important;padding-bottom:9px}
        .lv:checked~.frame{display:block!important}.lv[value=all]:not(:checked)~.frame[data-l=all],.lv[value=matters]:not(:checked)~.frame[data-l=matters],.lv[value=whole]:not(:checked)~.frame[data-l=whole]{display:none!important}
        .frame:not([data-l=whole]) .fold details[open] ul{position:static;width:auto}}
        @media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
        @media(forced-colors:active){:root{--bg:Canvas;--panel:Canvas;--ink:CanvasText;--dim:CanvasText;--cpu:Canvas;--mem:Canvas;--hair:GrayText;--hw:CanvasText;--store:LinkText;--stale:CanvasText;--flush:CanvasText;--bar:Canvas;--edge:CanvasText;--change:Mark;--changeedge:CanvasText;--bad:CanvasText;--badbg:Canvas;--clear:GrayText;--sel:Canvas;--seledge:Highlight}
        svg.run,.d{forced-color-adjust:none}.lv:checked+label{forced-color-adjust:none;text-decoration:underline}}
        @page{size:A4;margin:12mm}
        @media print{:root:root:root{\(PictureStyle.properties(.light));--bg:#fff;color-scheme:light}body{max-width:none;padding:0}button,.tools,.pick label,.hint,.caps .why,.caps code{display:none!important}.fail{break-before:page}details.fail{break-before:auto}
        .lv[value=matters]:checked~.sheets[data-l=matters],.lv[value=all]:checked~.sheets[data-l=all],.lv[value=whole]:checked~.sheets[data-l=whole]{display:block}
        .frame.cut{position:absolute;width:1px;height:1px;min-width:0;overflow:hidden!important;opacity:0}.frame{zoom:var(--z);overflow:visible;border:0}.caps{position:static}.scroll{max-height:none;overflow:visible}.matrix th{position:static}.frame,.story,.source{break-inside:avoid}h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

        """
}
