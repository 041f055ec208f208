"""Regular expressions that are compiled at their first use.

Compiling one with classes of Chinese characters takes milliseconds, and every start would pay for all of them.
"""

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return an object that behaves like the compiled pattern."""
    return cast(re.Pattern[str], _Later(text, flags))


class _Later:
    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # so that the next access does not call this method
        return found
