"""Syntax highlighting with Pygments, limited in time."""

from io import StringIO
from itertools import islice

from markdown_it.common.utils import escapeHtml
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

LANGUAGES = frozenset(
    {
        *("bash", "sh", "shell", "zsh", "powershell", "ps1", "c", "c++", "cpp", "c#", "csharp", "objective-c", "css"),
        *("dart", "diff", "docker", "dockerfile", "elixir", "erlang", "go", "golang", "graphql", "haskell", "html"),
        *("http", "ini", "java", "javascript", "js", "json", "kotlin", "lua", "make", "makefile", "markdown", "md"),
        *("nginx", "perl", "php", "py", "python", "python3", "r", "rb", "ruby", "rs", "rust", "scala", "sql", "swift"),
        *("toml", "ts", "typescript", "vim", "xml", "yaml", "yml", "jsx", "tsx", "vue", "scss", "sass", "less"),
        *(
            "clojure",
            "scheme",
            "racket",
            "fsharp",
            "ocaml",
            "julia",
            "matlab",
            "octave",
            "fortran",
            "protobuf",
            "proto",
        ),
        *(
            "cmake",
            "nim",
            "zig",
            "tex",
            "latex",
            "pycon",
            "properties",
            "vb.net",
            "pascal",
            "delphi",
            "d",
            "nasm",
            "gas",
        ),
        *("awk", "tcl", "verilog", "systemverilog", "vhdl", "jinja", "django", "html+jinja", "erb", "json5", "fish"),
        *("bat", "batch", "prolog", "glsl", "hlsl", "cuda", "nix", "postgresql", "mysql", "plpgsql", "bibtex", "elm"),
        *("purescript", "cypher", "ebnf", "text"),
    }
)
"""Highlighted languages. Pygments knows hundreds, but some take minutes for a few kilobytes."""


TOKENS = 25_000
"""Maximum number of highlighted tokens in a text, at about 5 µs each."""

BEGINNING = 5
"""The cost of starting a code block, in tokens."""

SCANNING_NANOSECONDS = 400_000_000
"""Maximum time that lexers may spend on repeated lookahead in a text."""

LOOKAHEAD = {
    "csharp": 150.0,
    "cuda": 45.0,
    "fortran": 17.0,
    "java": 45.0,
    "make": 47.0,
    "matlab": 17.0,
    "nixos": 30.0,
    "tsx": 25.0,
    "typescript": 21.0,
}
"""Worst lookahead time found per lexer, by its first alias: nanoseconds per squared number of characters.

Measured on a busy machine, by repeating some 300 short texts and pairs of them; an idle machine takes half as long.
"""

USUAL_LOOKAHEAD = 15.0


class Colours:
    """The remaining budget for highlighting the code in one text."""

    def __init__(self) -> None:
        self.tokens = TOKENS
        self.nanoseconds = float(SCANNING_NANOSECONDS)
        self.is_cut = False
        self._lexers: dict[str, Lexer] = {}
        """Cache for this text, because Pygments searches hundreds of lexers for each name."""

    def of(self, code: str, language: str) -> str:
        """Return code as HTML, highlighted as far as the budget allows; empty if the language is unknown or slow."""
        if language.lower() not in LANGUAGES:
            return ""
        lexer = self._lexer(language)
        cost = LOOKAHEAD.get(lexer.aliases[0], USUAL_LOOKAHEAD) * len(code) ** 2
        if cost > self.nanoseconds or not self.tokens:
            self.is_cut = True
            return ""
        self.nanoseconds -= cost
        pieces = list(islice(lexer.get_tokens(code), self.tokens))
        self.tokens = max(0, self.tokens - len(pieces) - BEGINNING)
        rest = code[sum(len(text) for _, text in pieces) :]
        self.is_cut |= bool(rest)
        coloured = StringIO()
        _FORMATTER.format(pieces, coloured)
        return coloured.getvalue() + escapeHtml(rest)

    def _lexer(self, language: str) -> Lexer:
        if language not in self._lexers:
            self._lexers[language] = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        return self._lexers[language]


_FORMATTER = HtmlFormatter(nowrap=True)
