"""Writes blocks as Markdown with markdownify; their text is Markdown already."""

import re
from collections.abc import Iterable

from bs4.element import NavigableString, PageElement, Tag
from markdownify import ATX, MarkdownConverter


class Written(NavigableString):
    """Markdown or code that stays unchanged."""


def block(name: str, text: str) -> Tag:
    """Return an element that contains text."""
    return container(name, [Written(text)])


def container(name: str, content: Iterable[PageElement]) -> Tag:
    """Return an element that contains others."""
    tag = Tag(name=name)
    for each in content:
        put(tag, each)
    return tag


def put(tag: Tag, last: PageElement) -> None:
    """Append to an element. Sets only what markdownify reads, which takes a fifth of the time."""
    before = tag.contents[-1] if tag.contents else None
    last.parent, last.previous_sibling, last.next_sibling = tag, before, None
    if before is not None:
        before.next_sibling = last
    tag.contents.append(last)


class Writer(MarkdownConverter):
    """Replaces methods of markdownify that take quadratic time, or whose output our parser reads differently."""

    def __init__(self) -> None:
        super().__init__(heading_style=ATX)

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        """Write text unchanged."""
        return str(el)

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a code block with a fence longer than those in it."""
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}{el.get('language') or ''}\n{text}\n{fence}\n\n"

    def convert_hr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a rule; inside an item not with hyphens, which could be read as the item's mark."""
        return "\n\n___\n\n" if "li" in parent_tags else "\n\n---\n\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write an item."""
        mark = f"{el['mark']} "
        lines = text.strip("\n").split("\n")
        indent = " " * len(mark)
        item = mark + "\n".join([lines[0], *(indent + line if line else "" for line in lines[1:])])
        return f"\n\n{item}\n\n" if el["loose"] else f"{item}\n"

    def convert_list(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a list."""
        text = text.strip("\n")
        return f"\n{text}\n" if "li" in parent_tags else f"\n\n{text}\n\n"

    convert_ul = convert_list
    convert_ol = convert_list

    def convert_blockquote(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a quote."""
        lines = text.strip("\n").split("\n")
        return "\n\n" + "\n".join(f"> {line}" if line else ">" for line in lines) + "\n\n"

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a table with the delimiter row below its head."""
        head, _, rows = text.strip("\n").partition("\n")
        return f"\n\n{head}\n| {el['rule']} |\n{rows}\n\n"

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a row."""
        return f"|{text}\n"
