"""The site as a folder of files: where pages lie, how they link to each other, and the frame around each."""

import os
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit

import jinja2


class Site:
    """The repository at `source` as a site at `folder`. Pages lie where their sources lie, so links stay as they are but for endings."""

    def __init__(self, source, folder, playground):
        self.source, self.folder = Path(source), Path(folder)
        self.listed = {}  # Files that pages link to, in order. Those that are no test of the corpus become pages of their text.
        self.copied = set()
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "Templates"), autoescape=True,
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.environment.globals.update(has_playground=playground, kinds=[])

    def write(self, path, template, **values):
        """Makes the page `path`, with `to` in templates as the address of a page of the site."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = self.environment.get_template(template).render(path=path, to=lambda page: self.relative(page, path), **values)
        target.write_text(text, encoding="utf-8")

    @staticmethod
    def relative(page, here):
        """The address of a page as a page `here` has it."""
        page, mark, fragment = page.partition("#")
        if not page:
            return mark + fragment
        address = quote(os.path.relpath(page, os.path.dirname(here) or "."), safe="/+~")
        return address + ("/" if page.endswith("/") else "") + mark + fragment

    def page_of(self, path):
        """The page of the site that shows a path of the repository; None where there is nothing."""
        source = self.source / path
        if source.suffix == ".md" and source.parent.suffix == ".docc":
            # A library's landing page is DocC's.
            return f"api/documentation/{source.stem.lower()}/"
        if source.is_dir():
            if path.split("/")[0] == "Corpus":
                return f"{path}/index.html"
            return f"{path}/README.html" if (source / "README.md").exists() else None
        if not source.is_file():
            return None
        if source.suffix == ".md":
            return path[:-3] + ".html"
        if source.suffix in (".svg", ".png"):
            self.copy(path)
            return path
        self.listed[path] = None
        return path + ".html"

    def target(self, link, here):
        """What a link of the file `here` leads to: a page of the site, or an address elsewhere as it is."""
        parts = urlsplit(link)
        if parts.scheme:
            return link
        path = os.path.normpath(os.path.join(os.path.dirname(here), parts.path)) if parts.path else here
        page = None if path.startswith("..") else self.page_of(path)
        if page is None:
            raise SystemExit(f"Site: {here} links to {link}, which is not here")
        return page + (f"#{parts.fragment}" if parts.fragment else "")

    def address(self, link, here):
        """Where a link of the file `here` goes, from its page."""
        if link.startswith("#") or urlsplit(link).scheme:
            return link
        return self.relative(self.target(link, here), self.page_of(here))

    def place(self, code):
        """The page of a path of the repository that stands as code, such as a test's; None for other code."""
        path = code.rstrip("/")
        if "/" not in path or path.startswith((".", "/")) or ".." in path or "*" in path:
            return None
        return self.page_of(path)

    def copy(self, path):
        """Takes a picture over as it is."""
        if path not in self.copied:
            self.copied.add(path)
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.source / path, target)
