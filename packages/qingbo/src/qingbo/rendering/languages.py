"""Detects the language of a text by its script, for screen readers, hyphenation and fonts."""

from qingbo.patterns import pattern

NAMES = {
    "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English", "ja": "日本語", "ko": "한국어", "de": "Deutsch",
    "es": "Español", "fr": "Français", "pt": "Português", "ru": "Русский", "vi": "Tiếng Việt",
}  # fmt: skip
"""Languages that authors can choose, by BCP 47 tag, each in its own language."""

_SCRIPTS = (
    ("ja", pattern("[\u3041-\u30ff]")),
    ("ko", pattern("[\uac00-\ud7a3]")),
    ("ru", pattern("[\u0400-\u04ff]")),
)
_HAN = pattern("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN = pattern(r"[^\W\d_]")
_SHARE = 0.15
"""A Chinese text may contain English words; this share of Chinese characters makes it Chinese."""


def language_of(text: str) -> str:
    """Return the language tag for the script of a text, or an empty string."""
    letters = len(_LATIN.findall(text))
    if not letters:
        return ""
    for tag, script in _SCRIPTS:
        if len(script.findall(text)) > letters * _SHARE:
            return tag
    return "zh-Hans" if len(_HAN.findall(text)) > letters * _SHARE else "en"
