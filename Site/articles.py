"""The articles: each Markdown file for readers becomes a page; the files that they link to become pages of their text."""

import markdown

# Markdown for readers, as patterns; landing pages of libraries are DocC's.
PATTERNS = ("*.md", "Documentation/*.md", "*/README.md", "*/*/README.md")


def build(site):
    files = sorted({
        path.relative_to(site.source).as_posix() for pattern in PATTERNS for path in site.source.glob(pattern)
        if not any(part.startswith(".") for part in path.relative_to(site.source).parts)
    })
    index = (site.source / "Documentation/index.md").read_text(encoding="utf-8")
    kinds = markdown.reader_kinds(index, lambda link: site.target(link, "Documentation/index.md"), site.place)
    pages = {file: read(site, file) for file in files}
    titles = {site.page_of(file): page.title for file, page in pages.items()}
    site.environment.globals["kinds"] = [
        # An article is named by its title, not by its file.
        (who, markdown.by_title(entry, titles), [(titles.get(page, name) if name.endswith(".md") else name, page) for name, page in links])
        for who, entry, links in kinds
    ]
    for file, page in pages.items():
        contents = [(anchor, title) for level, anchor, title in page.headings if level == 2]
        site.write(site.page_of(file), "article.html", title=page.title or file, body=page.body, contents=contents, source=file)
    for file in site.listed:
        if (site.folder / site.page_of(file)).exists():
            continue
        text = (site.source / file).read_text(encoding="utf-8")
        site.write(site.page_of(file), "text.html", title=file, text=text)


def read(site, file):
    text = (site.source / file).read_text(encoding="utf-8")

    def place(code):
        page = site.place(code)
        return page and site.relative(page, site.page_of(file))

    return markdown.convert(text, lambda link: site.address(link, file), place)
