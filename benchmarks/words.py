"""Generates Markdown texts in which the frequency of a word depends on its rank, as in real texts.

Texts are made from a few thousand paragraphs, because the blog's own code makes the excerpt of each paragraph once.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

WORDS = 4_000
_ENGLISH = (
    "blog", "server", "table", "index", "query", "page", "reader", "writer", "cache", "thread", "column", "engine",
    "commit", "revision", "schema", "music", "river", "mountain", "coffee", "garden", "window", "letter", "winter",
    "summer", "morning", "evening", "travel", "kitchen", "library", "bicycle", "station", "market",
)  # fmt: skip


def vocabulary(chance: random.Random, size: int = WORDS) -> list[str]:
    """Return words of two Han characters, the most frequent first."""
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    return list(dict.fromkeys("".join(chance.sample(characters, 2)) for _each in range(size)))


@dataclass
class Writer:
    """Writes with one vocabulary; the same random generator gives the same texts."""

    chance: random.Random
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = vocabulary(self.chance)

    @cached_property
    def _weights(self) -> list[float]:
        sums, total = [], 0.0
        for rank in range(1, len(self.words) + 1):
            total += 1 / rank
            sums.append(total)
        return sums

    def run(self, count: int) -> str:
        """Return words without spaces, as Chinese is written."""
        return "".join(self.chance.choices(self.words, cum_weights=self._weights, k=count))

    def sentence(self) -> str:
        """Return a sentence of two to four parts; one in ten has a word in Latin letters."""
        parts = [self.run(self.chance.randint(3, 9)) for _part in range(self.chance.randint(2, 4))]
        if self.chance.random() < 0.1:
            parts[0] += f" {self.chance.choice(_ENGLISH).capitalize()} {self.run(2)}"
        return "，".join(parts) + "。"

    def plain(self, least: int) -> str:
        """Return a paragraph with at least so many characters, without markup."""
        text = ""
        while len(text) < least:
            text += self.sentence()
        return text

    def english(self, count: int) -> str:
        """Return a sentence that resembles English."""
        return " ".join(self.chance.choices(_ENGLISH, k=count)).capitalize() + "."

    def title(self) -> str:
        """Return a title; one in twelve is English."""
        if self.chance.random() < 1 / 12:
            return " ".join(self.chance.choices(_ENGLISH, k=self.chance.randint(2, 5))).capitalize()
        return self.run(self.chance.randint(3, 9))

    def marked_up(self) -> str:
        """Return a paragraph, list, quotation or block of code as Markdown."""
        run = self.run
        match self.chance.randrange(10):
            case 0:
                return f"## {run(4)}\n\n{self.plain(120)}"
            case 1:
                return "\n".join(f"* {self.sentence()}" for _item in range(self.chance.randint(3, 5)))
            case 2:
                return f"> {self.plain(60)}"
            case 3:
                return f'```python\ndef {self.chance.choice(_ENGLISH)}(number):\n    return "{run(2)}" * number\n```'
            case 4:
                return f"{self.sentence()}**{run(3)}**{self.sentence()}[{run(3)}](https://example.org/{run(1)})。"
            case 5:
                return " ".join(self.english(self.chance.randint(6, 14)) for _each in range(3))
        return f"{self.plain(80)}`{self.chance.choice(_ENGLISH)}`{self.plain(60)}"

    def remark(self) -> str:
        """Return the text of a comment."""
        run = self.run
        match self.chance.randrange(5):
            case 0:
                return f"> {run(8)}\n\n{self.sentence()}"
            case 1:
                return f"{self.sentence()}*{run(2)}*，[{run(2)}](https://example.org/{run(1)})。"
            case 2:
                return f"`{self.chance.choice(_ENGLISH)}` {self.sentence()}\n\n* {run(4)}\n* {run(5)}"
        return self.plain(self.chance.randint(10, 160))


def rare_first(chance: random.Random, names: Sequence[int], count: int) -> list[int]:
    """Return some different names, chosen with a probability by rank."""
    found: set[int] = set()
    while len(found) < count:
        found.add(names[min(int(len(names) ** chance.random()) - 1, len(names) - 1)])
    return sorted(found)
