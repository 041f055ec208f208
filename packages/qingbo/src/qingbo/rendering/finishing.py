"""Final changes of sanitized HTML: keyboard access, labels for screen readers, and emphasis in Chinese."""

import re

HAN = r"\u2e80-\u2fff\u3005-\u3007\u3021-\u30ff\u3100-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Characters that are not set in italics: emphasis dots are shown below them instead (CLREQ 3.4.1)."""

_EMPHASIS = re.compile(r"<em>((?:(?!</?em>).)*+)</em>", re.DOTALL)
_HAN = re.compile(f"[{HAN}]")
_BETWEEN_TAGS = re.compile(r"(<[^>]*+>|&[#\w]++;)")
_OTHER = rf"[^{HAN}\s\u3000-\u303f\uff00-\uffef—…“”‘’·]++"
_LATIN = re.compile(rf"{_OTHER}(?: ++{_OTHER})*+")
_BLOCK = "blockquote|d[ltd]|div|figure|h[1-6]|hr|li|ol|p|pre|section|t[drh]|table|ul"
_TASK = re.compile(
    r'(<li class="task-list-item">)\s*(<input class="task-list-item-checkbox"[^>]*+>) ?(<p>)?'
    rf"((?:(?!\n?</?(?:{_BLOCK})\b).)*+)",
    re.DOTALL,
)


def finished(html: str) -> str:
    """Return the HTML of a text as pages show it.

    Code and tables that may be wider than the page can be focused with the keyboard (WCAG 2.1.1), task checkboxes get a
    label (WCAG 1.3.1), and emphasised Chinese is distinguished from Latin letters.
    """
    html = html.replace("<pre>", '<pre tabindex="0">')
    html = html.replace("<table>", '<table tabindex="0">')
    html = _TASK.sub(r"\1\3<label>\2 \4</label>", html) if "task-list-item-checkbox" in html else html
    return _EMPHASIS.sub(_emphasised, html)


def _emphasised(found: re.Match[str]) -> str:
    words = found[1]
    if not _HAN.search(words):
        return found[0]
    parts = _BETWEEN_TAGS.split(words)
    parts[::2] = [_LATIN.sub(r'<span class="latin">\g<0></span>', part) for part in parts[::2]]
    return f'<em class="han">{"".join(parts)}</em>'
