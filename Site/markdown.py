"""Markdown to HTML as GitHub shows it: cmark-gfm reads it, and what stands here mends addresses, anchors and wide parts."""

import html
import re
import subprocess
from html.parser import HTMLParser

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Page:
    """A text as HTML, with what a frame around it needs to know."""

    def __init__(self, body, headings):
        self.body = body
        self.headings = headings  # (level, anchor, text)

    @property
    def title(self):
        return next((text for level, _, text in self.headings if level == 1), "")


class Rewriter(HTMLParser):
    """Copies what it reads; headings get anchors, links go through `address`, code through `place`, and what is wide scrolls."""

    def __init__(self, address, place):
        super().__init__(convert_charrefs=False)
        self.address, self.place = address, place
        self.out, self.headings, self.used = [], [], {}
        self.heading = self.code = None  # Where in `out` an open one begins.
        self.within = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in HEADINGS:
            self.heading = len(self.out)
        elif tag == "code" and "pre" not in self.within and "a" not in self.within and self.heading is None:
            self.code = len(self.out)
        elif tag == "a":
            attributes["href"] = self.address(attributes["href"])
        elif tag == "img":
            attributes["src"] = self.address(attributes["src"])
            # A drawing is wider than a telephone: on its own it can be enlarged.
            self.out.append(f'<a class="picture" href="{html.escape(attributes["src"])}">')
        elif tag == "table":
            self.out.append('<div class="wide" tabindex="0" role="group" aria-label="table">')
        elif tag == "pre":
            attributes["tabindex"] = "0"
        text = "".join(f' {name}="{html.escape(value or "")}"' for name, value in attributes.items())
        self.out.append(f"<{tag}{text}>")
        if tag == "img":
            self.out.append("</a>")
        elif tag not in ("br", "hr", "input"):
            self.within.append(tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self.within.pop()
        self.out.append(f"</{tag}>")
        if tag in HEADINGS:
            self.end_heading(tag)
        elif tag == "code" and self.code is not None:
            to = self.place(self.text_since(self.code))
            if to:
                self.out.insert(self.code, f'<a href="{html.escape(to)}">')
                self.out.append("</a>")
            self.code = None
        elif tag == "table":
            self.out.append("</div>")

    def end_heading(self, tag):
        text = self.text_since(self.heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = self.used.get(anchor, 0)
        self.used[anchor] = number + 1
        anchor += f"-{number}" if number else ""
        self.out[self.heading] = f'<{tag} id="{html.escape(anchor)}">'
        self.headings.append((int(tag[1]), anchor, text))
        self.heading = None

    def text_since(self, start):
        return html.unescape(re.sub(r"<[^>]*>", "", "".join(self.out[start:])))

    def handle_data(self, data):
        self.out.append(data)

    def handle_entityref(self, name):
        self.out.append(f"&{name};")

    def handle_charref(self, name):
        self.out.append(f"&#{name};")


def convert(text, address, place):
    """The page of a text. `address` says where a link goes, `place` where a path that stands as code goes, or None."""
    # HTML in the text is left out: what there is are comments for .ci/readme-output.
    plain = subprocess.run(
        ["cmark-gfm", "-e", "table", "-e", "autolink", "-e", "strikethrough"],
        input=text, capture_output=True, text=True, check=True).stdout
    rewriter = Rewriter(address, place)
    rewriter.feed(plain)
    rewriter.close()
    return Page("".join(rewriter.out), rewriter.headings)


def inline(text, address):
    """One paragraph as HTML without the paragraph."""
    return convert(text, address, lambda code: None).body.strip().removeprefix("<p>").removesuffix("</p>")


def by_title(body, titles):
    """Links that only name a file of Markdown name the article instead; `titles` are by page."""
    def named(link):
        return f'<a href="{link[1]}">{html.escape(titles[link[1]])}</a>' if link[1] in titles else link[0]
    return re.sub(r'<a href="([^"]*)">[^<]*\.md</a>', named, body)


def reader_kinds(text, address, place):
    """What the index says to each kind of reader: (who, HTML of the whole entry, [(title, address)])."""
    part = re.search(r"^## By kind of reader\n(.*?)^## ", text, re.S | re.M)
    if not part:
        raise SystemExit('Site: Documentation/index.md has no section "By kind of reader"')
    body = convert(part[1], address, place).body
    kinds = []
    for entry in re.split(r"(?=<h3[ >])", body):
        who = re.match(r"<h3[^>]*>(.*?)</h3>", entry, re.S)
        if who:
            links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', entry)
            kinds.append((html.unescape(who[1]), entry, [(html.unescape(title), to) for to, title in links]))
    if not kinds:
        raise SystemExit('Site: "By kind of reader" of Documentation/index.md has no heading below it')
    return kinds
