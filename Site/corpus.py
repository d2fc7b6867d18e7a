"""The corpus: a page for each test, with what `ptero check --html` makes of it; a page for each folder, and one for all."""

import html
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import markdown

# Why tests are shown without runs, by the first folder.
REASONS = {
    "swift": "Tests in Swift are compiled with the libraries by the release optimiser, which ptero check --swift does and this site does not.",
    "synth": "Tests with a hole are problems for ptero synth, which puts sequences in its place: there is nothing to check before.",
}


class Report:
    """The parts of a report in HTML."""

    def __init__(self, page):
        def part(pattern):
            found = re.search(pattern, page, re.S)
            if not found:
                raise SystemExit(f"Site: a report of ptero check has no {pattern}")
            return found[1]
        self.style = part(r"<style>(.*?)</style>")
        self.patterns = part(r"<body>(<svg .*?</svg>)<header>")
        self.main = part(r"<main>(.*)</main>")
        self.script = part(r"<script>(.*?)</script></body>")
        # The classes of CPUs on which the test goes wrong: columns with a cross. A test that gives each CPU its own has one cell.
        columns = re.findall(r'<th scope="col">(.*?)</th>', part(r"<thead>(.*?)</thead>"))[1:]
        rows = [re.findall(r"<td(.*?)</td>", row) for row in re.findall(r'<tr><th scope="row">(.*?)</tr>', self.main)]
        if any(len(row) != len(columns) for row in rows):
            columns = ["the CPUs that it names"]
        self.failing = [html.unescape(column) for n, column in enumerate(columns) if any("✕" in row[n] for row in rows)]


class Test:
    """A test, as text."""

    def __init__(self, site, path):
        self.path = path
        self.page = site.page_of(path)
        self.text = (site.source / path).read_text(encoding="utf-8")
        head = self.text.splitlines()
        self.title = head[0].removeprefix("/* ").split(" ", 1)[1].strip()
        self.about = next((line.strip()[1:-1] for line in head[1:] if line.startswith('"')), "")
        self.expected = next(iter(re.findall(r"\(\* Result: (.*?) *\*\)", self.text)), "")
        self.report, self.wrong, self.summary = None, False, self.expected
        self.is_c = self.text.startswith("C ")
        self.reason = REASONS.get(path.split("/")[1], "")  # Why it is shown without runs.
        if self.is_c and re.search("^Source=", self.text, re.M):
            self.reason = "The test compiles functions of a kernel's sources, which this site does not have."
        elif self.is_c and not re.search("^Include=", self.text, re.M):
            self.reason = "The test compiles helpers of a kernel's headers, which this site does not have."
        self.explorer = ""  # The playground with it, as the end of an address.

    def check(self, program):
        """Asks ptero for the report."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.html")
            done = subprocess.run(
                [program, "check", self.path, "--jobs", "1", "--html", report], capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"Site: ptero check {self.path} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
            self.report = Report(report.read_text(encoding="utf-8"))
        self.wrong = bool(self.report.failing)
        self.summary = ", ".join(self.report.failing) or "–"
        name = self.path.removeprefix("Corpus/").removesuffix(".litmus")
        # Tests in C need a compiler, which a browser has not.
        if not self.is_c:
            self.explorer = "#t=" + quote(name, safe="/+")


class Folder:
    """A folder of the corpus."""

    def __init__(self, path, tests, about):
        self.path, self.tests = path, tests
        self.about = about  # By the page that shows it, for its links.
        self.name = path.removeprefix("Corpus/")
        self.page = f"{path}/index.html"
        self.reason = REASONS.get(self.name.split("/")[0], "")
        self.inner = []

    @property
    def all_tests(self):
        return self.tests + [test for folder in self.inner for test in folder.tests]


def build(site, program):
    """Makes all pages, and returns the folders."""
    readme = (site.source / "Corpus/README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)/` \| \d+ \| (.*?) \|$", readme, re.M))
    folders = []
    for path in sorted(site.source.glob("Corpus/**/")):
        files = sorted(file for file in path.iterdir() if file.suffix in (".litmus", ".swift") and is_test(file))
        relative = path.relative_to(site.source).as_posix()
        if relative == "Corpus":
            continue
        row = rows.get(path.name, "") if relative.count("/") == 1 else ""
        row = row[:1].upper() + row[1:]
        about = {page: cell(site, row, page) for page in ("Corpus/index.html", f"{relative}/index.html")}
        folders.append(Folder(relative, [Test(site, file.relative_to(site.source).as_posix()) for file in files], about))
    for folder in folders:
        folder.inner = [other for other in folders if other.path.startswith(folder.path + "/")]
    checked = [test for folder in folders for test in folder.tests if not test.reason]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda test: test.check(program), checked))
    share(site, [test.report for test in checked])
    for folder in folders:
        site.write(folder.page, "folder.html", folder=folder)
        for test in folder.tests:
            site.write(test.page, "test.html", test=test, folder=folder)
    return folders


def is_test(file):
    """Whether a file is a test, and not what tests share."""
    with file.open(encoding="utf-8") as text:
        return re.match(r"(/\* )?(X86_64|C|Swift) \S", text.readline()) is not None


def cell(site, text, page):
    """A cell of the corpus's table as HTML, on a page."""
    def address(link):
        return link if "://" in link else site.relative(site.target(link, "Corpus/README.md"), page)
    return markdown.inline(text, address)


def share(site, reports):
    """What all reports have in common becomes one file each: the style, with the colours of the whole site, and the script."""
    for name, part in (("report.css", "style"), ("report.js", "script")):
        kinds = {getattr(report, part) for report in reports}
        if len(kinds) != 1:
            raise SystemExit(f"Site: reports differ in their {part}, of which the site has one")
        (site.folder / name).write_text(kinds.pop(), encoding="utf-8")
