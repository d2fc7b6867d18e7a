"""Makes the pages of the site in a folder that has those of DocC and the playground: Scripts/site calls it.

    site.py --source REPOSITORY --program PTERO --base PATH [--playground] FOLDER
"""

import argparse
import re
import shutil
from pathlib import Path

import articles
import corpus
import libraries
import markdown
from frame import Site

options = argparse.ArgumentParser()
options.add_argument("--source", required=True)
options.add_argument("--program", required=True)
options.add_argument("--base", required=True)
options.add_argument("--playground", action="store_true")
options.add_argument("folder")
chosen = options.parse_args()

site = Site(chosen.source, chosen.folder, chosen.playground)
for name in ("site.css", "site.js"):
    shutil.copyfile(Path(__file__).parent / name, site.folder / name)
folders = corpus.build(site, chosen.program)
libraries.build(site, chosen.base)
if chosen.playground:
    libraries.build_playground(site)
articles.build(site)
top = [folder for folder in folders if "/" not in folder.name]
total = sum(len(folder.tests) for folder in folders)
site.write("Corpus/index.html", "corpus.html", folders=top, total=total)
readme = (site.source / "README.md").read_text(encoding="utf-8")
lead = re.search(r"^# .*?\n\n(.*?)\n\n", readme, re.S)[1]
site.write(
    "index.html", "front.html", total=total,
    lead=markdown.inline(lead, lambda link: site.address(link, "README.md")),
    history=sum(len(folder.tests) for folder in folders if folder.name == "history"))
