"""Why a file cannot become a post."""


class BadFile(ValueError):
    """The file cannot be a post; the text says why, `line` where, if that is known, and `hint` what to do."""

    def __init__(self, reason: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(reason)
        self.line = line
        self.hint = hint
