"""The arguments of a shortcode. Pure."""

import re
from dataclasses import dataclass, field

_ARGUMENT = re.compile(
    r"""(?:(?P<key>[\w-]+)\s*[=:]\s*)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|`(?P<back>[^`]*)`|(?P<bare>[^\s,"']+))"""
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Words by position and by name."""

    words: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Arguments":
        """Read ``word "more words" key=value``."""
        found = cls()
        for match in _ARGUMENT.finditer(text):
            quoted = match["double"] if match["double"] is not None else match["single"]
            value = quoted if quoted is not None else match["back"] if match["back"] is not None else match["bare"]
            value = value.replace('\\"', '"')
            if match["key"] and not (match["bare"] and value.startswith("//")):
                found.named[match["key"].lower()] = value
            else:
                found.words.append(match[0] if match["key"] else value)
        return found

    def get(self, *names: str, position: int | None = None) -> str:
        """Return the value of the first of these names, or the word at a position, or an empty string."""
        for name in names:
            if name in self.named:
                return self.named[name]
        is_there = position is not None and position < len(self.words)
        return self.words[position] if is_there and position is not None else ""
