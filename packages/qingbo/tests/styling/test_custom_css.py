"""CSS of administrators and themes: what is allowed, and every spelling of what is not."""

import re

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st
from qingbo.styling.custom_css import DEEPEST, LONGEST, CssRefused, Reason, checked_css

ALLOWED = [
    "",
    "a { color: red }",
    "/* only words */",
    ":root { --measure: 44rem; --accent: light-dark(#0f605b, #7cccc3) }",
    ".teaser { & h2 { margin: 0 } &:hover { color: var(--accent) } @media (width > 40rem) { padding: 1rem } }",
    "@media print { a:hover { color: black } }",
    "@supports selector(:has(a)) { main:has(> a) { display: grid } }",
    "@container (min-width: 20rem) { .x { order: 1 } }",
    "@layer theme { :root { --paper: #fff } }",
    "@keyframes fade { from { opacity: 0 } 50% { opacity: .5 } to { opacity: 1 } }",
    "@property --turn { syntax: '<angle>'; inherits: false; initial-value: 0deg }",
    "@page { margin: 2cm; @top-left { content: 'Qingbo' } }",
    "@font-face { src: url(/static/own.woff2) format('woff2'), local('Own'); unicode-range: U+4E00-9FFF }",
    "body { background: url(/media/0123456789ab/tea.jpg) }",
    "body { background: url('/media/0123456789ab/%E8%8C%B6.jpg') center / cover }",
    'body { background: URL( "/media/0123456789ab/茶.jpg" ) }',
    "body { background: url(data:image/png;base64,AAAA) }",
    "body { background: url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E\") }",
    "a { background: image-set(url(/media/0123456789ab/a.avif) type('image/avif'), '/media/0123456789ab/a.jpg' 2x) }",
    "body { background: image-set(linear-gradient(red, oklch(50% .1 200)) 1x) }",
    "a::after { content: 'https://example.com' attr(href) }",
    "[href^='http://'] { color: red }",
    "html { scroll-behavior: smooth; overscroll-behavior: none }",
    ".bar { position: fixed; inset: 0; z-index: 99 }",
    "p { width: calc((1rem + 2px) * min(3, var(--x, 4))) }",
    "a { color: red !important }",
    ".\\31 0 { color: red }",
    "@namespaces { }",
]


@pytest.mark.parametrize("css", ALLOWED)
def test_plain_css_is_sent(css: str) -> None:
    sent = checked_css(css)
    assert checked_css(sent) == sent
    assert without_space(sent) == without_space(re.sub(r"/\*.*\*/", "", css))


def without_space(css: str) -> list[str]:
    return [
        tinycss2.serialize([each])
        for each in tinycss2.parse_component_value_list(css, skip_comments=True)
        if each.type != "whitespace"
    ]


FOREIGN = [
    "https://evil.example/x.png",
    "HTTPS://evil.example/x.png",
    "//evil.example/x.png",
    "/\\evil.example/x.png",
    "\\5c\\5c evil.example",
    "\\/\\/evil.example",
    "https:evil.example",
    "x.png",
    "../x.png",
    "/media/../posts",
    "/media/%2E./posts",
    "/media//evil.example",
    "/logout",
    "/media",
    "#x",
    "?x",
    "",
    "data:text/css,a{}",
    "data:text/html,<b>",
    "data:,x",
    "javascript:alert(1)",
    "java\\73 cript:alert(1)",
    "ftp://evil.example",
    "blob:x",
    "file:///etc/passwd",
    "\\20 https://evil.example",
    "\\9 //evil.example",
    "/\\9 /evil.example",
    "/\\A /evil.example",
    "/media/\\9 /evil",
    "\\68 ttps://evil.example",
    "h\\74 tp://evil.example",
]

LOADING = [
    "url({})",
    "URL({})",
    "uRl( {} )",
    "\\75 rl({})",
    "u\\72 l({})",
    "\\000075\\000072\\00006C({})",
    "\\url({})",
    "url('{}')",
    'url("{}")',
    "url(\n'{}'\n)",
    "\\75 rl('{}')",
    "src('{}')",
    's\\72 c("{}")',
    "image-set('{}' 1x)",
    "image-set(url({}) 1x)",
    "-webkit-image-set(url('{}') 1x)",
    "-WEBKIT-IMAGE-SET('{}' 1x)",
    "imag\\65 -set('{}' 1x)",
    "image-set(/**/'{}'/**/ 1x)",
    "image-set('/media/0123456789ab/a.png' 1x, '{}' 2x)",
    "image('{}')",
    "cross-fade(url('{}'), red)",
    "image-set(linear-gradient(red, red) 1x, image-set('{}' 1x) 2x)",
]

PLACES = [
    "a {{ background: {} }}",
    "a {{ --x: {} }}",
    "@media print {{ a {{ background: {} }} }}",
    "@supports (background: {}) {{ a {{ color: red }} }}",
    "@container style(--x: {}) {{ a {{ color: red }} }}",
    "a {{ &:hover {{ @media (width > 1px) {{ cursor: {}, auto }} }} }}",
    "@font-face {{ font-family: x; src: {} }}",
    "@property --x {{ syntax: '<url>'; inherits: false; initial-value: {} }}",
    "@unknown {} {{ }}",
    "@unknown {};",
    "a {{ background: var(--x, {}) }}",
    "a {{ b: [{}] }}",
    "a[{}] {{ }}",
    "a {{ --x: {{ y: {} }} }}",
    "@layer x {{ @scope (a) to (b) {{ c {{ filter: {} }} }} }}",
]


@pytest.mark.parametrize("loading", LOADING)
def test_an_address_elsewhere_is_refused_however_it_is_written(loading: str) -> None:
    for address in FOREIGN:
        for place in PLACES:
            css = place.format(loading.format(address))
            with pytest.raises(CssRefused):
                checked_css(css)


@pytest.mark.parametrize("loading", LOADING)
def test_an_address_of_this_site_is_taken_in_all_those_places(loading: str) -> None:
    for place in PLACES:
        assert checked_css(place.format(loading.format("/media/0123456789ab/a.png")))


REFUSED = [
    ("@import '/static/x.css';", Reason.RULE),
    ("@import url(/static/x.css);", Reason.RULE),
    ("@IMPORT '/x';", Reason.RULE),
    ("@\\69mport '/x';", Reason.RULE),
    ("@\\69 mport '/x';", Reason.RULE),
    ("@i\\6D port '/x';", Reason.RULE),
    ("@im\\port '/x';", Reason.RULE),
    ("@import/**/'/x';", Reason.RULE),
    ("/**/@import '/x';", Reason.RULE),
    ("<!-- @import '/x'; -->", Reason.RULE),
    ("a { color: red } @import '/x';", Reason.RULE),
    ("@media print { @import '/x'; }", Reason.RULE),
    ("a { @import '/x'; }", Reason.RULE),
    ("a { --x: @import '/x' }", Reason.RULE),
    ("@layer x { @\\49MPORT '/x'; }", Reason.RULE),
    ("\ufeff@import '/x';", Reason.RULE),
    ("@charset 'utf-8';", Reason.RULE),
    ("@namespace svg url(http://www.w3.org/2000/svg);", Reason.RULE),
    ("@nam\\65 space 'x';", Reason.RULE),
    ("a { width: expression(alert(1)) }", Reason.ACTIVE),
    ("a { width: \\65 xpression(alert(1)) }", Reason.ACTIVE),
    ("a { width: EXPRESSION (alert(1)) }", Reason.ACTIVE),
    ("a { --x: expr\\65ssion(1) }", Reason.ACTIVE),
    ("a { -moz-binding: url(/media/0123456789ab/x.xml#x) }", Reason.ACTIVE),
    ("a { -moz-bindin\\67 : none }", Reason.ACTIVE),
    ("a { behavior: url(/static/x.htc) }", Reason.ACTIVE),
    ("a { BEHAVIOR: url(/static/x.htc) }", Reason.ACTIVE),
    ("a { filter: progid:DXImageTransform.Microsoft.AlphaImageLoader(src='https://evil.example') }", Reason.ACTIVE),
    ("a { content: '</style><script>' }", Reason.ACTIVE),
    ("a { content: '<\\2fSTYLE>' }", Reason.ACTIVE),
    ("/* </STYLE> */", Reason.ACTIVE),
    ("a { background: image-set(var(--x) 1x) }", Reason.VARIABLE),
    ("a { background: image-set(var(--x, '/media/0123456789ab/a.png') 1x) }", Reason.VARIABLE),
    ("a { background: image-set(attr(data-x type(<string>)) 1x) }", Reason.VARIABLE),
    ("a { background: image-set(env(x) 1x) }", Reason.VARIABLE),
    ("a { background: image-set(--own() 1x) }", Reason.VARIABLE),
    ("a { background: image-set(if(else: '/media/0123456789ab/a.png') 1x) }", Reason.VARIABLE),
    ("a { background: src(var(--x)) }", Reason.VARIABLE),
    ("a { background: url('/media/0123456789ab/a.png' var(--x)) }", Reason.VARIABLE),
    ("a { background: url(/media/0123456789ab/a b.png) }", Reason.SYNTAX),
    ("a { background: url(/media/0123456789ab/(x).png) }", Reason.SYNTAX),
    ("a { background: url(", Reason.ADDRESS),
    ("a { background: url('", Reason.VARIABLE),
    ("a { background: url(/media/0123456789ab/a.png", Reason.SYNTAX),
    ("a { content: 'x", Reason.SYNTAX),
    ("a { content: 'x\n' }", Reason.SYNTAX),
    ("a { color: red }}", Reason.SYNTAX),
    ("a { color: red ) }", Reason.SYNTAX),
    ("a { color red }", Reason.SYNTAX),
    ("a { color: red; b }", Reason.SYNTAX),
    ("a, b", Reason.SYNTAX),
    ("color: red", Reason.SYNTAX),
    ("@media print { a { color } }", Reason.SYNTAX),
    ("a " + "{ b " * (DEEPEST + 1) + "{}" + "}" * (DEEPEST + 1), Reason.DEPTH),
    ("a { b: " + "(" * 11 + ")" * 11 + " }", Reason.DEPTH),
    ("a { b: " + "calc(" * 11 + ")" * 11 + " }", Reason.DEPTH),
    ("(" * 10_000, Reason.DEPTH),
    ("{" * LONGEST, Reason.DEPTH),
    ("[" * 5000 + "]" * 5000, Reason.DEPTH),
    ("a{b:" + "f(" * 9000, Reason.DEPTH),
    ("a" * (LONGEST + 1), Reason.LENGTH),
]


@pytest.mark.parametrize(("css", "reason"), REFUSED, ids=[css[:40] for css, _reason in REFUSED])
def test_what_is_not_allowed_is_refused_with_its_reason(css: str, reason: Reason) -> None:
    with pytest.raises(CssRefused) as refused:
        checked_css(css)
    assert refused.value.reason == reason


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\f"])
def test_the_line_is_counted_as_people_see_it(end: str) -> None:
    with pytest.raises(CssRefused, match="line 4: @import is not allowed"):
        checked_css(end.join(["/* one", "two */", "a { color: red }", "@import 'x';"]))


def test_the_messages_name_what_to_write() -> None:
    with pytest.raises(CssRefused) as refused:
        checked_css("a {\n  background: url(https://evil.example/" + "x" * 100 + ") }")
    assert str(refused.value) == (
        "line 2: https://evil.example/" + "x" * 39 + "… is not an address of this site; "
        "use /media/…, /static/… or data:image/…"
    )


def test_as_much_as_fits_is_sent() -> None:
    css = "a { color: red }\n" * (LONGEST // 17)
    assert checked_css(css) == css.strip()


def test_a_block_that_is_left_open_is_closed() -> None:
    assert checked_css("@media print { a { color: red") == "@media print { a { color: red}}"


PIECES = r"""
url( u\72l( https://x.example /media/0123456789ab/a.png ' " ) ( { } [ ] ; : @ import /* */ \ \75 image-set( var( --x
, u+ 4? <!-- --> # - . 1 e3 % ! important behavior </style src( | = * /
"""


@given(st.lists(st.sampled_from([*PIECES.split(), " ", "\n"]), max_size=25).map("".join))
def test_nothing_that_is_sent_loads_from_elsewhere(css: str) -> None:
    try:
        sent = checked_css(css)
    except CssRefused:
        return
    assert checked_css(sent) == sent
    tokens = list(tinycss2.parse_component_value_list(sent))
    while tokens:
        token = tokens.pop()
        assert token.type != "error"
        assert token.type != "url" or token.value.startswith("/media/")
        assert token.type != "at-keyword" or token.lower_value != "import"
        tokens += getattr(token, "content", None) or getattr(token, "arguments", None) or []
