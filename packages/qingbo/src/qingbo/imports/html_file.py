"""The text of an HTML file with front matter, which Hexo, Hugo and Jekyll publish like Markdown. Pure functions."""

import re
from dataclasses import replace
from pathlib import PurePath

from qingbo.imports.bad_file import BadFile
from qingbo.imports.doubts import Doubt
from qingbo.imports.html.conversion import LONGEST, converted
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.shortcodes.scanning import scan

SUFFIXES = {".html", ".htm"}
_PLAIN = {"text", "code", "file"}
_INSTRUCTION = re.compile(r"\{%-?\s*(?:for|include|if|assign|paginate)\b|\{\{-?\s*(?:range|partial|content)\b")
_MARK = re.compile(r"qingbo0shortcode(\d{1,6})x")
"""Stands for a shortcode while the HTML around it is converted."""


def is_html(path: PurePath) -> bool:
    """Return whether a file contains HTML, by its name."""
    return path.suffix.lower() in SUFFIXES


def with_markdown(file: MarkdownFile, notation: str) -> MarkdownFile:
    """Return a file with its HTML as Markdown where nothing is lost. Its shortcodes stay as they are.

    Args:
        file: whose text is HTML.
        notation: of its shortcodes.

    Raises:
        BadFile: if the text is too long.
    """
    if len(file.text) > LONGEST:
        raise BadFile(f"has a text of more than {LONGEST} characters", hint="split it")
    kept: list[str] = []

    def marked(raw: str) -> str:
        kept.append(raw)
        return f"qingbo0shortcode{len(kept) - 1}x"

    pieces = (each.raw if each.kind in _PLAIN else marked(each.raw) for each in scan(file.text, notation))
    found = converted("".join(pieces))
    text = _MARK.sub(lambda mark: kept[int(mark[1])] if int(mark[1]) < len(kept) else mark[0], found.text)
    doubts = (*file.doubts, *(Doubt(each, file.first_line) for each in found.doubts))
    # The lines of the Markdown are others, so remarks name the first one.
    return replace(file, text=text, doubts=doubts, lines=(1,) * (text.count("\n") + 1))


def is_template(file: MarkdownFile) -> bool:
    """Return whether a page consists of instructions for a theme, such as a list of all posts."""
    return _INSTRUCTION.search(file.text) is not None
