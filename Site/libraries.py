"""Pages that others make, DocC those of the libraries and Web/build the playground: they get the bar of the site and its colours."""

import json
import re

# The renderer puts a template of this name above each page, and asks for settings of colours.
HEADER = "custom-header"
SETTINGS = "theme-settings.json"


def build(site, base):
    """Changes the pages below api/. Their addresses are from the root of the host, as the renderer wants them."""
    header = site.environment.get_template("docc.html").render(header=HEADER, to=lambda page: f"{base}/{page}")
    for page in sorted(site.folder.glob("api/documentation/**/index.html")):
        insert(page, '<body data-color-scheme="auto">', header)
    # The renderer knows no page at its root.
    (site.folder / "api/index.html").unlink()
    # Of all libraries DocC makes a grid of large empty pictures; a list says as much on one screen.
    first = site.folder / "api/data/documentation.json"
    content = json.loads(first.read_text(encoding="utf-8"))
    content["topicSectionsStyle"] = "list"
    first.write_text(json.dumps(content), encoding="utf-8")
    style = (site.folder / "report.css").read_text(encoding="utf-8")
    colours = {}
    for ours, theirs in (("bg", "fill"), ("ink", "text"), ("store", "link")):
        light, dark = re.findall(rf"--{ours}:([^;}}]*)", style)[:2]
        colours[theirs] = {"light": light, "dark": dark}
    (site.folder / "api" / SETTINGS).write_text(json.dumps({"theme": {"color": colours}}), encoding="utf-8")


def build_playground(site):
    bar = site.environment.get_template("playground.html").render(to=lambda page: page)
    insert(site.folder / "playground.html", '<body data-state="starting">', bar)


def insert(page, mark, text):
    """Puts a text after a mark that the page has once."""
    before, found, after = page.read_text(encoding="utf-8").partition(mark)
    if not found or mark in after:
        raise SystemExit(f"Site: {page} is not as it was when this was written: it has {mark} not once")
    page.write_text(before + mark + text + after, encoding="utf-8")
