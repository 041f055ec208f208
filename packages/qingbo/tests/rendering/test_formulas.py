"""Formulas become MathML, or show what is wrong with them; amounts of money stay text."""

import re
import threading
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qingbo.rendering import budget, mathml
from qingbo.rendering.markdown import render_comment, render_post, rendered_post
from qingbo.rendering.mathml import BadFormula, mathml_of

SMALL_STACK = 512 * 1024

DEEP = [
    *("{" * n + "x" + "}" * n for n in (29, 40, 3_000)),
    *(r"\sqrt " * n + "x" for n in (100, 159, 600)),
    *(r"\sqrt{" * 29 + r"\hat " * n + "x" + "}" * 29 for n in (60, 100, 500)),
    r"\sqrt{%}" * 400,
    r"\sqrt{%}" + "\n" + r"\sqrt{%}" * 400,
    "\n".join([r"\sqrt{%}"] * 400),
    r"\color{red}a" * 360,
    r"\displaystyle a&" * 200,
    r"\frac{1}" * 400 + "2",
    r"\underset a " * 300 + "x",
    r"\sum\limits_" * 300 + "x",
    r"x_\alpha^" * 300,
    r"\left(" * 500,
    r"\begin{matrix}" * 200,
    r"\sqrt[" * 500,
    r"\not" * 900 + "=",
    r"\text{" * 500,
    r"\operatorname" * 300 + "{x}",
    "x" + "'" * 3_900,
    r"\pmod" * 700,
    r"\substack" * 400 + "{x}",
    *(
        unit * 155 + "x"
        for unit in (r"\pmod", r"\substack", r"\textcolor{red}", r"\mbox", r"\bra", r"\fbox", r"\boxed")
    ),
    *(unit * 29 + "x" + "}" * 29 for unit in (r"\bra{", r"\substack{", r"\boxed{", r"\pmod{", r"\fbox{\cfrac 1")),
    r"\right{" * 500,
    r"\}{" * 900,
]


def in_a_small_thread(act: Callable[[], None]) -> None:
    before = threading.stack_size(SMALL_STACK)
    try:
        thread = threading.Thread(target=act)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)


@pytest.mark.parametrize("latex", DEEP, ids=lambda latex: repr(latex[:20]))
def test_no_formula_overflows_the_stack_of_a_small_thread(latex: str) -> None:
    done = []

    def convert() -> None:
        try:
            done.append(mathml_of(latex, is_display=True))
        except BadFormula as error:
            done.append(str(error))

    in_a_small_thread(convert)
    assert done


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("设 $x$ 为数，$y$，“$z$”。", ["x", "y", "z"]),
        ("$x$\n$y$", ["x", "y"]),
        ("the $n$th and $m$-th", ["n", "m"]),
        ("**$x$** [$y$](/a) `$no$` ~~$z$~~", ["x", "y", "z"]),
        ("| a |\n|---|\n| $x$ |", ["x"]),
        ("## $x$", ["x"]),
        ("甲^[$x$]", ["x"]),
        ("$`x`$", ["x"]),
        ("$$x$$", ["x"]),
        ("甲 $$x$$ 乙", ["x"]),
        ("甲\n$$\nx\n$$\n乙", ["x"]),
        ("> $$\n> x\n> $$", ["x"]),
        ("- 甲\n\n  $$\n  x\n  $$", ["x"]),
        ("```math\nx\n```", ["x"]),
    ],
)
def test_what_stands_between_dollars_is_a_formula(text: str, formulas: list[str]) -> None:
    assert re.findall(r"<math[^>]*><mi>(\w)</mi></math>", render_post(text)) == formulas


@pytest.mark.parametrize(
    "text",
    [
        *(
            "$5 and $10",
            "$5-$10",
            "价格是$5，那个是$10。",
            "US$5 to US$10",
            "from $5 to 10 $",
            "$ x $",
            "a $x",
            "x$ a$",
        ),
        *(r"\$x\$", r"\$x$", "$HOME/bin:$PATH", "$$", "$$$$", "$$ $$", "$", "`$x$`", "$x\n\ny$", "$$x\n\ny$$"),
        *("    $$x$$", "$x $", "A$x$", "kill $$; echo $!"),
    ],
)
def test_money_and_names_of_variables_are_no_formula(text: str) -> None:
    for render in (render_post, render_comment):
        html = render(text)
        assert "<math" not in html
        shown = unescape(re.sub("<[^>]*>", "", html))
        assert "".join(shown.split()) == "".join(text.replace("\\", "").replace("`", "").split())


def test_a_formula_on_lines_of_its_own_is_a_block() -> None:
    assert '<p class="formula"><math display="block">' in render_post("$$\nx\n$$")
    assert '<math display="block">' in render_post("甲 $$x$$")
    assert "display" not in render_post("$x$")


def test_a_long_formula_can_be_scrolled_with_the_keyboard() -> None:
    assert '<p class="formula" tabindex="0">' in render_post(f"$$\n{'x + ' * 20}y\n$$")
    assert '<p class="formula" tabindex="0">' in render_comment(f"```math\n{'x + ' * 20}y\n```")
    assert "tabindex" not in render_post("$$x$$\n\n<p tabindex=5>y</p>")


def test_a_wrong_formula_shows_its_source_and_the_reason() -> None:
    html = render_post(r"甲 $\frac{1$ 乙 $\nosuch<x>$ 丙")
    assert r"<code>\frac{1</code>" in html
    assert '<span lang="en">Expected closing token &quot;}&quot;, but reached end of input.</span>' in html
    assert r"<code>\nosuch&lt;x&gt;</code>" in html
    assert "丙" in html


@pytest.mark.parametrize(
    ("latex", "zh", "en"),
    [
        ("x" * 5_000, "公式超过", "has more than 4,000 characters"),
        ("{" * 100 + "}" * 100, "嵌套太深", "nested too deeply"),
        (r"\def\a{\a\a}\a", "不能定义命令", "cannot define commands"),
        (r"\newcommand{\R}{\mathbb{R}} \R", "不能定义命令", "cannot define commands"),
    ],
)
def test_what_we_refuse_is_explained_in_both_languages(latex: str, zh: str, en: str) -> None:
    html = render_post(f"$${latex}$$")
    assert re.search(rf'<span lang="zh-Hans">[^<]*{zh}', html)
    assert re.search(rf'<span lang="en">[^<]*{en}', html)


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{align}a &= b\\c &= d\end{align}",
        r"\begin{cases}1 & x>0\\0 & \text{otherwise}\end{cases}",
        r"\left[\begin{array}{l|c:r}1&2&3\\\hline 4&5&6\end{array}\right]",
        r"\begin{equation}\begin{split}a&=b\\&=c\end{split}\end{equation}",
        r"\begin{alignat*}{2}a&=b&c&=d\end{alignat*}",
        r"\sum_{\substack{i<n\\j<m}} \argmax_x \pmod{n} \boxed{x} \cancel{y} \textcolor{red}{z} \widetilde{abc} a\!b",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
        r"\begin{align}a\label{b}\\\eqref{b}\end{align}",
    ],
)
def test_what_papers_use_is_set_without_styles_and_links(latex: str) -> None:
    html = render_post(f"$$\n{latex}\n$$")
    assert "<math" in html
    assert not re.search(r" (style|href|id|on\w+)=", html)


def test_columns_are_aligned_and_colours_kept_without_inline_styles() -> None:
    html = render_post(r"$$\begin{aligned}a &= \color{red}b\end{aligned}$$")
    assert '<mtd class="at-right no-right"><mi>a</mi></mtd><mtd class="at-left no-left">' in html
    assert '<mrow mathcolor="#FF0000">' in html


def test_mathml_that_somebody_types_is_text() -> None:
    for text in ("<math><mi>x</mi></math>", '<math href="javascript:alert(1)">', "<maction>"):
        assert "<m" not in render_post(text)
        assert "<m" not in render_post(f"<div>\n{text}\n</div>")


def test_nothing_that_is_typed_takes_the_place_of_a_formula() -> None:
    html = render_post('<b title="&#14;0&#15; onclick=alert(1)">&#14;0&#xf;&#14;1&#15;</b>\n\n甲 $x$ $<b>$')
    assert html.count("<math") == 2
    assert re.search(r'title="[^"<]*"', html)
    for around in ("&#14;0&#15;", "\x0e0\x0f", "&#x0e;0&#x0f;"):
        assert render_post(f"{around}\n\n$x$").count("<math") == 1


@given(st.lists(st.sampled_from([*r"{}[]()&^_%$#'<>=+ x1\ ", r"\\", r"\frac", r"\sqrt", r"\left", r"\right"])))
def test_whatever_stands_between_the_dollars_gives_balanced_elements(parts: list[str]) -> None:
    try:
        html = mathml_of("".join(parts), is_display=True)
    except BadFormula:
        return
    open_: list[str] = []
    for end, name in re.findall(r"<(/?)([a-z]+)[^<>]*>", html):
        assert not end or open_.pop() == name
        open_ += [] if end else [name]
    assert not open_
    assert html.count("<") == len(re.findall(r"<[^<>]*>", html))


def test_all_formulas_of_a_text_share_what_may_be_typeset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MATHML", 500)
    rendered = rendered_post("$x$ " * 100)
    assert rendered.is_cut
    assert len(rendered.html) < 1_500
    assert rendered.html.count("$x$") + rendered.html.count("<math>") == 100


def test_a_formula_that_fits_has_at_most_so_much_mathml() -> None:
    assert (
        max(len(mathml_of(unit * (mathml.LONGEST // len(unit)), is_display=True)) for unit in ("'", "x", r"\,", "1+"))
        < 250_000
    )


def test_words_between_two_equals_signs_are_marked() -> None:
    assert render_post("这是==重点==。") == "<p>这是<mark>重点</mark>。</p>\n"
    assert "<mark>a <em>b</em></mark>" in render_post("==a *b*==")
    assert "<mark>a</mark>" in render_comment("==a==")
    assert '<mark><a href="/b" rel="noopener">a</a></mark>' in render_post("==[a](/b)==")
    assert "<mark>a</mark>" in render_post("[==a==](/b)")


@pytest.mark.parametrize("text", ["a==b and c==d", "a == b == c", "===a===", "a ==", "`==a==`", "== a ==", r"\==a=="])
def test_comparisons_are_not_marked(text: str) -> None:
    assert "<mark" not in render_post(text)
