"""Checks a site: each link and each anchor leads somewhere, nothing is loaded from a network, and no page is without a link to it.

    check.py --base PATH FOLDER

Link checkers such as Debian's linkchecker see none of what matters most here: the pages of DocC have their links in JSON, a report
answers addresses of steps by its script, and what a page loads is no link.
"""

import argparse
import json
import posixpath
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes by which a page loads something. Others of this kind lead somewhere only when a reader asks.
LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("object", "data"), ("image", "href")}
LEADS = {("a", "href"), ("area", "href"), ("form", "action")}


class Page(HTMLParser):
    """What a page has and what it refers to."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.steps, self.leads, self.loads, self.styles = set(), set(), [], [], []
        self.in_style = self.in_svg = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value)
            elif name == "data-s":
                self.steps.add(value)
            elif (tag, name) in LOADS or name == "srcset":
                self.loads.append(value or "")
            elif (tag, name) in LEADS or name == "xlink:href":
                self.leads.append(value or "")
            elif name == "style":
                self.styles.append(value or "")
            elif (tag, name) == ("meta", "content") and "url=" in (value or ""):
                self.leads.append(value.split("url=", 1)[1])
        self.in_style = tag == "style"

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self.in_style = False

    def handle_data(self, data):
        if self.in_style:
            self.styles.append(data)


def addresses_in_style(text):
    return [found[1] or found[2] for found in re.finditer(r"""url\(\s*['"]?([^'")]*)|@import\s+['"]([^'"]*)""", text)]


class Check:
    def __init__(self, folder, base):
        self.folder, self.base = Path(folder), base
        self.faults, self.linked, self.count = [], set(), 0
        self.pages = {}
        for path in sorted(self.folder.rglob("*.html")):
            self.pages[path.relative_to(self.folder).as_posix()] = Page(path.read_text(encoding="utf-8"))
        self.documents = {}
        for path in sorted(self.folder.glob("api/data/**/*.json")):
            name = path.relative_to(self.folder / "api/data").as_posix().removesuffix(".json")
            self.documents[name] = json.loads(path.read_text(encoding="utf-8"))

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")

    def run(self):
        for name, page in self.pages.items():
            for address in page.leads:
                self.follow(name, address)
            for address in page.loads + [address for style in page.styles for address in addresses_in_style(style)]:
                self.load(name, address)
        for path in sorted(self.folder.rglob("*.css")):
            for address in addresses_in_style(path.read_text(encoding="utf-8")):
                self.load(path.relative_to(self.folder).as_posix(), address)
        for name, document in self.documents.items():
            self.follow_document(name, document)
        for name in self.pages:
            if name != "index.html" and name not in self.linked:
                self.fault(name, "no page links to it")

    def load(self, name, address):
        if re.match(r"([a-z+.-]+:)?//", address, re.I):
            self.fault(name, f"loads {address}")
        elif not address.startswith(("data:", "#")):
            self.follow(name, address)

    def follow(self, name, address):
        """Whether an address in a file leads somewhere; what is on other hosts is not asked."""
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "mailto"):
            return
        self.count += 1
        target = self.file(name, unquote(parts.path))
        if parts.scheme or target is None:
            self.fault(name, f"{address} leads nowhere")
        elif parts.fragment and not self.has_anchor(target, unquote(parts.fragment)):
            self.fault(name, f"{address}: {target} has no such anchor")

    def file(self, name, path):
        """The file that a host gives for a path on a page; None where it has none."""
        if path.startswith("/"):
            if not path.startswith(self.base + "/"):
                return None
            path = path[len(self.base) + 1:]
        elif path:
            path = posixpath.join(posixpath.dirname(name), path)
        else:
            path = name
        path = posixpath.normpath(path)
        if path.startswith(".."):
            return None
        if (self.folder / path).is_dir():
            path = posixpath.normpath(posixpath.join(path, "index.html"))
        if not (self.folder / path).is_file():
            return None
        self.linked.add(path)
        return path

    def has_anchor(self, target, fragment):
        if target == "playground.html":
            # Its script takes a test of the corpus from there.
            test = dict(part.split("=", 1) for part in fragment.split("&")).get("t")
            return test is not None and (self.folder / f"Corpus/{test}.litmus.html").is_file()
        if target.startswith("api/documentation"):
            document = self.documents.get(posixpath.dirname(target).removeprefix("api/"))
            return document is not None and fragment in set(anchors(document))
        page = self.pages.get(target)
        if page is None:
            return False
        # A report's script answers for the step of a run, RUN-NUMBER.
        run, _, step = fragment.rpartition("-")
        return fragment in page.anchors or (run in page.anchors and step in page.steps)

    def follow_document(self, name, document):
        """What DocC's renderer shows of a page: it has a folder, and what it refers to is there."""
        where = f"api/data/{name}.json"
        if self.file("index.html", f"api/{name}") is None:
            self.fault(where, "has no page")
        references = document.get("references", {})
        for section in document.get("topicSections", []) + document.get("seeAlsoSections", []) + document.get("relationshipsSections", []):
            for identifier in section.get("identifiers", []):
                if identifier not in references:
                    self.fault(where, f"{identifier} in {section.get('title')} is unknown")
        for reference in references.values():
            address = reference.get("url")
            if reference.get("type") in ("topic", "section") and address:
                self.follow(where, f"{self.base}/api{address}")
            elif reference.get("type") in ("image", "video"):
                for variant in reference["variants"]:
                    self.load(where, variant["url"])


def anchors(value):
    """All anchors that a page of DocC has."""
    if isinstance(value, dict):
        if isinstance(value.get("anchor"), str):
            yield value["anchor"]
        for inner in value.values():
            yield from anchors(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from anchors(inner)


options = argparse.ArgumentParser()
options.add_argument("--base", default="")
options.add_argument("folder")
chosen = options.parse_args()
check = Check(chosen.folder, chosen.base.rstrip("/"))
check.run()
for fault in check.faults:
    print(fault)
print(f"{len(check.pages)} pages, {len(check.documents)} of DocC, {check.count} links, {len(check.faults)} faults", file=sys.stderr)
sys.exit(1 if check.faults or not check.pages else 0)
