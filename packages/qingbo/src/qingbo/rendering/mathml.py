"""LaTeX to MathML with math-core. Checks its input first, and removes from its output what pages must not contain."""

import re
from functools import cache
from html import escape

from math_core import LatexError, LatexToMathML

LONGEST = 4_000
"""Maximum characters of a formula."""

DEEPEST = 30
"""Maximum nesting of groups."""

MOST_NESTING = 160
"""Maximum nesting of groups and commands together.

The library recurses for each and would overflow its thread's stack. It needs at most 2,800 bytes each, measured with a
stack of a megabyte, so that half a megabyte is enough.
"""

_TOO_LONG = (
    f"公式超过 {LONGEST} 个字符，未排版。",
    f"The formula has more than {LONGEST:,} characters and was not typeset.",
)
_TOO_DEEP = ("公式嵌套太深，未排版。", "The formula is nested too deeply and was not typeset.")
_DEFINES = (
    "公式里不能定义命令（如 \\newcommand）。",
    "A formula cannot define commands, as with \\newcommand.",
)

_MACROS = {
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "mbox": r"\text{#1}",
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
}
_ENVIRONMENTS = {"split": "aligned", "smallmatrix": "matrix", "alignat": "align", "alignat*": "align*"}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(split|smallmatrix|alignat\*?)\}(?:(?<=[*t]\})\{\d\})?")
_DEFINITION = re.compile(r"\\(?:[egx]?def|let|futurelet|global|(?:re)?newcommand|providecommand|DeclareMathOperator)\b")

_PART = re.compile(r"(?P<name>\\[A-Za-z]+)|\\.|%[^\n]*|[{}]|&|[_^](?=\s*\\)", re.DOTALL)
_OPENS, _CLOSES = {"{", "\\left", "\\begin"}, {"}", "\\right", "\\end"}
_TAKE_NOTHING = frozenset(
    f"\\{name}"
    for line in (
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho",
        "sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega cdot",
        "times div pm mp le leq ge geq ne neq approx equiv sim simeq cong propto in notin ni subset subseteq supset",
        "cup cap wedge vee land lor neg forall exists infty partial nabla ldots cdots vdots ddots dots quad qquad to",
        "rightarrow mapsto leftarrow Rightarrow Leftarrow Leftrightarrow iff implies mid parallel perp circ bullet",
        "star ast oplus otimes sin cos tan cot sec csc log ln exp min max sup inf det dim ker gcd deg arg sum prod",
        "int lim ell hbar Re Im prime langle rangle lfloor rfloor lceil rceil lvert rvert lVert rVert nonumber notag",
        "hline setminus emptyset",
    )
    for name in line.split()
)


class BadFormula(Exception):
    """A formula that cannot be typeset. The reasons are pairs of a language and a sentence."""

    def __init__(self, *reasons: tuple[str, str]) -> None:
        super().__init__(reasons[-1][1])
        self.reasons = reasons


def mathml_of(latex: str, *, is_display: bool) -> str:
    """Return MathML for a formula, with only the elements and attributes listed below.

    Raises:
        BadFormula: with the reason.
    """
    for is_bad, reason in ((len(latex) > LONGEST, _TOO_LONG), (_DEFINITION.search(latex), _DEFINES)):
        if is_bad:
            raise _ours(reason)
    if _is_nested_deeply(latex):
        raise _ours(_TOO_DEEP)
    latex = _ENVIRONMENT.sub(lambda found: f"\\{found[1]}{{{_ENVIRONMENTS[found[2]]}}}", latex)
    try:
        return _cleaned(_converter().convert_with_local_state(latex, displaystyle=is_display))
    except LatexError as error:
        raise BadFormula(("en", _sentence(str(error)))) from None


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(macros=_MACROS, fancy_error=False, allow_unreliable_rendering=True, max_expansions=500)


def _ours(reason: tuple[str, str]) -> BadFormula:
    return BadFormula(*zip(("zh-Hans", "en"), reason, strict=True))


def _sentence(message: str) -> str:
    """Return the library's message without the position, which it counts in bytes."""
    text = re.sub(r"^\d+: ", "", message)
    return text if text.endswith(".") else f"{text}."


def _is_nested_deeply(latex: str) -> bool:
    r"""Return whether a formula is nested too deeply for the library's parser; never underestimates the nesting.

    A group is open until it ends. A command may take what follows as its argument, or apply until its group or cell
    ends, like ``\color``.
    """
    counts = [0]
    nesting = 0
    for found in _PART.finditer(latex):
        part = found[0]
        if part in _OPENS:
            counts.append(0)
            nesting += 1
        elif part in _CLOSES and len(counts) > 1:
            nesting -= 1 + counts.pop()
        elif part in {"&", "\\\\"}:
            nesting -= counts[-1]
            counts[-1] = 0
        elif (found["name"] and part not in _TAKE_NOTHING) or part[0] in "_^":
            counts[-1] += 1
            nesting += 1
        if len(counts) > DEEPEST or nesting > MOST_NESTING:
            return True
    return False


_ELEMENTS = frozenset(
    {
        *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
        *("munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mpadded", "mphantom", "mtable", "mtr"),
        *("mtd", "menclose", "merror", "mstyle", "b", "i", "code"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("accent", "accentunder", "display", "displaystyle", "depth", "form", "height", "linethickness", "lspace"),
        *("mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rspace", "scriptlevel", "stretchy"),
        *("symmetric", "voffset", "width", "columnspan", "largeop", "separator", "fence"),
    }
)
_STYLES = {
    "text-align:left": "at-left",
    "text-align:right": "at-right",
    "padding-left:0": "no-left",
    "padding-right:0": "no-right",
    "padding-left:0.1em": "no-left",
    "padding-right:0.1em": "no-right",
    "padding-left:1em": "more-left",
    "padding-top:0": "no-top",
    "padding-bottom:0": "no-bottom",
    "border-top:0.05em solid currentcolor": "line-above",
    "border-top:0.05em dashed currentcolor": "line-above dashed",
    "border-right:0.05em solid currentcolor": "line-right",
    "border-right:0.05em dashed currentcolor": "line-right dashed",
    "border-left:0.05em solid currentcolor": "line-left",
    "border-left:0.05em dashed currentcolor": "line-left dashed",
    "width:100%": "whole-width",
    "width:50%": "half-width",
    "width:7.5%": "margin-width",
    "margin-left:-0.16666667em": "back",
}
"""The library's inline styles, which the Content-Security-Policy blocks, and the classes that replace them."""

_PRESENTED = {"color": "mathcolor", "background-color": "mathbackground", "font-size": "mathsize"}
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z]+)(?P<attributes>(?: [a-z]+=\"[^\"<>]*\")*)\s*(?P<empty>/?)>")
_ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
_ANY_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r"[#A-Za-z0-9.%-]+")


def _cleaned(mathml: str) -> str:
    return _ANY_TAG.sub(_tag, mathml)


def _tag(found: re.Match[str]) -> str:
    tag = _TAG.fullmatch(found[0])
    if tag is None or tag["name"] not in _ELEMENTS:
        return ""
    name = tag["name"]
    if tag["end"]:
        return f"</{name}>"
    classes: list[str] = []
    written = "".join(_attribute(key, value, classes) for key, value in _ATTRIBUTE.findall(tag["attributes"]))
    if classes:
        written += f' class="{" ".join(classes)}"'
    return f"<{name}{written}></{name}>" if tag["empty"] else f"<{name}{written}>"


def _attribute(key: str, value: str, classes: list[str]) -> str:
    if key == "style":
        declarations = [each.partition(":") for each in value.split(";")]
        pairs = [(name.strip(), what.strip()) for name, _, what in declarations]
        classes += [_STYLES[f"{name}:{what}"] for name, what in pairs if f"{name}:{what}" in _STYLES]
        shown = [(name, what) for name, what in pairs if name in _PRESENTED and _VALUE.fullmatch(what)]
        return "".join(f' {_PRESENTED[name]}="{escape(what)}"' for name, what in shown)
    if key in _ATTRIBUTES:
        return f' {key}="{value}"'
    return ""
