"""The error for files that cannot be imported."""


class BadFile(ValueError):
    """The file cannot become a post. The text says why, `line` where (if known), and `hint` what to do."""

    def __init__(self, reason: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(reason)
        self.line = line
        self.hint = hint
