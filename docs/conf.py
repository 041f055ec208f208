"""How Sphinx builds the docs: `make docs`, once for each language.

The pages are plain Markdown, as they read in the repository. Chinese pages end in ``.zh-CN.md``; a page without one is
in both builds. The lists of docs/README.md are the navigation.
"""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
CHINESE = ".zh-CN"
IS_CHINESE = os.environ.get("DOCS_LANGUAGE") == "zh"
CODE, OTHER = ("zh", "en") if IS_CHINESE else ("en", "zh")

PAGES = sorted(
    str(path.relative_to(ROOT)) for place in ("*.md", "docs/**/*.md", "packages/*/*.md") for path in ROOT.glob(place)
)
TRANSLATED = {page.replace(CHINESE, "") for page in PAGES if CHINESE in page}


def _is_built(page: str) -> bool:
    return page not in TRANSLATED if IS_CHINESE else CHINESE not in page


project = "轻博 Qingbo" if IS_CHINESE else "Qingbo"
html_title = project
language = "zh_CN" if IS_CHINESE else "en"
extensions = ["myst_parser"]
root_doc = f"docs/README{CHINESE}" if IS_CHINESE else "docs/README"
include_patterns = [page for page in PAGES if _is_built(page)]
exclude_patterns = [".*", "**/.*", "build", "dist", "**/__pycache__", "**/src", "**/tests", "qingbo-data"]
html_theme = "furo"
html_copy_source = False
html_use_index = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
myst_heading_anchors = 4
myst_enable_extensions = ["html_image"]  # pictures in tables have a width


def setup(app: Sphinx) -> None:
    """Register what turns our Markdown into what Sphinx reads."""
    app.connect("source-read", _read)
    app.connect("build-finished", _send_to_root)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = _switch_language(name, source[0])
    if IS_CHINESE:
        source[0] = _lead_to_translations(name, source[0])
    if name == app.config.root_doc:
        source[0] += _navigation(source[0])


def _switch_language(name: str, text: str) -> str:
    """Let the link to the page in the other language lead to the other build."""
    up = "../" * (name.count("/") + 1)

    def link(match: re.Match[str]) -> str:
        folder = name.rpartition("/")[0]
        other = f"{folder}/{match[2]}" if folder else match[2]
        return f'<a href="{up}{OTHER}/{other}.html">{match[1]}</a>'

    return re.sub(r"^\[(English|中文\w*)\]\(([\w.-]+)\.md\)$", link, text, count=1, flags=re.MULTILINE)


def _lead_to_translations(name: str, text: str) -> str:
    """Let links of a page that is only in English lead to Chinese pages where there are some."""

    def link(match: re.Match[str]) -> str:
        page = os.path.normpath(Path(name).parent / f"{match[1]}.md")
        # The headings there have other names.
        return f"]({match[1]}{CHINESE}.md)" if page in TRANSLATED else match[0]

    return re.sub(r"\]\(([^)#:\s]+)\.md(?:#[^)\s]*)?\)", link, text)


def _navigation(text: str) -> str:
    """Return a hidden table of contents for each section of the first page, from its list of links."""
    parts = []
    for section in text.split("\n## ")[1:]:
        caption = section.partition("\n")[0]
        links = re.findall(r"^\* \[([^\]]+)\]\(([^)#]+)\.md\)", section, re.MULTILINE)
        lines = [f"{title} <{place}>" for title, place in links]
        parts.append("\n".join(["\n```{toctree}", ":hidden:", f":caption: {caption}", "", *lines, "```\n"]))
    return "\n" + "\n".join(parts)


def _send_to_root(app: Sphinx, error: Exception | None) -> None:
    """Let the address of the build itself lead to its first page."""
    if error is None:
        target = f"{app.config.root_doc}.html"
        page = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}">'
        (Path(app.outdir) / "index.html").write_text(f'{page}<a href="{target}">{project}</a>\n', encoding="utf-8")
