"""The code blocks of a page of the docs, and what a reader does with them.

A word after the language says what a block is: ``file=NAME`` is a whole file, ``add=NAME`` goes to its end,
``below=NAME`` repeats a line of it and adds the rest below; ``shell`` is typed into ``python manage.py shell``.
Markdown renderers do not show it. Blocks of ``sh`` are commands. A ``text`` block is what the commands before it
print; ``…`` stands for anything. Blocks without a language are drawings.
"""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Block:
    """One code block.

    Attributes:
        language: the first word after the fence.
        role: the second word, such as ``file`` or ``shell``; empty if there is none.
        name: of the file, for the roles of files.
        text: without the fences, with a line end.
        line: of the opening fence, from 1.
    """

    language: str
    role: str
    name: str
    text: str
    line: int

    def written_into(self, old: str) -> str:
        """Return the new text of its file, as its role says. `old` is the text that the file has."""
        if self.role == "file":
            return self.text
        if self.role == "add":
            return f"{old}\n\n{self.text}"
        first = self.text.partition("\n")[0]
        lines = old.splitlines()
        assert lines.count(first) == 1, f"line {self.line}: {self.name} has {lines.count(first)} lines {first!r}"
        return old.replace(f"{first}\n", self.text)


def blocks_of(page: Path) -> list[Block]:
    """Return the code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w+)(?: (\w+)(?:=(\S+))?)?\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [
        Block(match[1], match[2] or "", match[3] or "", match[4], text.count("\n", 0, match.start()) + 1)
        for match in found
    ]


def is_printed(wanted: str, output: str) -> bool:
    """Return whether an output has the lines of a ``text`` block, in order and possibly with others between them."""
    lines = iter(output.splitlines())
    return all(
        any(re.fullmatch(re.escape(each.rstrip()).replace("…", ".*"), line.rstrip()) for line in lines)
        for each in wanted.splitlines()
    )
